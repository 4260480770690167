// Who is told of what, and when: one of many, many of one, those who do not answer.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "transfer/notices.h"

static struct notices notices;
static struct notice notice;
static uint64_t now_ms;

static size_t target(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return notices_target(&notices, &address, NOTICE_NO_KEY);
}

static int begin(void **state)
{
    (void)state;
    notices = (struct notices){0};
    now_ms = 5000;
    return 0;
}

static int end(void **state)
{
    (void)state;
    notices_free(&notices);
    return 0;
}

static bool next(void)
{
    struct notice found;
    if (!notices_next(&notices, now_ms, &found))
        return false;
    notice = found;
    return true;
}

static void a_target_is_an_address_and_a_key(void **state)
{
    (void)state;
    struct address address;
    size_t first = target("192.0.2.1");
    assert_int_equal(target("192.0.2.1"), first);
    assert_int_not_equal(target("192.0.2.1:5353"), first);
    assert_int_not_equal(target("2001:db8::1"), first);
    assert_true(address_parse("192.0.2.1", 53, &address));
    assert_int_not_equal(notices_target(&notices, &address, 0), first);
    assert_int_equal(notices.count, 4);
}

static void told_once(void **state)
{
    (void)state;
    size_t to = target("192.0.2.1");
    notices_add(&notices, to, 7);
    notices_add(&notices, to, 7); // named twice
    assert_int_equal(notices.targets[to].zone_count, 1);
    assert_false(next());
    assert_int_equal(notices_rest(&notices, now_ms), -1);
    notices_want(&notices, to, 7);
    notices_want(&notices, to, 7);
    assert_true(notices_is_wanted(&notices, to, 7));
    assert_int_equal(notices_rest(&notices, now_ms), 0);
    assert_true(next());
    assert_int_equal(notice.zone, 7);
    assert_int_equal(notice.target, to);
    assert_true(notices_is_wanted(&notices, to, 7)); // until it has answered
    assert_false(next());
    assert_int_equal(notices_rest(&notices, now_ms), NOTICE_WAIT_MS);
    assert_null(notices_find(&notices, to, (uint16_t)(notice.flight->id + 1)));
    assert_ptr_equal(notices_find(&notices, to, notice.flight->id), notice.flight);
    notices_end(&notices, to, notice.flight);
    assert_false(notices_is_wanted(&notices, to, 7));
    now_ms += 100000;
    assert_false(next());
}

// It changes while the message is on its way: told once more, whatever the answer was meant for.
static void changed_meanwhile(void **state)
{
    (void)state;
    size_t to = target("192.0.2.1");
    notices_add(&notices, to, 1);
    notices_want(&notices, to, 1);
    assert_true(next());
    notices_want(&notices, to, 1);
    notices_want(&notices, to, 1);
    assert_false(next());
    notices_end(&notices, to, notice.flight);
    assert_true(next());
    notices_end(&notices, to, notice.flight);
    assert_false(next());
}

static void later_and_later_and_given_up(void **state)
{
    (void)state;
    size_t to = target("192.0.2.1");
    notices_add(&notices, to, 1);
    notices_want(&notices, to, 1);
    uint64_t wait_ms = NOTICE_WAIT_MS, began_ms = now_ms;
    for (unsigned i = 0; i < NOTICE_TRIES_MAX; i++) {
        assert_true(next());
        assert_non_null(notice.flight);
        assert_int_equal(notices_rest(&notices, now_ms), wait_ms);
        now_ms += wait_ms - 1;
        assert_false(next());
        now_ms++;
        wait_ms *= 2;
    }
    assert_int_equal(now_ms - began_ms, 63000);
    assert_true(next());
    assert_null(notice.flight);
    assert_int_equal(notice.zone, 1);
    assert_true(notice.first_loss);
    assert_true(notices.targets[to].silent);
    assert_false(next());
    assert_int_equal(notices_rest(&notices, now_ms), -1);
    // The next loss is no news; an answer is.
    notices_want(&notices, to, 1);
    for (unsigned i = 0; i <= NOTICE_TRIES_MAX; i++, now_ms += 100000)
        assert_true(next());
    assert_null(notice.flight);
    assert_false(notice.first_loss);
    notices_want(&notices, to, 1);
    assert_true(next());
    notices_end(&notices, to, notice.flight);
    assert_false(notices.targets[to].silent);
}

// A version that came after the last try has all its tries.
static void news_begin_anew(void **state)
{
    (void)state;
    size_t to = target("192.0.2.1");
    notices_add(&notices, to, 1);
    notices_want(&notices, to, 1);
    for (unsigned i = 0; i < NOTICE_TRIES_MAX; i++, now_ms += 100000)
        assert_true(next());
    notices_want(&notices, to, 1);
    assert_true(next());
    assert_non_null(notice.flight);
    assert_int_equal(notice.flight->tries, 1);
}

static void many_zones_take_their_turns(void **state)
{
    (void)state;
    size_t dead = target("192.0.2.1"), quick = target("192.0.2.2");
    static bool told[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        notices_add(&notices, dead, 3 * i);
        notices_add(&notices, quick, 3 * i);
        notices_want(&notices, dead, 3 * i);
        notices_want(&notices, quick, 3 * i);
    }
    unsigned to_dead = 0, to_quick = 0;
    while (next()) {
        if (notice.target == dead) {
            to_dead++;
            continue;
        }
        assert_false(told[notice.zone / 3]);
        told[notice.zone / 3] = true;
        to_quick++;
        notices_end(&notices, quick, notice.flight);
    }
    assert_int_equal(to_dead, NOTICE_FLIGHTS_MAX);
    assert_int_equal(to_quick, 1000);
    assert_int_equal(notices.targets[dead].wanted, 1000 - NOTICE_FLIGHTS_MAX);
    assert_int_equal(notices_rest(&notices, now_ms), NOTICE_WAIT_MS);
    // One that changes all the time keeps no other from its turn.
    size_t busy = target("192.0.2.3");
    notices_add(&notices, busy, 1);
    notices_add(&notices, busy, 2);
    notices_want(&notices, busy, 1);
    notices_want(&notices, busy, 2);
    bool second = false;
    for (unsigned i = 0; i < 4 && !second; i++) {
        assert_true(next());
        assert_int_equal(notice.target, busy);
        second = notice.zone == 2;
        notices_end(&notices, busy, notice.flight);
        notices_want(&notices, busy, 1);
    }
    assert_true(second);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_target_is_an_address_and_a_key),
        TEST(told_once),
        TEST(changed_meanwhile),
        TEST(later_and_later_and_given_up),
        TEST(news_begin_anew),
        TEST(many_zones_take_their_turns),
    };
    return cmocka_run_group_tests_name("transfer/notices", tests, NULL, NULL);
}
