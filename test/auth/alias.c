// ALIAS records: answered from what is kept of their targets, as long as that is good.
#include "asking.h"

#include <stdlib.h>

// What is known of a target: one address, or that there is none.
static void put_flat(struct flat_target *target, enum flat_type type, enum flat_state state,
                     uint32_t expires_s)
{
    struct flat *flat = calloc(1, sizeof *flat + 8);
    assert_non_null(flat);
    flat->state = state;
    flat->expires_s = expires_s;
    flat->stale_s = expires_s + 50;
    flat->rrset = (struct rrset){.type = TYPE_A, .count = 1, .words = 5};
    memcpy(flat->rrset.body, "\0\4\300\0\2\7", 6);
    flat_target_set(target, type, flat);
}

static void test_alias(void **state)
{
    static const char *const names[] = {"a.test.", "b.test.", "c.test."};
    struct flat_target **targets = malloc(3 * sizeof *targets);
    struct world world;
    (void)state;
    world_of(&world, "example.",
             APEX "@ ALIAS a.test.\nwww 60 ALIAS a.test.\nnone ALIAS b.test.\n"
                  "unknown ALIAS c.test.\nelse ALIAS d.test.\n*.w ALIAS a.test.\n"
                  "to CNAME www\n");
    for (unsigned i = 0; i < 3; i++)
        targets[i] = flat_target_make(name_of(names[i]), &test_secret);
    put_flat(targets[0], FLAT_A, FLAT_RECORDS, 1100);
    put_flat(targets[1], FLAT_A, FLAT_NXDOMAIN, 1100);
    put_flat(targets[0], FLAT_AAAA, FLAT_NODATA, 1100);
    struct flats *flats = flats_make(targets, 3, &test_secret);
    world.options.flats = flats;
    world.worker.now_s = 1000;
    assert_answer(&world, "example. A", "NOERROR aa flattened\nan example. 100 A 192.0.2.7\n");
    assert_answer(&world, "www.example. A", // no longer than its own TTL
                  "NOERROR aa flattened\nan www.example. 60 A 192.0.2.7\n");
    assert_answer(&world, "q.w.example. A",
                  "NOERROR aa flattened\nan q.w.example. 60 A 192.0.2.7\n");
    assert_answer(&world, "to.example. A",
                  "NOERROR aa flattened\nan to.example. 60 CNAME www.example.\n"
                  "an www.example. 60 A 192.0.2.7\n");
#define SOA_LINE "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
    assert_answer(&world, "www.example. AAAA", "NOERROR aa nodata\n" SOA_LINE);
    assert_answer(&world, "none.example. A", "NOERROR aa nodata\n" SOA_LINE);
    assert_answer(&world, "www.example. TXT", "NOERROR aa nodata\n" SOA_LINE);
    assert_answer(&world, "unknown.example. A", "SERVFAIL flattened ede 22\n");
    assert_answer(&world, "else.example. A", "SERVFAIL flattened ede 22\n");
    assert_answer(&world, "www.example. ALIAS",
                  "NOERROR aa answer\nan www.example. 60 ALIAS a.test.\n");
    world.worker.now_s = 1099;
    assert_answer(&world, "www.example. A",
                  "NOERROR aa flattened\nan www.example. 1 A 192.0.2.7\n");
    world.worker.now_s = 1100; // its time is over, and nobody has said anything newer
    assert_answer(&world, "www.example. A",
                  "NOERROR aa flattened ede 3\nan www.example. 30 A 192.0.2.7\n");
    world.worker.now_s = 1150;
    assert_answer(&world, "www.example. A", "SERVFAIL flattened ede 22\n");
    world.options.flats = NULL;
    assert_answer(&world, "www.example. A", "SERVFAIL flattened ede 22\n");
    flats_free(flats);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_alias)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
