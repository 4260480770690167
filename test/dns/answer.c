// The chosen records: what is in, what is full, and the words for it.
#include "rrsets.h"

#include "dns/answer.h"

static struct answer answer;

static struct answer_rrset entry_of(const char *owner, const struct rrset *rrset)
{
    return (struct answer_rrset){.owner = name_of(owner),
                                 .rrset = rrset,
                                 .ttl = rrset->ttl,
                                 .section = SECTION_ANSWER,
                                 .part = PART_DATA,
                                 .required = true};
}

static void test_begin(void **state)
{
    (void)state;
    memset(&answer, 0xff, sizeof answer);
    answer_begin(&answer);
    assert_int_equal(answer.rcode, RCODE_NOERROR);
    assert_int_equal(answer.reason, REASON_NONE);
    assert_int_equal(answer.ede, EDE_NONE);
    assert_null(answer.ede_text);
    assert_false(answer.authoritative);
    assert_int_equal(answer.count, 0);
    assert_non_null(answer_scratch(&answer, ANSWER_SCRATCH_MAX)); // all of it is there again
}

static void test_has(void **state)
{
    (void)state;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct rrset *same = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    answer_begin(&answer);
    assert_false(answer_has(&answer, name_of("example."), a));
    struct answer_rrset entry = entry_of("Example.", a);
    assert_true(answer_add(&answer, &entry));
    assert_true(answer_has(&answer, name_of("eXAMPLE."), a));
    // A wildcard's RRset under another name is another RRset; so is an equal one elsewhere.
    assert_false(answer_has(&answer, name_of("other.example."), a));
    assert_false(answer_has(&answer, name_of("example."), same));
    free(a);
    free(same);
}

// ANSWER_RRSETS_MAX fit, the next one is not added and hurts nothing.
static void test_most_rrsets(void **state)
{
    (void)state;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct answer_rrset entry = entry_of("example.", a);
    answer_begin(&answer);
    for (unsigned i = 0; i < ANSWER_RRSETS_MAX; i++) {
        entry.ttl = i;
        assert_true(answer_add(&answer, &entry));
    }
    entry.ttl = 77777;
    assert_false(answer_add(&answer, &entry));
    assert_int_equal(answer.count, ANSWER_RRSETS_MAX);
    for (unsigned i = 0; i < ANSWER_RRSETS_MAX; i++)
        assert_int_equal(answer.rrsets[i].ttl, i);
    free(a);
}

// Scratch is enough for CHAIN_MAX of the longest CNAMEs; each piece is aligned and its own.
static void test_scratch(void **state)
{
    (void)state;
    answer_begin(&answer);
    uint8_t *pieces[CHAIN_MAX];
    size_t size = sizeof(struct rrset) + 2 + NAME_OCTETS_MAX;
    for (unsigned i = 0; i < CHAIN_MAX; i++) {
        pieces[i] = answer_scratch(&answer, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 4, 0);
        memset(pieces[i], (int)i, size);
    }
    for (unsigned i = 0; i < CHAIN_MAX; i++) {
        assert_int_equal(pieces[i][0], i);
        assert_int_equal(pieces[i][size - 1], i);
    }
    size_t left = ANSWER_SCRATCH_MAX - answer.scratch_used;
    assert_null(answer_scratch(&answer, left + 1));
    assert_null(answer_scratch(&answer, SIZE_MAX / 2));
    assert_non_null(answer_scratch(&answer, left & ~(size_t)3));
    assert_null(answer_scratch(&answer, 4));
}

static void test_fail(void **state)
{
    (void)state;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct answer_rrset entry = entry_of("example.", a);
    answer_begin(&answer);
    assert_true(answer_add(&answer, &entry));
    answer.authoritative = true;
    answer_fail(&answer, RCODE_SERVFAIL, REASON_NOT_LOADED, EDE_NOT_READY, "text");
    assert_int_equal(answer.rcode, RCODE_SERVFAIL);
    assert_int_equal(answer.reason, REASON_NOT_LOADED);
    assert_int_equal(answer.ede, 14);
    assert_string_equal(answer.ede_text, "text");
    assert_false(answer.authoritative);
    assert_int_equal(answer.count, 0);
    free(a);
}

// Every reason has a word of its own, fit for a log and a label.
static void test_words(void **state)
{
    (void)state;
    for (int i = REASON_NONE; i <= REASON_BAD_QUERY; i++) {
        const char *word = answer_reason_word((enum answer_reason)i);
        assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"), strlen(word));
        assert_true(*word);
        for (int j = REASON_NONE; j < i; j++)
            assert_string_not_equal(word, answer_reason_word((enum answer_reason)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begin),       cmocka_unit_test(test_has),
        cmocka_unit_test(test_most_rrsets), cmocka_unit_test(test_scratch),
        cmocka_unit_test(test_fail),        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
