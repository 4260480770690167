// Waiting clients: tokens are good once, slots come back, and the query is what it was.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "serve/deferrals.h"

static const struct hash_key secret = {{5, 6}};

static void test_a_token_is_good_once(void **state)
{
    (void)state;
    struct deferrals *deferrals = deferrals_open();
    uint64_t first, second;
    struct deferral *deferral = deferrals_add(deferrals, &first);
    assert_non_null(deferral);
    assert_int_not_equal(first, 0);
    assert_int_equal(deferrals_count(deferrals), 1);
    assert_ptr_equal(deferrals_take(deferrals, first), deferral);
    assert_null(deferrals_take(deferrals, first));
    assert_ptr_equal(deferrals_add(deferrals, &second), deferral); // the slot, under a new name
    assert_int_not_equal(first, second);
    assert_null(deferrals_take(deferrals, first));
    assert_null(deferrals_take(deferrals, 0));
    assert_null(deferrals_take(deferrals, second + 1));
    assert_non_null(deferrals_take(deferrals, second));
    deferrals_close(deferrals);
}

static void test_all_slots(void **state)
{
    (void)state;
    struct deferrals *deferrals = deferrals_open();
    static uint64_t tokens[WAITERS_MAX];
    uint64_t more;
    for (unsigned i = 0; i < WAITERS_MAX; i++)
        assert_non_null(deferrals_add(deferrals, &tokens[i]));
    assert_null(deferrals_add(deferrals, &more));
    for (unsigned i = 0; i < WAITERS_MAX; i++)
        assert_non_null(deferrals_take(deferrals, tokens[i]));
    assert_int_equal(deferrals_count(deferrals), 0);
    assert_non_null(deferrals_add(deferrals, &more));
    deferrals_close(deferrals);
}

static void test_the_query_is_what_it_was(void **state)
{
    (void)state;
    static const uint8_t packet[] = "\x12\x34\x01\x10\0\1\0\0\0\0\0\1\3WwW\7example\0\0\34\0\1"
                                    "\0\0\51\4\320\0\0\200\0\0\0";
    struct query query = {.over_stream = false}, again = {.over_stream = false};
    struct deferrals *deferrals = deferrals_open();
    uint8_t room[HEADER_SIZE + NAME_OCTETS_MAX + 4];
    uint64_t token;
    assert_int_equal(query_decode(packet, sizeof packet - 1, &secret, &query), QUERY_OK);
    struct deferral *deferral = deferrals_add(deferrals, &token);
    deferral_keep(deferral, &query, packet);
    deferral_query(deferral, &secret, room, &again);
    assert_int_equal(again.id, 0x1234);
    assert_int_equal(again.flags, query.flags);
    assert_int_equal(again.type, 28);
    assert_int_equal(again.class, 1);
    assert_int_equal(again.question_end, query.question_end);
    assert_memory_equal(room, packet, query.question_end);
    assert_memory_equal(again.name.wire, query.name.wire, query.name.size); // in its case
    assert_true(again.edns.present && again.edns.dnssec_ok);
    assert_int_equal(again.edns.payload, 1232);
    assert_int_equal(again.key.hash[2], query.key.hash[2]);
    deferrals_close(deferrals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_token_is_good_once),
        cmocka_unit_test(test_all_slots),
        cmocka_unit_test(test_the_query_is_what_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
