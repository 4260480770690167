// Zones that are changed name by name, beside the same zones built whole: every name is found in
// the same way, and a walk meets the same records.
#include "from_text.h"

#include <stdint.h>

#include "base/arena.h"
#include "dns/type.h"
#include "zone/draft.h"
#include "zone/find.h"
#include "zone/overlay.h"
#include "zone/walk.h"

#define FILLERS 1600 // names that stay, so that an overlay pays

static uint32_t dice = 1;

static unsigned throw(unsigned sides)
{
    dice = dice * 1664525 + 1013904223;
    return (dice >> 8) % sides;
}

// --- what must be the same -----------------------------------------------------------------------

static void same_rrset(const struct rrset *a, const struct rrset *b)
{
    assert_int_equal(rrset_size(a), rrset_size(b));
    assert_memory_equal(a, b, rrset_size(a));
}

static void same_node(const struct image *a, const struct node *of_a, const struct image *b,
                      const struct node *of_b)
{
    assert_int_equal(of_a == NULL, of_b == NULL);
    if (!of_a)
        return;
    if (of_a->rrsets) // of a name without records the letters are those of any name below
        assert_string_equal(node_text(a, of_a), node_text(b, of_b));
    else
        assert_int_equal(strcasecmp(node_text(a, of_a), node_text(b, of_b)), 0);
    assert_int_equal(of_a->flags & ~NODE_SHARED, of_b->flags & ~NODE_SHARED);
    assert_int_equal(of_a->top, of_b->top);
    assert_int_equal(of_a->rrsets, of_b->rrsets);
    if (!of_a->rrsets)
        return;
    const struct rrset *one = node_first_rrset(a, of_a), *other = node_first_rrset(b, of_b);
    same_rrset(one, other);
    for (unsigned i = 1; i < of_a->rrsets; i++) {
        one = node_next_rrset(a, of_a, one);
        other = node_next_rrset(b, of_b, other);
        same_rrset(one, other);
    }
}

static void same_name(const struct image *a, const struct image *b, const char *text)
{
    struct name_key key;
    name_key_make(name_of(text), &test_secret, &key);
    for (unsigned depth = 1; depth <= key.labels; depth++)
        same_node(a, image_find(a, &key, depth), b, image_find(b, &key, depth));
    struct finding one = find_name(a, &test_secret, &key), other = find_name(b, &test_secret, &key);
    assert_int_equal(one.found, other.found);
    same_node(a, one.node, b, other.node);
    same_node(a, one.encloser, b, other.encloser);
}

static void same_walk(const struct image *a, const struct image *b)
{
    struct image_walk one, other;
    image_walk_begin(&one, a);
    image_walk_begin(&other, b);
    while (image_walk_next(&one)) {
        assert_true(image_walk_next(&other));
        assert_true(name_equal(one.owner, other.owner));
        same_rrset(one.rrset, other.rrset);
    }
    assert_false(image_walk_next(&other));
    assert_int_equal(image_records(a), image_records(b));
    assert_int_equal(image_aliases(a), image_aliases(b));
    assert_int_equal(a->serial, b->serial);
    assert_int_equal(a->negative_ttl, b->negative_ttl);
}

// --- zones at random -----------------------------------------------------------------------------

// A tree of few names, so that they meet: cuts, DNAMEs, wildcards and empty names among them.
static const char *some_name(void)
{
    static const char *const labels[] = {"a", "b", "*", "C"};
    static char text[128];
    size_t at = 0;
    unsigned depth = throw(5);
    if (throw(4) == 0)
        return snprintf(text, sizeof text, "f%u.example.", throw(FILLERS)) > 0 ? text : NULL;
    for (unsigned i = 0; i < depth; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s.", labels[throw(4)]);
    snprintf(text + at, sizeof text - at, "example.");
    return text;
}

static const uint8_t *octets(const void *from, size_t size)
{
    static uint8_t room[64][32];
    static unsigned turn;
    uint8_t *to = room[turn++ % 64];
    memcpy(to, from, size);
    return to;
}

static struct record some_record(struct name owner)
{
    struct record record = {
        .owner = owner.wire, .owner_size = owner.size, .owner_labels = owner.labels, .ttl = 60};
    switch (throw(8)) {
    case 0:
        record.type = TYPE_NS;
        record.rdata = octets(throw(2) ? "\1n\7example" : "\1o\7example", 11);
        record.rdata_size = 11;
        break;
    case 1:
        record.type = TYPE_DNAME;
        record.rdata = octets("\1d\4else", 8);
        record.rdata_size = 8;
        break;
    case 2:
        record.type = TYPE_ALIAS;
        record.rdata = octets("\1d\4else", 8);
        record.rdata_size = 8;
        break;
    default:
        record.type = TYPE_A;
        record.rdata = octets((const uint8_t[]){192, 0, 2, (uint8_t) throw(4)}, 4);
        record.rdata_size = 4;
    }
    return record;
}

static void change(struct draft *draft)
{
    struct name owner = name_of(some_name());
    const struct draft_name *there = draft_look(draft, owner);
    if (owner.labels == 1) {
        struct record record = some_record(owner);
        if (record.type == TYPE_A)
            (void)draft_add(draft, &record);
    } else if (there->count && throw(3)) {
        struct record record = there->list[throw((unsigned)there->count)];
        (void)draft_remove(draft, &record);
    } else {
        struct record record = some_record(owner);
        if (record.type == TYPE_DNAME) // a second one is an error
            (void)draft_remove_rrset(draft, owner, TYPE_DNAME);
        (void)draft_add(draft, &record);
    }
}

static struct zone *build_whole(struct draft *draft)
{
    struct records records;
    struct report report = {0};
    records_begin(&records, draft->origin);
    draft_write(draft, &records);
    struct zone *zone = zone_make(draft->origin, "", &records, &test_secret, &report);
    records_free(&records);
    report_free(&report);
    return zone;
}

static struct zone *first_zone(void)
{
    static char text[FILLERS * 24 + 512];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", APEX);
    for (unsigned i = 0; i < FILLERS; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "f%u A 192.0.2.1\n", i);
    snprintf(text + at, sizeof text - at,
             "a.b A 192.0.2.1\n*.b A 192.0.2.2\nx.a.a.b A 192.0.2.3\nb.C NS n.b.C\nn.b.C A "
             "192.0.2.4\n");
    return zone_from_text("example.", text);
}

static void one_life(unsigned seed, unsigned versions)
{
    struct zone *zone = first_zone();
    unsigned laid = 0, refused = 0;
    dice = seed;
    for (unsigned version = 0; version < versions; version++) {
        struct draft draft;
        draft_begin(&draft, zone->origin, &zone->image, &test_secret);
        for (unsigned i = 1 + throw(6); i > 0; i--)
            change(&draft);
        draft_set_serial(&draft, zone->image.serial + 1);
        struct zone *whole = build_whole(&draft), *next = draft_zone(&draft, zone);
        draft_free(&draft);
        if (whole->state != ZONE_SERVED) { // what is no zone is none in either way
            assert_null(next);
            zone_release(whole);
            refused++;
            continue;
        }
        laid += next != NULL;
        if (!next)
            next = zone_hold(whole);
        for (unsigned i = 0; i < 40; i++)
            same_name(&next->image, &whole->image, some_name());
        same_walk(&next->image, &whole->image);
        zone_release(whole);
        zone_release(zone);
        zone = next;
    }
    assert_true(laid + refused > versions * 3 / 4 && laid > versions / 4);
    zone_release(zone);
}

static void lives(void **state)
{
    (void)state;
    unsigned count = getenv("ONYM_TEST_FULL") ? 2000 : 12;
    for (unsigned seed = 1; seed <= count; seed++)
        one_life(seed, 30);
}

// --- one at a time -------------------------------------------------------------------------------

// What follows a zone when one record comes (TYPE_NS to n.example., or an address) or all of a name
// goes.
static struct zone *try(struct zone *zone, const char *name, int type)
{
    struct draft draft;
    struct name owner = name_of(name);
    struct record record = {.owner = owner.wire,
                            .owner_size = owner.size,
                            .owner_labels = owner.labels,
                            .ttl = 60,
                            .type = (uint16_t)type,
                            .rdata = (const uint8_t *)"\1n\7example",
                            .rdata_size = 11};
    if (type == TYPE_A) {
        record.rdata = (const uint8_t *)"abcd";
        record.rdata_size = 4;
    }
    draft_begin(&draft, zone->origin, &zone->image, &test_secret);
    if (type) {
        assert_true(draft_add(&draft, &record));
    } else {
        while (draft_look(&draft, owner)->count)
            draft_remove_rrset(&draft, owner, draft_look(&draft, owner)->list[0].type);
    }
    struct zone *next = draft_zone(&draft, zone);
    draft_free(&draft);
    return next;
}

static struct zone *follow(struct zone *zone, const char *name, int type)
{
    struct zone *next = try(zone, name, type);
    assert_non_null(next);
    zone_release(zone);
    return next;
}

static enum found found_at(const struct zone *zone, const char *name)
{
    struct name_key key;
    name_key_make(name_of(name), &test_secret, &key);
    return find_name(&zone->image, &test_secret, &key).found;
}

static void cuts(void **state)
{
    (void)state;
    struct zone *zone = first_zone();
    assert_int_equal(found_at(zone, "x.a.a.b.example."), FOUND_NODE);
    zone = follow(zone, "a.b.example.", TYPE_NS);
    assert_int_equal(found_at(zone, "x.a.a.b.example."), FOUND_CUT);
    assert_int_equal(found_at(zone, "no.a.b.example."), FOUND_CUT);
    // What comes into sight has to be checked.
    assert_null(try(zone, "a.b.example.", 0));
    zone = follow(zone, "x.a.a.b.example.", 0);
    assert_int_equal(found_at(zone, "x.a.a.b.example."), FOUND_CUT);
    zone = follow(zone, "a.b.example.", 0);
    assert_int_equal(found_at(zone, "x.a.a.b.example."), FOUND_WILDCARD);
    assert_int_equal(found_at(zone, "b.example."), FOUND_NODE);
    zone_release(zone);
}

static void names_above(void **state)
{
    (void)state;
    struct zone *zone = first_zone();
    zone = follow(zone, "1.2.3.example.", TYPE_A);
    assert_int_equal(found_at(zone, "3.example."), FOUND_NODE);
    assert_int_equal(found_at(zone, "2.3.example."), FOUND_NODE);
    zone = follow(zone, "4.2.3.example.", TYPE_A);
    zone = follow(zone, "1.2.3.example.", 0);
    assert_int_equal(found_at(zone, "2.3.example."), FOUND_NODE);
    zone = follow(zone, "4.2.3.example.", 0);
    assert_int_equal(found_at(zone, "2.3.example."), FOUND_NOTHING);
    assert_int_equal(found_at(zone, "3.example."), FOUND_NOTHING);
    zone = follow(zone, "n.b.C.example.", 0); // was built: b.C stays for its own records
    zone = follow(zone, "b.C.example.", 0);
    assert_int_equal(found_at(zone, "b.C.example."), FOUND_NOTHING);
    assert_int_equal(found_at(zone, "c.example."), FOUND_NOTHING);
    zone_release(zone);
}

static void wildcards(void **state)
{
    (void)state;
    struct zone *zone = first_zone();
    assert_int_equal(found_at(zone, "no.b.example."), FOUND_WILDCARD);
    zone = follow(zone, "*.b.example.", 0);
    assert_int_equal(found_at(zone, "no.b.example."), FOUND_NOTHING);
    zone = follow(zone, "*.example.", TYPE_A);
    assert_int_equal(found_at(zone, "no.example."), FOUND_WILDCARD);
    assert_int_equal(found_at(zone, "no.b.example."), FOUND_NOTHING);
    zone = follow(zone, "*.b.example.", TYPE_A);
    assert_int_equal(found_at(zone, "no.b.example."), FOUND_WILDCARD);
    zone_release(zone);
}

// Who holds a version has it as it was.
static void versions(void **state)
{
    (void)state;
    struct zone *zone = first_zone(), *first = zone_hold(zone);
    zone = follow(zone, "new.example.", TYPE_A);
    struct zone *second = zone_hold(zone);
    zone = follow(zone, "new.example.", 0);
    zone = follow(zone, "f7.example.", 0);
    assert_int_equal(found_at(first, "new.example."), FOUND_NOTHING);
    assert_int_equal(found_at(second, "new.example."), FOUND_NODE);
    assert_int_equal(found_at(zone, "new.example."), FOUND_NOTHING);
    assert_int_equal(found_at(first, "f7.example."), FOUND_NODE);
    assert_int_equal(found_at(zone, "f7.example."), FOUND_NOTHING);
    zone_release(zone);
    zone_release(first); // the image outlives it
    assert_int_equal(found_at(second, "f8.example."), FOUND_NODE);
    zone_release(second);
}

// RFC 4343: names stay as they were written.
static void letters(void **state)
{
    (void)state;
    struct zone *zone = first_zone();
    struct name_key key;
    zone = follow(zone, "N.B.c.example.", TYPE_A);
    zone = follow(zone, "Above.F3.example.", TYPE_A);
    name_key_make(name_of("n.b.c.example."), &test_secret, &key);
    assert_string_equal(node_text(&zone->image, image_find(&zone->image, &key, 4)),
                        "n.b.C.example.");
    assert_string_equal(node_text(&zone->image, image_find(&zone->image, &key, 2)), "C.example.");
    name_key_make(name_of("above.f3.example."), &test_secret, &key);
    assert_string_equal(node_text(&zone->image, image_find(&zone->image, &key, 3)),
                        "Above.F3.example.");
    zone_release(zone);
}

// It is built whole when the copies have cost as much as that, and when many names change at once.
static void given_up(void **state)
{
    (void)state;
    struct zone *zone = first_zone();
    char name[32];
    unsigned laid = 0;
    for (; laid < FILLERS; laid++) {
        struct draft draft;
        snprintf(name, sizeof name, "new%u.example.", laid);
        struct name owner = name_of(name);
        struct record record = {.owner = owner.wire,
                                .owner_size = owner.size,
                                .owner_labels = owner.labels,
                                .type = TYPE_A,
                                .rdata = (const uint8_t *)"abcd",
                                .rdata_size = 4};
        draft_begin(&draft, zone->origin, &zone->image, &test_secret);
        assert_true(draft_add(&draft, &record));
        struct zone *next = draft_zone(&draft, zone);
        draft_free(&draft);
        if (!next)
            break;
        zone_release(zone);
        zone = next;
    }
    assert_in_range(laid, 100, FILLERS / 8);
    assert_true(overlay_pays(&zone->image, 10));
    assert_false(overlay_pays(&zone->image, FILLERS / 4));
    zone_release(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives),     cmocka_unit_test(cuts),     cmocka_unit_test(names_above),
        cmocka_unit_test(wildcards), cmocka_unit_test(versions), cmocka_unit_test(letters),
        cmocka_unit_test(given_up),
    };
    return cmocka_run_group_tests_name("zone/overlay", tests, NULL, NULL);
}
