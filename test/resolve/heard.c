// Replies read into a table; malformed ones refused.
#include "replies.h"

static void test_table_of_records(void **state)
{
    (void)state;
    const struct heard *heard =
        reply_of(&(struct reply_text){FLAG_AA | RCODE_NXDOMAIN,
                                      "www.x.",
                                      TYPE_A,
                                      {"an60 WWW.x. A 192.0.2.1", "an www.x. A 192.0.2.2",
                                       "au x. NS ns.x.", "ad www.x. A 192.0.2.3"}});
    assert_int_equal(heard->rcode, RCODE_NXDOMAIN);
    assert_int_equal(heard->count, 4);
    assert_false(heard->has_dname);
    assert_int_equal(heard->records[0].ttl, 60);
    struct heard_wanted wanted = {name_of("www.X."), heard_hash(heard, name_of("www.x.")), TYPE_A,
                                  SECTION_ANSWER};
    const struct heard_record *first = heard_find(heard, NULL, &wanted);
    assert_ptr_equal(first, &heard->records[0]);
    assert_ptr_equal(heard_find(heard, first, &wanted), &heard->records[1]);
    assert_null(heard_find(heard, &heard->records[1], &wanted));
    wanted.section = SECTION_ADDITIONAL;
    assert_ptr_equal(heard_find(heard, NULL, &wanted), &heard->records[3]);
    wanted.type = TYPE_AAAA;
    assert_null(heard_find(heard, NULL, &wanted));
    wanted.type = TYPE_ANY;
    assert_ptr_equal(heard_find(heard, NULL, &wanted), &heard->records[3]);
    uint8_t storage[NAME_OCTETS_MAX];
    assert_name(heard_owner(heard, &heard->records[2], storage), "x.");
}

static struct heard heard;
static uint8_t reply[MESSAGE_MAX];

static void test_every_cut_is_malformed(void **state)
{
    (void)state;
    struct reply_text text = {FLAG_AA, "www.x.", TYPE_A, {"an www.x. A 192.0.2.1"}};
    size_t size = reply_write(&text, reply);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, reply, cut);
        assert_false(heard_read(&heard, exact, cut, &test_secret));
        free(exact);
    }
    assert_true(heard_read(&heard, reply, size, &test_secret));
}

// RFC 2181 8: a TTL with its top bit set is 0.
static void test_ttl_with_top_bit(void **state)
{
    (void)state;
    struct reply_text text = {FLAG_AA, "www.x.", TYPE_A, {"an4294967295 www.x. A 192.0.2.1"}};
    assert_int_equal(reply_of(&text)->records[0].ttl, 0);
}

static size_t put_opt(size_t size, uint32_t ttl)
{
    static const uint8_t opt[] = {0, 0, TYPE_OPT, 4, 208, 0, 0, 0, 0, 0, 0};
    memcpy(reply + size, opt, sizeof opt);
    bytes_put32(reply + size + 5, ttl);
    reply[11]++;
    return size + sizeof opt;
}

static void test_rcode_has_upper_bits(void **state)
{
    (void)state;
    struct reply_text text = {7, "www.x.", TYPE_A, {NULL}};
    size_t size = put_opt(reply_write(&text, reply), 1u << 24);
    assert_true(heard_read(&heard, reply, size, &test_secret));
    assert_int_equal(heard.rcode, RCODE_BADCOOKIE);
    assert_true(heard.edns.present);
    assert_int_equal(heard.count, 0);
    size = put_opt(size, 0); // RFC 6891 6.1.1: not two
    assert_false(heard_read(&heard, reply, size, &test_secret));
}

static void test_too_many_records(void **state)
{
    (void)state;
    struct reply_text text = {FLAG_AA, ".", TYPE_A, {NULL}};
    size_t size = reply_write(&text, reply);
    static const uint8_t record[] = {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1};
    for (unsigned i = 0; i <= HEARD_RECORDS_MAX; i++) {
        bytes_put16(reply + 6, (uint16_t)i);
        assert_true(i == 0 || heard_read(&heard, reply, size, &test_secret) || i > 2048);
        memcpy(reply + size, record, sizeof record);
        size += sizeof record;
    }
    bytes_put16(reply + 6, HEARD_RECORDS_MAX + 1);
    assert_false(heard_read(&heard, reply, size, &test_secret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_of_records), cmocka_unit_test(test_every_cut_is_malformed),
        cmocka_unit_test(test_ttl_with_top_bit), cmocka_unit_test(test_rcode_has_upper_bits),
        cmocka_unit_test(test_too_many_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
