// tsig_refuse: the unsigned TSIG that answers a key nobody knows (RFC 8945 5.2.1, 5.3.2).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "dns/message.h"
#include "dns/tsig.h"
#include "dns/type.h"

// Header, question "x." SOA, and a TSIG of key "k." with hmac-sha256, a MAC of four octets.
#define TSIG_AT 19
static const uint8_t signed_query[] = "\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01"
                                      "\1x\0\x00\x06\x00\x01"
                                      "\1k\0\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x21"
                                      "\13hmac-sha256\0\x00\x00\x65\x00\x00\x01\x01\x2c\x00\x04"
                                      "\xaa\xbb\xcc\xdd\x12\x34\x00\x00\x00\x00";
#define SIGNED_SIZE (sizeof signed_query - 1)

static void refuses_with_same_key_and_time(void **state)
{
    (void)state;
    uint8_t record[TSIG_UNSIGNED_MAX];
    size_t size = tsig_refuse(signed_query, SIGNED_SIZE, TSIG_AT, TSIG_BADKEY, record);
    const uint8_t expected[] = "\1k\0\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x1d"
                               "\13hmac-sha256\0\x00\x00\x65\x00\x00\x01\x01\x2c\x00\x00"
                               "\x12\x34\x00\x11\x00\x00";
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(record, expected, size);
}

// Each shorter message, with the record's length as it was, is malformed and must not be overread.
static void takes_nothing_that_is_cut(void **state)
{
    (void)state;
    uint8_t record[TSIG_UNSIGNED_MAX];
    for (size_t size = TSIG_AT; size < SIGNED_SIZE; size++) {
        uint8_t *exact = test_malloc(size);
        memcpy(exact, signed_query, size);
        assert_int_equal(tsig_refuse(exact, size, TSIG_AT, TSIG_BADKEY, record), 0);
        test_free(exact);
    }
}

// The longest key and algorithm fill the record exactly.
static void longest_names_fit(void **state)
{
    (void)state;
    uint8_t name[NAME_OCTETS_MAX], query[HEADER_SIZE + 2 * NAME_OCTETS_MAX + 26] = {0};
    for (unsigned i = 0; i < NAME_OCTETS_MAX - 1; i += 2) {
        name[i] = 1;
        name[i + 1] = 'a';
    }
    name[NAME_OCTETS_MAX - 1] = 0;
    uint8_t *at = query + HEADER_SIZE;
    memcpy(at, name, sizeof name);
    bytes_put16(at + sizeof name, TYPE_TSIG);
    bytes_put16(at + sizeof name + 8, NAME_OCTETS_MAX + 16);
    memcpy(at + sizeof name + 10, name, sizeof name);
    uint8_t record[TSIG_UNSIGNED_MAX];
    assert_int_equal(tsig_refuse(query, sizeof query, HEADER_SIZE, TSIG_BADKEY, record),
                     TSIG_UNSIGNED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_same_key_and_time),
        cmocka_unit_test(takes_nothing_that_is_cut),
        cmocka_unit_test(longest_names_fit),
    };
    return cmocka_run_group_tests_name("dns/tsig", tests, NULL, NULL);
}
