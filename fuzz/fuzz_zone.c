// A zone file: read, sorted, checked, packed, asked for every name, and written back.
//
// The origin is "x.". $INCLUDE finds nothing, whatever it names (sandbox.h). What was good must be
// found again by every name that is in it, and its text must give the same records. Whatever the
// text, each variant of the scanner finds the same words in it, and threads that read it in parts
// the same records and problems.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "inside.h"
#include "sandbox.h"
#include "zone/check.h"
#include "zone/dump.h"
#include "zone/find.h"
#include "zone/inspect.h"
#include "zone/parse.h"
#include "zone/scan.h"

// One $GENERATE line may make 65536 records; a text full of them is slow, not wrong.
#define GENERATE_LINES_MAX 3
#define RECORDS_MAX        5000
#define ASKED_MAX          12
#define MANY               1000

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static bool read_text(const char *text, size_t size, struct records *records)
{
    struct report report = {0};
    struct parse_options parse = {.ttl_default = 60};
    struct check_options check = {0};
    records_begin(records, name_trust((const uint8_t *)"\1x"));
    sandbox_close(SANDBOX_EMPTY);
    bool good = parse_text("fuzz.zone", text, size, records, &parse, &report);
    sandbox_open();
    assert(good == (report.errors == 0));
    if (records->count > RECORDS_MAX) {
        report_free(&report);
        return false;
    }
    records_sort(records);
    size_t before = report.errors;
    bool sound = check_records(records, &check, &report);
    assert(sound == (report.errors == before));
    struct buffer words = {0};
    report_write(&report, &words, false);
    buffer_free(&words);
    report_free(&report);
    return good && sound;
}

// --- the same by other ways ----------------------------------------------------------------------

static void judge_words(const char *text, size_t size, scan_mask mask)
{
    struct scan scan, other;
    scan_begin(&scan, text, size);
    scan_begin(&other, text, size);
    scan.mask = scan_mask_portable;
    other.mask = mask;
    enum scan_result result;
    do {
        result = scan_next(&scan);
        enum scan_result again = scan_next(&other);
        assert(again == result && scan.at == other.at && scan.line == other.line);
        assert(scan.count == other.count && scan.problem.message == other.problem.message);
        for (size_t i = 0; i < scan.count; i++) {
            const struct token *a = &scan.tokens[i], *b = &other.tokens[i];
            assert(a->text == b->text && a->size == b->size && a->line == b->line);
            assert(a->column == b->column && a->quoted == b->quoted);
        }
    } while (result != SCAN_END);
    scan_free(&scan);
    scan_free(&other);
}

static void parse_with(const char *text, size_t size, unsigned threads, struct records *records,
                       struct report *report)
{
    // Parts of a few lines, other ones for other texts.
    struct parse_options parse = {
        .ttl_default = 60, .threads = threads, .part_octets = 1 + (uint8_t)text[size / 2] % 64};
    records_begin(records, name_trust((const uint8_t *)"\1x"));
    sandbox_close(SANDBOX_EMPTY);
    bool good = parse_text("fuzz.zone", text, size, records, &parse, report);
    sandbox_open();
    assert(good == (report->errors == 0));
}

static void judge_parts(const char *text, size_t size)
{
    struct records records, other;
    struct report report = {0}, other_report = {0};
    parse_with(text, size, 1, &records, &report);
    parse_with(text, size, 2, &other, &other_report);
    assert(records.count == other.count);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *a = &records.list[i], *b = &other.list[i];
        assert(a->type == b->type && a->ttl == b->ttl && a->line == b->line);
        assert(a->file == b->file && a->owner_size == b->owner_size);
        assert(a->rdata_size == b->rdata_size && a->owner_labels == b->owner_labels);
        assert(memcmp(a->owner, b->owner, a->owner_size) == 0);
        assert(memcmp(a->rdata, b->rdata, a->rdata_size) == 0);
    }
    assert(report.errors == other_report.errors && report.warnings == other_report.warnings);
    struct buffer words = {0}, other_words = {0};
    report_write(&report, &words, false);
    report_write(&other_report, &other_words, false);
    assert(strcmp(buffer_text(&words), buffer_text(&other_words)) == 0);
    buffer_free(&words);
    buffer_free(&other_words);
    report_free(&report);
    report_free(&other_report);
    records_free(&records);
    records_free(&other);
}

// --- what it holds -------------------------------------------------------------------------------

static bool same_record(const struct record *a, const struct record *b)
{
    return a->type == b->type && a->ttl == b->ttl && a->rdata_size == b->rdata_size &&
           memcmp(a->rdata, b->rdata, a->rdata_size) == 0 && a->owner_size == b->owner_size &&
           name_equal(record_owner(a), record_owner(b));
}

static void judge_text(const struct records *records)
{
    struct buffer text = {0};
    for (size_t i = 0; i < records->count; i++)
        dump_record(&records->list[i], &text);
    struct records again = {0};
    bool good = read_text(buffer_text(&text), text.size, &again);
    assert(good && again.count == records->count);
    for (size_t i = 0; i < again.count; i++)
        assert(same_record(&records->list[i], &again.list[i]));
    records_free(&again);
    buffer_free(&text);
}

// Every owner is a node, or below a cut or DNAME; what is below it and not there is neither.
static void judge_names(const struct records *records, const struct server *server)
{
    const struct zone *zone = zones_get(&server->zones, records->origin);
    assert(zone);
    const struct image *image = &zone->image;
    assert(image->head->records == records->count);
    assert(inspect_image(image->base, (size_t)image->head->size, records->origin,
                         &server->secret) == INSPECT_SOUND);
    for (size_t i = 0; i < records->count; i++) {
        struct name owner = record_owner(&records->list[i]);
        struct name_key key;
        name_key_make(owner, &server->secret, &key);
        const struct node *node = image_find(image, &key, key.labels);
        uint8_t storage[NAME_OCTETS_MAX];
        if (!node) { // RFC 5155 7.2.8: an NSEC3 owner is no name
            assert(owner.labels == records->origin.labels + 1u && owner.wire[0] == 32);
            continue;
        }
        assert(name_equal(node_name(image, node, storage), owner));
        assert(node_rrset(image, node, records->list[i].type) || owner.wire[0] == 32 ||
               records->list[i].type == TYPE_RRSIG);
        struct finding finding = find_name(image, &server->secret, &key);
        assert(finding.found == FOUND_CUT || finding.found == FOUND_DNAME ||
               (finding.found == FOUND_NODE && finding.node == node));
    }
    for (uint32_t i = 1; i < image->head->nodes; i++)
        assert(name_compare(node_labels(image, image_node_at(image, i - 1)),
                            node_labels(image, image_node_at(image, i))) < 0);
}

static void ask(const struct records *records, const struct server *server)
{
    static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_ANY, TYPE_DS, TYPE_CNAME, TYPE_RRSIG};
    // An RRset of thousands of hosts is slow to answer with, not wrong.
    size_t step = 1 + records->count / (records->count > MANY ? 2 : ASKED_MAX);
    for (size_t i = 0; i < records->count; i += step) {
        struct name owner = record_owner(&records->list[i]), below;
        uint8_t wire[NAME_OCTETS_MAX], query[512];
        for (size_t j = 0; j < sizeof types / sizeof *types; j++)
            inside_ask(server, query, inside_query(owner, types[j], j & 1 ? 1232 : 0, query));
        inside_ask(server, query, inside_query(owner, records->list[i].type, 512, query));
        if (name_join(name_trust((const uint8_t *)"\2a*\1b"), 2, owner, wire, &below))
            inside_ask(server, query, inside_query(below, TYPE_A, 1232, query));
    }
}

static bool is_slow(const char *text, size_t size)
{
    unsigned lines = 0;
    for (size_t i = 0; i + 1 < size; i++)
        lines += text[i] == '$' && (text[i + 1] | 0x20) == 'g';
    return lines > GENERATE_LINES_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    char *text = memory_get(size + SCAN_PADDING);
    memcpy(text, octets, size);
    memset(text + size, 0, SCAN_PADDING);
    struct records records = {0};
    const struct scan_variant *variant;
    for (size_t i = 0; (variant = scan_variant_at(i)); i++)
        judge_words(text, size, variant->mask);
    if (!is_slow(text, size)) {
        judge_parts(text, size);
        bool good = read_text(text, size, &records);
        struct server *server = good ? inside_make(&records) : NULL;
        if (server) {
            judge_names(&records, server);
            judge_text(&records);
            ask(&records, server);
            inside_free(server);
        }
        records_free(&records);
    }
    free(text);
    return 0;
}
