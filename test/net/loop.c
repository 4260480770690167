// The loop: tags come back as they were given, the bell rings once, trouble is told as readiness.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"

static void test_tags(void **state)
{
    (void)state;
    static const struct loop_tag tags[] = {
        {1, 0, 0},
        {255, LOOP_GENERATION_MASK, UINT32_MAX},
        {7, 1, 0x80000000u},
    };
    struct loop loop;
    assert_int_equal(loop_open(&loop), 0);
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        int ends[2];
        uint32_t ready;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        assert_int_equal(loop_add(&loop, ends[0], EPOLLIN, tags[i]), 0);
        assert_int_equal(loop_wait(&loop, 0), 0);
        assert_int_equal(write(ends[1], "x", 1), 1);
        assert_int_equal(loop_wait(&loop, 1000), 1);
        struct loop_tag tag = loop_event(&loop, 0, &ready);
        assert_int_equal(tag.kind, tags[i].kind);
        assert_int_equal(tag.generation, tags[i].generation);
        assert_int_equal(tag.index, tags[i].index);
        assert_int_equal(ready, EPOLLIN);
        loop_change(&loop, ends[0], EPOLLOUT, tags[i]);
        assert_int_equal(loop_wait(&loop, 1000), 1);
        loop_event(&loop, 0, &ready);
        assert_int_equal(ready, EPOLLOUT);
        loop_remove(&loop, ends[0]);
        assert_int_equal(loop_wait(&loop, 0), 0);
        close(ends[0]);
        close(ends[1]);
    }
    loop_close(&loop);
}

static void test_trouble(void **state)
{
    (void)state;
    struct loop loop;
    int ends[2];
    uint32_t ready;
    assert_int_equal(loop_open(&loop), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(loop_add(&loop, ends[0], EPOLLIN, (struct loop_tag){.kind = 1}), 0);
    close(ends[1]);
    assert_int_equal(loop_wait(&loop, 1000), 1);
    loop_event(&loop, 0, &ready);
    assert_true(ready & EPOLLIN && ready & EPOLLOUT);
    close(ends[0]);
    loop_close(&loop);
}

static void *ring(void *loop)
{
    usleep(50000);
    loop_ring(loop);
    return NULL;
}

static void test_bell(void **state)
{
    (void)state;
    struct loop loop;
    assert_int_equal(loop_open(&loop), 0);
    for (int i = 0; i < 1000; i++)
        loop_ring(&loop);
    assert_int_equal(loop_wait(&loop, 1000), 1);
    assert_int_equal(loop_event(&loop, 0, NULL).kind, LOOP_BELL);
    assert_int_equal(loop_wait(&loop, 0), 0);

    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ring, &loop), 0);
    assert_int_equal(loop_wait(&loop, 10000), 1);
    pthread_join(thread, NULL);
    loop_close(&loop);
}

static void test_bad_descriptor(void **state)
{
    (void)state;
    struct loop loop;
    assert_int_equal(loop_open(&loop), 0);
    assert_int_equal(loop_add(&loop, -1, EPOLLIN, (struct loop_tag){.kind = 1}), -EBADF);
    loop_close(&loop);
    loop_close(&loop); // closing twice is fine
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_bell),
        cmocka_unit_test(test_bad_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
