// What ALIAS records lead to, with a main thread without workers: targets gathered from zones and
// routes, those of our own zones answered at once, the others told why they are not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "../zone/from_text.h"
#include "base/clock.h"
#include "base/epoch.h"
#include "base/memory.h"
#include "built.h"
#include "daemon/commands_aliases.h"
#include "daemon/daemon.h"

static struct daemon *main_thread;

static struct house *house_of(const char *config, const char *zone)
{
    struct house *house = house_make(built_options(config));
    for (size_t i = 0; i < house->options->zone_count; i++)
        house->zones[i].zone = zone_from_text("a.test.", zone);
    house_route(house, NULL, &main_thread->state.hash);
    house_finish(house, &main_thread->state.hash, &built_cookies);
    flattening_replace(main_thread, house);
    return house;
}

static void move_in(struct house *house)
{
    struct house *old = atomic_exchange(&main_thread->current, house);
    if (old)
        house_free(old);
}

static const struct flat *flat_of(const char *text, enum flat_type type)
{
    const struct flat_target *target = flats_find(daemon_house(main_thread)->flats, name_of(text));
    assert_non_null(target);
    return flat_target_get(target, type);
}

static const char *words_of(const char *text)
{
    for (size_t i = 0; i < main_thread->flattening.count; i++)
        if (name_equal(main_thread->flattening.targets[i].flat->name, name_of(text)))
            return main_thread->flattening.targets[i].types[FLAT_A].words;
    return "nobody's target";
}

#define ZONE APEX "www 100 A 192.0.2.1\n@ ALIAS www\nb ALIAS WWW\nn ALIAS none\no ALIAS x.out.\n"

static void test_targets(void **state)
{
    (void)state;
    move_in(house_of("zones: {a.test: {file: a, routes: {r: {ALIAS: [{give: [y.out., www]}]}}}}\n",
                     ZONE));
    assert_int_equal(main_thread->flattening.count, 4); // www, none, x.out., y.out.
    assert_null(flat_of("www.a.test.", FLAT_A));
    uint64_t now_ms = clock_now_ms();
    assert_int_equal(flattening_rest(&main_thread->flattening, now_ms), 0);
    flattening_step(main_thread, now_ms);
    const struct flat *flat = flat_of("www.a.test.", FLAT_A);
    assert_int_equal(flat->state, FLAT_RECORDS);
    assert_memory_equal(rrset_rdata(flat->rrset.body), "\300\0\2\1", 4);
    assert_true(flat->expires_s >= now_ms / 1000 + 99 && flat->expires_s <= now_ms / 1000 + 101);
    assert_int_equal(flat_of("www.a.test.", FLAT_AAAA)->state, FLAT_NODATA);
    assert_int_equal(flat_of("none.a.test.", FLAT_A)->state, FLAT_NXDOMAIN);
    assert_null(flat_of("x.out.", FLAT_A));
    assert_string_equal(words_of("x.out."), "names of others are not resolved here "
                                            "(resolve.default)");
    int rest_ms = flattening_rest(&main_thread->flattening, clock_now_ms());
    assert_true(rest_ms > 3000 && rest_ms <= ALIAS_AGAIN_MS);

    // A reload: what both have is known, what our zone says now is looked at, the rest goes.
    move_in(house_of("zones: {a.test: {file: a}}\n",
                     APEX "www 100 A 192.0.2.2\n@ ALIAS www\nz ALIAS z.out.\n"));
    assert_int_equal(main_thread->flattening.count, 2);
    assert_memory_equal(rrset_rdata(flat_of("www.a.test.", FLAT_A)->rrset.body), "\300\0\2\1", 4);
    flattening_step(main_thread, clock_now_ms());
    assert_memory_equal(rrset_rdata(flat_of("www.a.test.", FLAT_A)->rrset.body), "\300\0\2\2", 4);
}

static void test_command(void **state)
{
    struct control_client *client = &main_thread->control.clients[0];
    static char text[8192];
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client->fd = pair[0];
    client->stage = CONTROL_WORKING;
    assert_int_equal(loop_add(&main_thread->loop, pair[0], EPOLLIN, (struct loop_tag){.kind = 2}),
                     0);
    json_t *request = json_object();
    command_run_aliases(main_thread, client, request);
    json_decref(request);
    ssize_t size = read(pair[1], text, sizeof text - 1);
    json_t *reply = json_loadb(text, size > 0 ? (size_t)size : 0, JSON_DISABLE_EOF_CHECK, NULL);
    json_t *targets = json_object_get(reply, "targets");
    assert_int_equal(json_array_size(targets), 4); // two names, two types
    json_t *first = json_array_get(targets, 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "z.out.");
    assert_string_equal(json_string_value(json_object_get(first, "state")), "unknown");
    json_t *third = json_array_get(targets, 2);
    assert_string_equal(json_string_value(json_object_get(third, "state")), "known");
    assert_string_equal(json_string_value(json_array_get(json_object_get(third, "addresses"), 0)),
                        "192.0.2.2");
    json_decref(reply);
    close(pair[1]);
}

// Without targets nothing is to be done.
static void test_none(void **state)
{
    (void)state;
    move_in(house_of("zones: {a.test: {file: a}}\n", APEX));
    assert_int_equal(main_thread->flattening.count, 0);
    assert_int_equal(flattening_rest(&main_thread->flattening, clock_now_ms()), -1);
    flattening_step(main_thread, clock_now_ms());
}

static int set_up(void **state)
{
    (void)state;
    main_thread = memory_get_zeroed(1, sizeof *main_thread);
    main_thread->state.hash = test_secret;
    main_thread->worker_count = 1; // none of whom is asked anything
    main_thread->control.fd = -1;
    assert_int_equal(loop_open(&main_thread->loop), 0);
    return control_attach(&main_thread->control, &main_thread->loop, 1, 2);
}

static int tear_down(void **state)
{
    (void)state;
    control_close(&main_thread->control);
    loop_close(&main_thread->loop);
    flattening_free(&main_thread->flattening);
    move_in(NULL);
    epoch_drain();
    free(main_thread);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
