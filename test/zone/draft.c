// Drafts: what is changed, what is taken back, and the version that comes of it, beside a plain
// list that is changed in the same way.
#include "from_text.h"

#include "dns/type.h"
#include "zone/draft.h"

static struct record record_of(const char *owner, uint16_t type, uint32_t ttl, const uint8_t *rdata,
                               uint16_t size)
{
    struct name name = name_of(owner);
    return (struct record){.owner = name.wire,
                           .owner_size = name.size,
                           .owner_labels = name.labels,
                           .type = type,
                           .ttl = ttl,
                           .rdata = rdata,
                           .rdata_size = size};
}

static struct record address_of(const char *owner, uint32_t ttl, uint8_t last)
{
    static uint8_t rdata[4][4];
    static unsigned turn;
    uint8_t *octets = rdata[turn++ % 4];
    memcpy(octets, (const uint8_t[]){192, 0, 2, last}, 4);
    return record_of(owner, TYPE_A, ttl, octets, 4);
}

// The draft's new version.
static struct zone *write(struct draft *draft)
{
    struct records records;
    struct report report = {0};
    records_begin(&records, draft->origin);
    draft_write(draft, &records);
    struct zone *zone = zone_make(draft->origin, "", &records, &test_secret, &report);
    records_free(&records);
    assert_int_equal(zone->state, ZONE_SERVED);
    report_free(&report);
    return zone;
}

static void check_counts(struct draft *draft, size_t removed, size_t added)
{
    struct diff diff;
    draft_take(draft, &diff);
    assert_int_equal(diff.removed.count, removed);
    assert_int_equal(diff.added.count, added);
    diff_free(&diff);
}

static void looking(void **state)
{
    (void)state;
    struct zone *zone =
        zone_from_text("example.", APEX "a A 192.0.2.1\na A 192.0.2.2\nx.y A 192.0.2.3\n");
    struct draft draft;
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    assert_int_equal(draft_look(&draft, name_of("A.example."))->count, 2);
    assert_int_equal(draft_count(&draft, name_of("a.example."), TYPE_A), 2);
    assert_int_equal(draft_count(&draft, name_of("a.example."), TYPE_TXT), 0);
    assert_int_equal(draft_look(&draft, name_of("y.example."))->count, 0); // no records
    assert_int_equal(draft_look(&draft, name_of("nix.example."))->count, 0);
    assert_int_equal(diff_serial(draft_soa(&draft)), 7);
    check_counts(&draft, 0, 0);
    draft_free(&draft);
    zone_release(zone);
}

static void changing(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX "a 60 A 192.0.2.1\na 60 A 192.0.2.2\n");
    struct draft draft;
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    struct record there = address_of("a.example.", 60, 1), other = address_of("a.example.", 61, 1),
                  fresh = address_of("b.example.", 5, 9);
    assert_false(draft_add(&draft, &there));
    assert_true(draft_add(&draft, &other)); // both have the new TTL
    check_counts(&draft, 2, 2);
    assert_true(draft_add(&draft, &fresh));
    assert_true(draft_remove(&draft, &there)); // whatever its TTL
    assert_false(draft_remove(&draft, &there));
    draft_set_serial(&draft, 8);
    check_counts(&draft, 2, 2);
    struct zone *after = write(&draft);
    assert_int_equal(after->image.serial, 8);
    assert_int_equal(after->image.head->records, 4);
    zone_release(after);
    assert_int_equal(draft_remove_rrset(&draft, name_of("b.example."), TYPE_A), 1);
    assert_int_equal(draft_remove_rrset(&draft, name_of("b.example."), TYPE_A), 0);
    draft_undo(&draft);
    assert_int_equal(draft_count(&draft, name_of("b.example."), TYPE_A), 1);
    assert_int_equal(diff_serial(draft_soa(&draft)), 8);
    draft_free(&draft);
    zone_release(zone);
}

// Found by fuzz_update: a record that got another TTL and was then taken away is only gone.
static void one_ttl_after_another(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX "a 60 A 192.0.2.1\n");
    struct draft draft;
    struct diff diff;
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    struct record there = address_of("a.example.", 60, 1), other = address_of("a.example.", 61, 2);
    assert_true(draft_add(&draft, &other));
    assert_true(draft_remove(&draft, &there));
    draft_take(&draft, &diff);
    assert_int_equal(diff.removed.count, 1);
    assert_int_equal(diff.removed.list[0].ttl, 60);
    assert_int_equal(diff.added.count, 1);
    assert_int_equal(diff.added.list[0].rdata[3], 2);
    diff_free(&diff);
    draft_free(&draft);
    zone_release(zone);
}

static void owners_of_nsec3(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text(
        "example.",
        APEX "@ NSEC3PARAM 1 0 0 -\n"
             "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
             "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom RRSIG NSEC3 13 2 300 20300101000000 "
             "20200101000000 1 example. AAAA\n");
    struct name owner = name_of("0P9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.");
    struct draft draft;
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    assert_int_equal(draft_look(&draft, owner)->count, 2);
    assert_int_equal(draft_remove_rrset(&draft, owner, TYPE_RRSIG), 1);
    assert_int_equal(draft_remove_rrset(&draft, owner, TYPE_NSEC3), 1);
    struct zone *after = write(&draft);
    assert_int_equal(after->image.head->records, zone->image.head->records - 2);
    zone_release(after);
    draft_free(&draft);
    zone_release(zone);
}

static void a_zone_from_nothing(void **state)
{
    (void)state;
    struct records records;
    struct draft draft;
    records_from_text(&records, "example.", APEX "www A 192.0.2.1\n");
    draft_begin(&draft, name_of("example."), NULL, &test_secret);
    assert_null(draft_soa(&draft));
    for (size_t i = 0; i < records.count; i++)
        assert_true(draft_add(&draft, &records.list[i]));
    records_free(&records);
    struct zone *zone = write(&draft);
    assert_int_equal(zone->image.head->records, 3);
    zone_release(zone);
    draft_free(&draft);
}

// --- beside a plain list -------------------------------------------------------------------------

#define NAMES     12
#define ADDRESSES 4

// [name][address]: the TTL; 0: it is not there.
struct plain {
    uint32_t ttl[NAMES][ADDRESSES];
};

static void owner_of(unsigned name, char text[static 32])
{
    snprintf(text, 32, "%s%u.example.", name % 3 ? "" : "sub.", name);
}

static bool change(struct draft *draft, struct plain *plain, unsigned roll)
{
    unsigned name = roll % NAMES, address = roll / NAMES % ADDRESSES;
    uint32_t ttl = 1 + roll / 64 % 2, *list = plain->ttl[name];
    char owner[32];
    owner_of(name, owner);
    struct record record = address_of(owner, ttl, (uint8_t)address);
    if (roll / 1024 % 3) {
        bool changes = list[address] != ttl;
        assert_int_equal(draft_add(draft, &record), changes);
        list[address] = ttl;
        for (unsigned i = 0; i < ADDRESSES; i++)
            list[i] = list[i] ? ttl : 0;
        return changes;
    }
    assert_int_equal(draft_remove(draft, &record), list[address] != 0);
    bool changes = list[address];
    list[address] = 0;
    return changes;
}

static void check_plain(struct draft *draft, const struct plain *plain)
{
    size_t records = 2;
    char owner[32];
    for (unsigned name = 0; name < NAMES; name++) {
        size_t count = 0;
        for (unsigned i = 0; i < ADDRESSES; i++)
            count += plain->ttl[name][i] != 0;
        owner_of(name, owner);
        assert_int_equal(draft_count(draft, name_of(owner), TYPE_A), count);
        records += count;
    }
    struct zone *zone = write(draft);
    assert_int_equal(zone->image.head->records, records);
    zone_release(zone);
}

static void as_a_plain_list(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX);
    struct plain plain = {0}, before = {0};
    struct draft draft;
    uint64_t seed = 1;
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        (void)change(&draft, &plain, (unsigned)(seed >> 40));
        if (seed >> 60 == 0) {
            draft_undo(&draft);
            plain = before;
        } else if (seed >> 60 == 1) {
            struct diff diff;
            draft_take(&draft, &diff);
            diff_free(&diff);
            before = plain;
        }
        if (i % 200 == 0)
            check_plain(&draft, &plain);
        if (i % 1000 == 0) { // go on from an image
            struct diff diff;
            draft_take(&draft, &diff);
            diff_free(&diff);
            before = plain;
            struct zone *after = write(&draft);
            draft_free(&draft);
            zone_release(zone);
            zone = after;
            draft_begin(&draft, zone->origin, &zone->image, &test_secret);
        }
    }
    check_plain(&draft, &plain);
    draft_free(&draft);
    zone_release(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looking),
        cmocka_unit_test(changing),
        cmocka_unit_test(one_ttl_after_another),
        cmocka_unit_test(owners_of_nsec3),
        cmocka_unit_test(a_zone_from_nothing),
        cmocka_unit_test(as_a_plain_list),
    };
    return cmocka_run_group_tests_name("zone/draft", tests, NULL, NULL);
}
