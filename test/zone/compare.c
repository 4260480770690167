// A version that comes record by record in any order, held against another: what differs is what
// diff_make() finds between the two lists.
#include "from_text.h"

#include "base/bytes.h"
#include "dns/type.h"
#include "zone/compare.h"
#include "zone/draft.h"
#include "zone/revive.h"

#define FILLERS 1600 // names that stay, so that an overlay pays

static uint32_t dice = 1;

static unsigned throw(unsigned sides)
{
    dice = dice * 1664525 + 1013904223;
    return (dice >> 8) % sides;
}

// --- two ways to what differs --------------------------------------------------------------------

static void shuffle(struct records *records)
{
    for (size_t i = records->count; i > 1; i--) {
        size_t other = throw((unsigned)i);
        struct record kept = records->list[i - 1];
        records->list[i - 1] = records->list[other];
        records->list[other] = kept;
    }
}

static void same_list(struct records *a, struct records *b)
{
    records_sort(a);
    records_sort(b);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_true(diff_same(&a->list[i], &b->list[i]));
        assert_int_equal(a->list[i].ttl, b->list[i].ttl);
    }
}

// Returns how many records were the same.
static size_t check(const struct zone *old, const struct zone *next)
{
    struct records before, after, coming, other, gone, kept;
    struct diff diff;
    zone_records(old, &test_secret, &before);
    zone_records(next, &test_secret, &after);
    zone_records(next, &test_secret, &coming);
    diff_make(&diff, &before, &after);
    records_begin(&other, old->origin);
    records_begin(&gone, old->origin);
    records_begin(&kept, old->origin);
    shuffle(&coming);
    struct compare *compare = compare_begin(&old->image, &test_secret);
    assert_non_null(compare);
    size_t same = 0;
    for (size_t i = 0; i < coming.count; i++) {
        enum compare_result result = compare_note(compare, &coming.list[i]);
        assert_int_not_equal(result, COMPARE_ODD);
        if (result == COMPARE_OTHER)
            diff_add(&other, &coming.list[i]);
        else
            assert_int_equal(compare_note(compare, &coming.list[i]), COMPARE_SAME); // again
        same += result == COMPARE_SAME;
    }
    compare_put(compare, false, &gone);
    compare_put(compare, true, &kept);
    compare_free(compare);
    same_list(&gone, &diff.removed);
    same_list(&other, &diff.added);
    assert_int_equal(kept.count, same);
    assert_int_equal(same + other.count, after.count);
    assert_int_equal(same + gone.count, before.count);
    diff_free(&diff);
    struct records *all[] = {&before, &after, &coming, &other, &gone, &kept};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        records_free(all[i]);
    return same;
}

// --- lives of zones ------------------------------------------------------------------------------

static struct zone *first_zone(void)
{
    static char text[FILLERS * 64 + 512];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", APEX);
    for (unsigned i = 0; i < FILLERS; i++) // every third one is a delegation, all to one hoster
        at += (size_t)snprintf(
            text + at, sizeof text - at,
            i % 3 ? "f%u 60 A 192.0.2.1\n" : "f%u 60 NS n.Host.\n 60 NS o.Host.\n", i);
    return zone_from_text("example.", text);
}

static void change(struct draft *draft)
{
    char text[32];
    uint8_t address[4] = {192, 0, 2, (uint8_t) throw(3)};
    snprintf(text, sizeof text, "%s%u.example.", throw(2) ? "f" : "new", throw(FILLERS));
    struct name owner = name_of(text);
    bool hoster = throw(4) == 0;
    struct record record = {.owner = owner.wire,
                            .owner_size = owner.size,
                            .owner_labels = owner.labels,
                            .ttl = 60,
                            .type = hoster ? TYPE_NS : TYPE_A,
                            .rdata = hoster ? (const uint8_t *)"\1x\4HOST" : address,
                            .rdata_size = hoster ? 8 : 4};
    const struct draft_name *there = draft_look(draft, owner);
    if (there->count && throw(2))
        draft_remove_rrset(draft, owner, there->list[0].type);
    else if (!there->count || there->list[0].type == record.type)
        (void)draft_add(draft, &record);
}

static struct zone *follow(struct zone *zone, unsigned changes, bool *laid)
{
    struct draft draft;
    struct records records;
    struct report report = {0};
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    for (unsigned i = 0; i < changes; i++)
        change(&draft);
    draft_set_serial(&draft, zone->image.serial + 1);
    struct zone *next = draft_zone(&draft, zone);
    *laid |= next != NULL;
    if (!next) {
        records_begin(&records, draft.origin);
        draft_write(&draft, &records);
        next = zone_make(draft.origin, "", &records, &test_secret, &report);
        records_free(&records);
        report_free(&report);
    }
    draft_free(&draft);
    assert_int_equal(next->state, ZONE_SERVED);
    return next;
}

static void lives(void **state)
{
    (void)state;
    bool laid = false;
    unsigned count = getenv("ONYM_TEST_FULL") ? 200 : 5;
    for (dice = 1; dice <= count; dice++) {
        uint32_t seed = dice;
        struct zone *zone = first_zone();
        for (unsigned version = 0; version < 8; version++) {
            struct zone *next = follow(zone, 1 + throw(version % 4 == 3 ? 900 : 12), &laid);
            assert_true(check(zone, next) > 300);
            assert_true(check(next, zone) > 300);
            zone_release(zone);
            zone = next;
        }
        (void)check(zone, zone);
        zone_release(zone);
        dice = seed;
    }
    assert_true(laid);
}

// --- one at a time -------------------------------------------------------------------------------

static enum compare_result note(struct compare *compare, const char *text)
{
    struct records records;
    static char zone[1024];
    snprintf(zone, sizeof zone, "%s%s\n", APEX, text);
    records_from_text(&records, "example.", zone);
    enum compare_result result = COMPARE_ODD;
    for (size_t i = 0; i < records.count; i++)
        if (records.list[i].owner_labels > 1)
            result = compare_note(compare, &records.list[i]);
    records_free(&records);
    return result;
}

static void what_is_the_same(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text(
        "example.", APEX "a 60 A 192.0.2.1\na 60 A 192.0.2.2\nb 60 CNAME Other.Test.\n"
                         "x.y 60 TXT \"T\"\nc 60 NS n.host.\nd 60 NS n.host.\n");
    struct compare *compare = compare_begin(&zone->image, &test_secret);
    struct records list;
    assert_int_equal(note(compare, "A 60 A 192.0.2.2"), COMPARE_SAME);
    assert_int_equal(note(compare, "b 60 CNAME oTHER.tEST."), COMPARE_SAME); // in other letters
    assert_int_equal(note(compare, "x.y 60 TXT \"t\""), COMPARE_OTHER);      // that is no name
    assert_int_equal(note(compare, "y 60 TXT \"T\""), COMPARE_OTHER);        // exists, has nothing
    assert_int_equal(note(compare, "a 60 A 192.0.2.3"), COMPARE_OTHER);
    assert_int_equal(note(compare, "a 60 TXT x"), COMPARE_OTHER);
    assert_int_equal(note(compare, "no 60 A 192.0.2.1"), COMPARE_OTHER);
    assert_int_equal(note(compare, "a 61 A 192.0.2.1"), COMPARE_ODD);
    assert_int_equal(note(compare, "a 61 A 192.0.2.3"), COMPARE_ODD); // its RRset has 60
    assert_int_equal(note(compare, "d 60 NS n.host."), COMPARE_SAME); // and c's is another
    records_begin(&list, zone->origin);
    compare_put(compare, true, &list);
    assert_int_equal(list.count, 3);
    records_free(&list);
    records_begin(&list, zone->origin);
    compare_put(compare, false, &list);
    assert_int_equal(list.count, 5); // SOA, NS, an address of a, x.y and c
    records_free(&list);
    compare_free(compare);
    zone_release(zone);
}

// A shared RRset of more records than a node has octets.
static void many_of_a_shared_set(void **state)
{
    (void)state;
    struct buffer text = {0};
    char line[64];
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 2 * 60; i++)
        buffer_format(&text, "%s 60 NS n%u.host.\n", i % 2 ? "c" : "d", i / 2);
    struct zone *zone = zone_from_text("example.", buffer_text(&text));
    struct compare *compare = compare_begin(&zone->image, &test_secret);
    unsigned odd = 0;
    for (unsigned i = 0; i < 60; i++) {
        snprintf(line, sizeof line, "d 60 NS n%u.host.", i);
        enum compare_result result = note(compare, line);
        assert_int_not_equal(result, COMPARE_OTHER);
        odd += result == COMPARE_ODD;
    }
    struct records list;
    records_begin(&list, zone->origin);
    compare_put(compare, true, &list);
    assert_int_equal(list.count, 60 - odd);
    records_free(&list);
    compare_free(compare);
    zone_release(zone);
    buffer_free(&text);
}

static void signed_zones_are_not(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text(
        "example.", APEX "@ 60 NSEC example. SOA NS NSEC RRSIG\n@ 60 RRSIG NSEC 8 1 60 "
                         "20300101000000 20200101000000 1 example. AAAA\n");
    assert_null(compare_begin(&zone->image, &test_secret));
    zone_release(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives),
        cmocka_unit_test(what_is_the_same),
        cmocka_unit_test(many_of_a_shared_set),
        cmocka_unit_test(signed_zones_are_not),
    };
    return cmocka_run_group_tests_name("zone/compare", tests, NULL, NULL);
}
