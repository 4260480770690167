// Two versions of a catalog zone "x.", a NUL between their texts: read, compared, written again.
//
// The changes that are told make the new list of the old one; a list that is written and read is
// the same. Texts with a '$' are left to fuzz_zone.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "inside.h"
#include "transfer/catalog.h"
#include "zone/check.h"
#include "zone/parse.h"
#include "zone/scan.h"

#define MEMBERS_MAX 50

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static struct name origin(void)
{
    return name_trust((const uint8_t *)"\1x");
}

// --- reading -------------------------------------------------------------------------------------

static bool read_records(const uint8_t *octets, size_t size, struct records *records)
{
    struct parse_options parse = {.ttl_default = 0};
    struct check_options check = {.strict = false};
    struct report report = {0};
    char *text = memory_get(size + SCAN_PADDING);
    memcpy(text, octets, size);
    memset(text + size, 0, SCAN_PADDING);
    records_begin(records, origin());
    bool good = parse_text("fuzz.zone", text, size, records, &parse, &report);
    records_sort(records);
    good = check_records(records, &check, &report) && good;
    report_free(&report);
    free(text);
    return good;
}

static void judge_list(const struct catalog *catalog)
{
    assert(catalog->count <= MEMBERS_MAX);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct catalog_member *member = &catalog->members[i];
        struct name zone;
        assert(name_view(member->zone, member->zone_size, &zone));
        assert(member->id[0] >= 1 && member->id[0] <= LABEL_OCTETS_MAX);
        assert(catalog_find(catalog, zone) == member);
        if (i > 0)
            assert(name_compare(catalog_zone(member - 1), zone) < 0);
    }
}

static bool read_catalog(const uint8_t *octets, size_t size, struct catalog *catalog)
{
    struct records records;
    struct image image;
    struct catalog_place at;
    *catalog = (struct catalog){0};
    bool good =
        read_records(octets, size, &records) && image_build(&records, &inside_key, &image) == 0;
    records_free(&records);
    if (!good)
        return false;
    enum catalog_result result = catalog_read(catalog, &image, MEMBERS_MAX, &at);
    image_free(&image);
    assert(result == CATALOG_GOOD || (catalog->count == 0 && at.name.wire == at.wire));
    assert(*catalog_words(result));
    judge_list(catalog);
    return result == CATALOG_GOOD;
}

// --- what is different ---------------------------------------------------------------------------

static void judge_changes(const struct catalog *old, const struct catalog *new)
{
    struct catalog_changes changes;
    size_t count = old->count, touched = 0;
    catalog_changes_begin(&changes, old, new);
    while (catalog_changes_next(&changes)) {
        const struct catalog_member *before = changes.before, *after = changes.after;
        assert(before || after);
        assert(!before || catalog_find(old, catalog_zone(before)) == before);
        assert(!after || catalog_find(new, catalog_zone(after)) == after);
        assert(!before == (changes.kind == CATALOG_ADDED));
        assert(!after == (changes.kind == CATALOG_REMOVED));
        assert(before || !catalog_find(old, catalog_zone(after)));
        assert(after || !catalog_find(new, catalog_zone(before)));
        count += before ? 0 : 1;
        count -= after ? 0 : 1;
        touched++;
    }
    assert(count == new->count &&touched <= old->count + new->count);
    for (size_t i = 0; i < new->count; i++)
        (void)catalog_move(old, &new->members[i], origin());
}

// --- written again -------------------------------------------------------------------------------

static void judge_written(const struct catalog *catalog)
{
    struct records records;
    struct image image;
    struct catalog again;
    struct catalog_place at;
    struct catalog_changes changes;
    bool fits = catalog_compose(catalog, origin(), 1, &records);
    assert(fits); // they came from such a zone
    bool built = image_build(&records, &inside_key, &image) == 0;
    assert(built);
    enum catalog_result result = catalog_read(&again, &image, MEMBERS_MAX, &at);
    assert(result == CATALOG_GOOD);
    catalog_changes_begin(&changes, catalog, &again);
    bool changed = catalog_changes_next(&changes);
    assert(!changed);
    catalog_free(&again);
    image_free(&image);
    records_free(&records);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    const uint8_t *middle = memchr(octets, 0, size);
    if (!middle || memchr(octets, '$', size))
        return 0;
    struct catalog old, new;
    size_t old_size = (size_t)(middle - octets);
    bool had = read_catalog(octets, old_size, &old);
    bool has = read_catalog(middle + 1, size - old_size - 1, &new);
    judge_changes(&old, &new);
    if (had)
        judge_written(&old);
    if (has)
        judge_written(&new);
    catalog_free(&old);
    catalog_free(&new);
    return 0;
}
