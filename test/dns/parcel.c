// Answers by value: everything is in the parcel when what it was made from is gone.
#include "rrsets.h"

#include "dns/parcel.h"

static void test_outlives_what_it_was_made_from(void **state)
{
    (void)state;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", NULL);
    struct rrset *mx = rrset_of(TYPE_MX, "10 mail.x.", NULL, NULL);
    size_t a_size = rrset_size(a);
    uint8_t *a_copy = memcpy(malloc(a_size), a, a_size), owner[] = "\3www\1x";
    static struct answer answer, opened;
    static char text[] = "why it is so";
    answer_begin(&answer);
    answer.rcode = RCODE_NXDOMAIN;
    answer.authoritative = true;
    answer.reason = REASON_RESOLVED;
    answer.ede = EDE_STALE_ANSWER;
    answer.ede_text = text;
    assert_true(answer_add(&answer, &(struct answer_rrset){.owner = name_trust(owner),
                                                           .rrset = a,
                                                           .ttl = 7,
                                                           .section = SECTION_ANSWER,
                                                           .part = PART_SIGNED,
                                                           .required = true}));
    assert_true(answer_add(
        &answer,
        &(struct answer_rrset){.owner = NAME_ROOT, .rrset = mx, .section = SECTION_ADDITIONAL}));
    struct parcel *parcel = parcel_make(&answer);
    assert_non_null(parcel);
    memset(a, 0xa5, a_size);
    memset(owner, 0xa5, sizeof owner);
    memset(text, 'x', sizeof text - 1);
    free(a);
    free(mx);
    parcel_open(parcel, &opened);
    assert_int_equal(opened.rcode, RCODE_NXDOMAIN);
    assert_true(opened.authoritative);
    assert_int_equal(opened.reason, REASON_RESOLVED);
    assert_int_equal(opened.ede, EDE_STALE_ANSWER);
    assert_string_equal(opened.ede_text, "why it is so");
    assert_int_equal(opened.count, 2);
    assert_name(opened.rrsets[0].owner, "www.x.");
    assert_int_equal(opened.rrsets[0].ttl, 7);
    assert_int_equal(opened.rrsets[0].part, PART_SIGNED);
    assert_true(opened.rrsets[0].required);
    assert_int_equal(rrset_size(opened.rrsets[0].rrset), a_size);
    assert_memory_equal(opened.rrsets[0].rrset, a_copy, a_size);
    assert_int_equal(opened.rrsets[1].rrset->type, TYPE_MX);
    assert_int_equal(opened.rrsets[1].section, SECTION_ADDITIONAL);
    assert_int_equal(opened.rrsets[1].owner.size, 1);
    free(a_copy);
    free(parcel);
}

static void test_full_and_empty(void **state)
{
    (void)state;
    static struct answer answer, opened;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    answer_begin(&answer);
    while (answer_add(&answer, &(struct answer_rrset){.owner = NAME_ROOT, .rrset = a}))
        ;
    struct parcel *full = parcel_make(&answer);
    assert_non_null(full);
    free(a);
    parcel_open(full, &opened);
    assert_int_equal(opened.count, ANSWER_RRSETS_MAX);
    for (unsigned i = 0; i < opened.count; i++)
        assert_memory_equal(opened.rrsets[i].rrset->body, "\0\4\300\0\2\1", 6);
    free(full);
    answer_begin(&answer);
    struct parcel *empty = parcel_make(&answer);
    assert_non_null(empty);
    parcel_open(empty, &opened);
    assert_int_equal(opened.count, 0);
    assert_null(opened.ede_text);
    free(empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outlives_what_it_was_made_from),
        cmocka_unit_test(test_full_and_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
