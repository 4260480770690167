// Secondaries told by a main thread without workers: which versions are news, what goes out, what
// is an answer, what a reload leaves, and the command that shows it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../zone/from_text.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "built.h"
#include "daemon/commands_notify.h"
#include "daemon/daemon.h"
#include "dns/message.h"

static struct daemon *main_thread;
static int secondary; // a socket
static struct address secondary_address;
static struct address sender;
static uint8_t octets[2048];

static struct zone *zone_with(unsigned serial)
{
    char text[128];
    snprintf(text, sizeof text, "@ 60 SOA ns host %u 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", serial);
    return zone_from_text("a.test.", text);
}

// A house of the one zone a.test with this serial (0: not served), whose `notify` is `remotes`.
static struct house *house_of(const char *remotes, unsigned serial)
{
    char text[512];
    snprintf(text, sizeof text,
             "keys: {k: {alg: hmac-sha256, secret: YSBzZWNyZXQgZm9yIHRlc3Rz}}\n"
             "zones: {a.test: {file: a%s%s}}\n",
             *remotes ? ", notify: " : "", remotes);
    struct house *house = house_make(built_options(text));
    house->zones[0].zone =
        serial ? zone_with(serial) : zone_empty(name_of("a.test."), "a", ZONE_BROKEN, NULL);
    house_route(house, NULL, &main_thread->state.hash);
    return house;
}

static void move_in(struct house *house)
{
    struct house *old = daemon_house(main_thread);
    notifying_replace(main_thread, old, house);
    house_finish(house, &main_thread->state.hash, &built_cookies);
    atomic_store(&main_thread->current, house);
    if (old)
        house_free(old);
}

// The configuration's word for the secondary, with this behind it.
static const char *remote(const char *key)
{
    static char text[128];
    char address[ADDRESS_TEXT_MAX];
    address_print(&secondary_address, address);
    snprintf(text, sizeof text, "\"%s%s\"", address, key);
    return text;
}

// What the secondary hears in the next step; 0: nothing.
static size_t hear(void)
{
    notifying_step(main_thread, clock_now_ms());
    sender = (struct address){.size = sizeof sender.v6};
    ssize_t size =
        recvfrom(secondary, octets, sizeof octets, MSG_DONTWAIT, &sender.any, &sender.size);
    return size > 0 ? (size_t)size : 0;
}

static void say(const uint8_t *reply, size_t size)
{
    assert_int_equal(sendto(secondary, reply, size, 0, &sender.any, sender.size), (ssize_t)size);
    unsigned count = loop_wait(&main_thread->loop, 1000);
    for (unsigned i = 0; i < count; i++) {
        uint32_t ready;
        struct loop_tag tag = loop_event(&main_thread->loop, i, &ready);
        assert_int_equal(tag.kind, DAEMON_NOTICES);
        notifying_take(main_thread, tag);
    }
}

static unsigned flying(void)
{
    return main_thread->notifying.notices.targets[0].flying;
}

static void answer(size_t size, unsigned rcode)
{
    octets[2] |= FLAG_QR >> 8;
    octets[3] = (uint8_t)rcode;
    say(octets, size);
}

static void test_news(void **state)
{
    (void)state;
    move_in(house_of(remote(""), 0));
    assert_int_equal(hear(), 0); // what is not served cannot be had
    move_in(house_of(remote(""), 7));
    size_t size = hear();
    assert_true(size > HEADER_SIZE);
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, octets, size));
    assert_int_equal(message_opcode(message.flags), OPCODE_NOTIFY);
    assert_true(message.flags & FLAG_AA);
    assert_true(message_next(&message, &record) && record.type == TYPE_SOA);
    assert_true(name_equal(record.owner, name_of("a.test.")));
    assert_true(message_next(&message, &record) && record.section == SECTION_ANSWER);
    assert_int_equal(bytes_get32(octets + record.rdata_at + record.rdata_size - 20), 7);
    assert_false(message_next(&message, &record) || message.malformed);
    assert_int_equal(flying(), 1);
    answer(size, RCODE_NOERROR);
    assert_int_equal(flying(), 0);
    assert_int_equal(main_thread->notifying.answered, 1);
    notifying_step(main_thread, clock_now_ms());
    assert_int_equal(main_thread->notifying.sockets[0].fd, -1);
    // The same version is no news, another one is, a broken one is not.
    move_in(house_of(remote(""), 7));
    assert_int_equal(hear(), 0);
    move_in(house_of(remote(""), 6));
    assert_true((size = hear()) > 0);
    answer(size, RCODE_REFUSED);
    assert_int_equal(main_thread->notifying.refused, 1);
    move_in(house_of(remote(""), 0));
    assert_int_equal(hear(), 0);
}

static void test_a_reload_forgets_nobody(void **state)
{
    (void)state;
    move_in(house_of(remote(""), 1));
    assert_true(hear() > 0);
    move_in(house_of(remote(""), 1)); // it has not answered yet
    assert_true(hear() > 0);
    move_in(house_of(remote(" key:k"), 1)); // another one, for who looks at keys
    assert_int_equal(hear(), 0);
    move_in(house_of("", 2));
    assert_int_equal(main_thread->notifying.notices.count, 0);
    assert_int_equal(notifying_want(main_thread, 0), 0);
    move_in(house_of(remote(""), 2));
    assert_int_equal(hear(), 0);
    assert_int_equal(notifying_want(main_thread, 0), 1);
    assert_true(hear() > 0);
}

static void test_what_is_no_answer(void **state)
{
    (void)state;
    move_in(house_of(remote(" key:k"), 1));
    size_t size = hear();
    assert_true(size > 0);
    say(octets, size); // a question
    answer(size, 0);   // signed as the question was
    octets[0] ^= 1;
    answer(size, 0); // another ID
    octets[0] ^= 1;
    octets[2] ^= 4 << 3; // another opcode
    answer(size, 0);
    octets[2] ^= 4 << 3;
    answer(11, 0);
    for (size_t cut = 0; cut < size; cut += 7)
        answer(cut, 0);
    assert_int_equal(flying(), 1);
    assert_int_equal(main_thread->notifying.answered, 0);
}

static void test_signed(void **state)
{
    (void)state;
    move_in(house_of(remote(" key:k"), 1));
    size_t size = hear(), at = 0, signed_at = 0;
    struct message message;
    struct message_record record;
    struct tsig tsig;
    assert_true(message_open(&message, octets, size));
    for (at = message.at; message_next(&message, &record); at = message.at)
        signed_at = at;
    assert_int_equal(record.type, TYPE_TSIG);
    assert_int_equal(tsig_receive(&tsig, daemon_house(main_thread)->server.keys, octets, size,
                                  signed_at, clock_date_s()),
                     TSIG_GOOD);
    octets[2] |= FLAG_QR >> 8;
    bytes_put16(octets + 10, 0);
    size = tsig_append(&tsig, octets, signed_at, clock_date_s());
    say(octets, size);
    assert_int_equal(flying(), 0);
    assert_int_equal(main_thread->notifying.answered, 1);
}

static json_t *run_command(const char *zone)
{
    struct control_client *client = &main_thread->control.clients[0];
    static char text[8192];
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client->fd = pair[0];
    client->stage = CONTROL_WORKING;
    assert_int_equal(
        loop_add(&main_thread->loop, pair[0], EPOLLIN, (struct loop_tag){.kind = DAEMON_CLIENT}),
        0);
    json_t *request = json_object();
    if (zone)
        json_object_set_new(request, "zone", json_string(zone));
    command_run_notify(main_thread, client, request);
    json_decref(request);
    ssize_t size = read(pair[1], text, sizeof text - 1);
    json_t *reply = json_loadb(text, size > 0 ? (size_t)size : 0, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(reply);
    close(pair[1]);
    return reply;
}

static void test_command(void **state)
{
    (void)state;
    move_in(house_of(remote(" key:k"), 1));
    json_t *reply = run_command(NULL);
    json_t *target = json_array_get(json_object_get(reply, "targets"), 0);
    assert_string_equal(json_string_value(json_object_get(target, "key")), "k");
    assert_int_equal(json_integer_value(json_object_get(target, "zones")), 1);
    assert_int_equal(json_integer_value(json_object_get(target, "waiting")), 1);
    assert_false(json_is_true(json_object_get(target, "silent")));
    json_decref(reply);
    reply = run_command("b.test");
    assert_int_equal(json_integer_value(json_object_get(reply, "exit")), 5);
    json_decref(reply);
    assert_true(hear() > 0);
    reply = run_command("A.test");
    target = json_array_get(json_object_get(reply, "targets"), 0);
    assert_int_equal(json_integer_value(json_object_get(target, "flying")), 1);
    json_decref(reply);
    move_in(house_of("", 1));
    reply = run_command("a.test.");
    assert_string_equal(json_string_value(json_object_get(reply, "error")),
                        "the zone has no secondaries to be told");
    json_decref(reply);
    struct buffer text = {0};
    notifying_metrics(&main_thread->notifying, &text);
    assert_non_null(strstr(buffer_text(&text), "\nonym_notify_sent_total 1\n"));
    buffer_free(&text);
}

static int open_thread(void **state)
{
    (void)state;
    main_thread = memory_get_zeroed(1, sizeof *main_thread);
    main_thread->state.hash = test_secret;
    main_thread->control.fd = -1;
    assert_int_equal(loop_open(&main_thread->loop), 0);
    assert_int_equal(
        control_attach(&main_thread->control, &main_thread->loop, DAEMON_CONTROL, DAEMON_CLIENT),
        0);
    assert_true(address_parse("127.0.0.1", 0, &secondary_address));
    secondary = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(secondary, &secondary_address.any, secondary_address.size), 0);
    assert_int_equal(getsockname(secondary, &secondary_address.any, &secondary_address.size), 0);
    return 0;
}

static int close_thread(void **state)
{
    (void)state;
    notifying_close(main_thread);
    house_free(daemon_house(main_thread));
    epoch_drain();
    control_close(&main_thread->control);
    loop_close(&main_thread->loop);
    close(secondary);
    free(main_thread);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_thread, close_thread)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_news),    TEST(test_a_reload_forgets_nobody),
        TEST(test_signed),  TEST(test_what_is_no_answer),
        TEST(test_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
