// Connections: messages in pieces, replies to those that are still there, room for new ones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/streams.h"

#define KIND 3

struct world {
    struct loop loop;
    struct streams streams;
};

static void begin(struct world *world)
{
    assert_int_equal(loop_open(&world->loop), 0);
    streams_open(&world->streams, &world->loop, KIND);
}

static void end(struct world *world)
{
    streams_close(&world->streams);
    loop_close(&world->loop);
}

// The client's end.
static int add(struct world *world, uint32_t server)
{
    int pair[2];
    struct address client = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    streams_add(&world->streams, pair[0], server, &client);
    return pair[1];
}

static struct loop_tag wait_for(struct world *world)
{
    assert_int_equal(loop_wait(&world->loop, 5000), 1);
    struct loop_tag tag = loop_event(&world->loop, 0, NULL);
    assert_int_equal(tag.kind, KIND);
    return tag;
}

static void test_messages(void **state)
{
    (void)state;
    static struct world world;
    struct stream_message message;
    begin(&world);
    int client = add(&world, 7);
    // Two messages and a part of the third, then its rest octet by octet.
    assert_int_equal(write(client, "\0\2ab\0\0\0\3x", 9), 9);
    struct stream *stream = streams_begin(&world.streams, wait_for(&world));
    assert_non_null(stream);
    assert_int_equal(stream->server, 7);
    assert_true(streams_next(stream, &message));
    assert_int_equal(message.size, 2);
    assert_memory_equal(message.octets, "ab", 2);
    assert_true(streams_next(stream, &message));
    assert_int_equal(message.size, 0);
    assert_false(streams_next(stream, &message));
    streams_end(stream);
    for (const char *at = "yz"; *at; at++) {
        assert_int_equal(write(client, at, 1), 1);
        assert_ptr_equal(streams_begin(&world.streams, wait_for(&world)), stream);
        assert_int_equal(streams_next(stream, &message), at[1] == 0);
        if (at[1] == 0)
            assert_memory_equal(message.octets, "xyz", 3);
        streams_end(stream);
    }
    struct loop_tag tag = {.kind = KIND,
                           .generation = stream->generation,
                           .index = streams_index(&world.streams, stream)};
    assert_true(streams_write(&world.streams, tag, (const uint8_t *)"reply", 5));
    char got[7];
    assert_int_equal(read(client, got, 7), 7);
    assert_memory_equal(got, "\0\5reply", 7);
    close(client);
    assert_null(streams_begin(&world.streams, wait_for(&world)));
    assert_false(streams_write(&world.streams, tag, (const uint8_t *)"late", 4));
    end(&world);
}

// A message that has no room ends its connection.
static void test_too_long(void **state)
{
    (void)state;
    static struct world world;
    struct stream_message message;
    static uint8_t octets[3 + SLOT_OCTETS] = {0xff, 0xff};
    begin(&world);
    int client = add(&world, 0);
    assert_int_equal(write(client, octets, sizeof octets), sizeof octets);
    struct stream *stream = streams_begin(&world.streams, wait_for(&world));
    assert_non_null(stream);
    assert_false(streams_next(stream, &message));
    streams_end(stream);
    assert_null(streams_begin(&world.streams, wait_for(&world)));
    assert_int_equal(read(client, octets, 1), -1); // reset: it had octets that nobody read
    close(client);
    end(&world);
}

// Who takes no reply is cut off.
static void test_stalled(void **state)
{
    (void)state;
    static struct world world;
    static uint8_t reply[MESSAGE_MAX];
    begin(&world);
    int client = add(&world, 0);
    struct loop_tag tag = {.kind = KIND};
    unsigned written = 0;
    while (streams_write(&world.streams, tag, reply, sizeof reply))
        written++;
    assert_in_range(written, 1, 1000);
    assert_int_equal(world.streams.slots[0].fd, -1);
    close(client);
    end(&world);
}

// At the limit the one that was not used for the longest time goes.
static void test_room(void **state)
{
    (void)state;
    static struct world world;
    begin(&world);
    // No descriptors needed: places that look taken, the second one the oldest.
    int clients[2] = {add(&world, 0), add(&world, 1)};
    assert_int_equal(write(clients[0], "x", 1), 1);
    assert_non_null(streams_begin(&world.streams, wait_for(&world)));
    uint32_t generation = world.streams.slots[1].generation;
    for (unsigned i = 2; i < LAB_STREAMS_MAX; i++) {
        world.streams.slots[i].fd = dup(clients[0]);
        if (world.streams.slots[i].fd < 0) {
            print_message("skipped: not %d descriptors here\n", LAB_STREAMS_MAX);
            skip();
        }
        world.streams.slots[i].used = 1000;
    }
    int third = add(&world, 9);
    assert_int_equal(world.streams.slots[1].server, 9);
    assert_int_equal(world.streams.slots[1].generation, generation + 1);
    char octet;
    assert_int_equal(read(clients[1], &octet, 1), 0);
    close(third);
    close(clients[0]);
    close(clients[1]);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
