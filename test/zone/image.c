// Images: what goes in is found again, under its own name only, and stands as image.h says.
#include "from_text.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/bytes.h"
#include "base/random.h"
#include "dns/type.h"
#include "zone/bucket.h"

static struct image build(const char *origin, const char *text)
{
    struct records records;
    struct image image;
    records_from_text(&records, origin, text);
    assert_int_equal(image_build(&records, &test_secret, &image), 0);
    assert_int_equal(image.head->records, records.count);
    records_free(&records);
    return image;
}

static const struct node *find(const struct image *image, const char *name)
{
    struct name_key key;
    name_key_make(name_of(name), &test_secret, &key);
    return image_find(image, &key, key.labels);
}

static const struct node *find_wildcard(const struct image *image, const char *parent)
{
    struct name_key key;
    name_key_make(name_of(parent), &test_secret, &key);
    return image_find_wildcard(image, &test_secret, &key, key.labels);
}

// --- nodes ---------------------------------------------------------------------------------------

#define CUT      NODE_CUT
#define DNAME    NODE_DNAME
#define WILDCARD NODE_WILDCARD

static const char tree[] = APEX "Host A 192.0.2.1\n"
                                "deep.ent.empty A 192.0.2.2\n"
                                "*.wild TXT a\n"
                                "a.*.odd A 192.0.2.3\n"
                                "alias CNAME host\n"
                                "cut NS ns.cut\n"
                                "ns.cut A 192.0.2.4\n"
                                "low.cut NS ns.cut\n"
                                "x.low.cut A 192.0.2.5\n"
                                "to DNAME else.invalid.\n"
                                "x.to A 192.0.2.6\n"
                                "cut.x.to NS ns.invalid.\n"
                                "to.cut DNAME a.invalid.\n";

// In canonical order, so that this is the image's own list too.
static const struct {
    const char *name;
    unsigned flags, top, rrsets;
} nodes[] = {
    {"example.test.", NODE_APEX, NODE_NOT_BELOW, 2},
    {"alias.example.test.", NODE_CNAME, NODE_NOT_BELOW, 1},
    {"cut.example.test.", CUT, 3, 1},
    {"low.cut.example.test.", CUT | NODE_SHARED, 3, 1},
    {"x.low.cut.example.test.", 0, 3, 1},
    {"ns.cut.example.test.", 0, 3, 1},
    {"to.cut.example.test.", DNAME, 3, 1},
    {"empty.example.test.", 0, NODE_NOT_BELOW, 0},
    {"ent.empty.example.test.", 0, NODE_NOT_BELOW, 0},
    {"deep.ent.empty.example.test.", 0, NODE_NOT_BELOW, 1},
    {"host.example.test.", 0, NODE_NOT_BELOW, 1},
    {"odd.example.test.", WILDCARD, NODE_NOT_BELOW, 0},
    {"*.odd.example.test.", 0, NODE_NOT_BELOW, 0},
    {"a.*.odd.example.test.", 0, NODE_NOT_BELOW, 1},
    {"to.example.test.", DNAME, 3, 1},
    {"x.to.example.test.", 0, 3, 1},
    {"cut.x.to.example.test.", CUT, 3, 1},
    {"wild.example.test.", WILDCARD, NODE_NOT_BELOW, 0},
    {"*.wild.example.test.", 0, NODE_NOT_BELOW, 1},
};

static void test_nodes(void **state)
{
    (void)state;
    struct image image = build("example.test.", tree);
    assert_int_equal(image.head->nodes, COUNT(nodes));
    uint64_t rrsets = 0;
    for (uint32_t i = 0; i < COUNT(nodes); i++) {
        const struct node *node = find(&image, nodes[i].name);
        if (!node)
            fail_msg("%s is not found", nodes[i].name);
        assert_ptr_equal(node, image_node_at(&image, i));
        assert_true(name_equal(name_of(node_text(&image, node)), name_of(nodes[i].name)));
        assert_int_equal(node->flags, nodes[i].flags);
        assert_int_equal(node->top, nodes[i].top);
        assert_int_equal(node->rrsets, nodes[i].rrsets);
        rrsets += nodes[i].rrsets;
    }
    assert_int_equal(image.head->rrsets, rrsets);
    // The case of the zone file is kept.
    assert_string_equal(node_text(&image, find(&image, "hOST.example.test.")),
                        "Host.example.test.");
    image_free(&image);
    assert_null(image.base);
    image_free(&image); // nothing to free is fine
}

static void test_not_found(void **state)
{
    static const char *const names[] = {
        "a.example.test.",      "example.test.example.test.", "a.host.example.test.",
        "hos.example.test.",    "hostt.example.test.",        "wil.example.test.",
        "a.wild.example.test.", "\\*.host.example.test.",
    };
    (void)state;
    struct image image = build("example.test.", tree);
    for (size_t i = 0; i < COUNT(names); i++)
        if (find(&image, names[i]))
            fail_msg("%s is found", names[i]);
    image_free(&image);
}

static void test_find_wildcard(void **state)
{
    (void)state;
    struct image image = build("example.test.", tree);
    assert_ptr_equal(find_wildcard(&image, "wild.example.test."),
                     find(&image, "*.wild.example.test."));
    assert_ptr_equal(find_wildcard(&image, "ODD.example.test."),
                     find(&image, "*.odd.example.test."));
    assert_null(find_wildcard(&image, "example.test."));
    assert_null(find_wildcard(&image, "host.example.test."));
    assert_null(find_wildcard(&image, "*.wild.example.test."));
    assert_null(find_wildcard(&image, "nothing.example.test."));
    image_free(&image);
}

// A zone's own name may be anything: the root, a wildcard, the longest name.
static void test_origins(void **state)
{
    (void)state;
    struct image image = build(".", APEX "* A 192.0.2.1\ntest NS ns.test\nns.test A 192.0.2.2\n");
    assert_int_equal(image.head->nodes, 4);
    assert_int_equal(find(&image, ".")->flags, NODE_APEX | NODE_WILDCARD);
    assert_int_equal(find(&image, "ns.test.")->top, 1);
    assert_non_null(find_wildcard(&image, "."));
    image_free(&image);

    image = build("*.test.", APEX "a A 192.0.2.1\n");
    assert_int_equal(find(&image, "*.test.")->flags, NODE_APEX);
    assert_non_null(find(&image, "a.*.test."));
    image_free(&image);

    char longest[NAME_TEXT_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(longest + 2 * i, "a.", 3);
    image = build(longest, APEX);
    assert_int_equal(image.apex->labels, NAME_LABELS_MAX);
    assert_non_null(find(&image, longest));
    image_free(&image);

    // The whole way down from the root: 126 empty non-terminals.
    char text[512 + NAME_TEXT_MAX];
    snprintf(text, sizeof text, APEX "%s A 192.0.2.1\n", longest);
    image = build(".", text);
    assert_int_equal(image.head->nodes, NAME_LABELS_MAX + 1);
    for (unsigned depth = 0; depth <= NAME_LABELS_MAX; depth++) {
        struct name_key key;
        name_key_make(name_of(longest), &test_secret, &key);
        const struct node *node = image_find(&image, &key, depth);
        assert_non_null(node);
        assert_int_equal(node->labels, depth);
    }
    image_free(&image);
}

// --- RRsets --------------------------------------------------------------------------------------

static void test_rrsets(void **state)
{
    (void)state;
    struct image image = build("example.test.", APEX "a 60 A 192.0.2.9\n"
                                                     "a 50 A 192.0.2.10\n"
                                                     "a 60 A 192.0.2.1\n"
                                                     "a MX 10 b\n"
                                                     "a TXT \"two\" \"strings\"\n");
    const struct node *node = find(&image, "a.example.test.");
    const struct rrset *a = node_rrset(&image, node, TYPE_A);
    assert_non_null(a);
    assert_int_equal(a->type, TYPE_A);
    assert_int_equal(a->ttl, 50); // RFC 2181 5.2: the lowest
    assert_int_equal(a->count, 3);
    assert_int_equal(a->signatures, 0);
    assert_int_equal(rrset_size(a), sizeof *a + 20); // 3 * 6, and 2 octets to a multiple of 4
    assert_memory_equal(a->body, "\0\4\300\0\2\1\0\4\300\0\2\11\0\4\300\0\2\12", 18);
    assert_ptr_equal(node_first_rrset(&image, node), a);
    assert_int_equal(rrset_after(a)->type, TYPE_MX);
    assert_int_equal(rrset_after(rrset_after(a))->type, TYPE_TXT);
    assert_int_equal(node->rrsets, 3);
    assert_null(node_rrset(&image, node, TYPE_AAAA));
    assert_null(node_rrset(&image, node, 0));
    image_free(&image);
}

// Records of one owner that stand far from each other, in any case, are one node.
static void test_scattered_records(void **state)
{
    (void)state;
    struct image image = build("example.test.", "Www A 192.0.2.1\n"
                                                "a A 192.0.2.1\n"
                                                "x.wWw A 192.0.2.1\n" APEX "wwW A 192.0.2.2\n"
                                                "b A 192.0.2.1\n"
                                                "WWW TXT x\n"
                                                "EXAMPLE.test. TXT x\n");
    assert_int_equal(image.head->nodes, 5);
    const struct node *node = find(&image, "www.example.test.");
    assert_int_equal(node->rrsets, 2);
    assert_int_equal(node_rrset(&image, node, TYPE_A)->count, 2);
    assert_int_equal(node_rrset(&image, node, TYPE_TXT)->count, 1);
    assert_int_equal(image.apex->rrsets, 3);
    image_free(&image);
}

#define SIGNATURE " 13 3 60 20300101000000 20200101000000 1 example.test. AAAA\n"

// RRSIGs stand with what they cover; one that covers nothing is kept, but its type has no data.
static void test_signatures(void **state)
{
    (void)state;
    struct image image =
        build("example.test.", APEX "a 60 A 192.0.2.1\n"
                                    "a 60 A 192.0.2.2\n"
                                    "a 60 TXT x\n"
                                    "a 60 RRSIG TXT" SIGNATURE "a 60 RRSIG A" SIGNATURE
                                    "a 60 RRSIG A 8 3 60 20300101000000"
                                    " 20200101000000 1 example.test. BBBB\n"
                                    "a 70 RRSIG MX" SIGNATURE "a 70 RRSIG MX 8 3 60 20300101000000"
                                    " 20200101000000 1 example.test. BBBB\n"
                                    "b 80 RRSIG A" SIGNATURE "b 80 RRSIG NSEC" SIGNATURE);
    const struct node *node = find(&image, "a.example.test.");
    assert_int_equal(node->rrsets, 3);
    const struct rrset *a = node_rrset(&image, node, TYPE_A),
                       *txt = node_rrset(&image, node, TYPE_TXT);
    assert_int_equal(a->count, 2);
    assert_int_equal(a->signatures, 2);
    const uint8_t *entry = rrset_next(rrset_next(a->body));
    assert_int_equal(bytes_get16(rrset_rdata(entry)), TYPE_A);
    assert_int_equal(bytes_get16(rrset_rdata(rrset_next(entry))), TYPE_A);
    assert_int_equal(txt->signatures, 1);
    assert_null(node_rrset(&image, node, TYPE_MX));
    assert_null(node_rrset(&image, node, TYPE_RRSIG));
    const struct rrset *bare = rrset_after(txt);
    assert_int_equal(bare->type, TYPE_MX);
    assert_int_equal(bare->count, 0);
    assert_int_equal(bare->signatures, 2);
    assert_int_equal(bare->ttl, 70);

    node = find(&image, "b.example.test.");
    assert_int_equal(node->rrsets, 2);
    assert_int_equal(node_first_rrset(&image, node)->type, TYPE_A);
    assert_int_equal(node_first_rrset(&image, node)->signatures, 1);
    assert_null(node_rrset(&image, node, TYPE_A));
    assert_null(node_rrset(&image, node, TYPE_NSEC));
    assert_int_equal(image.head->records, 12);
    image_free(&image);
}

// RFC 2308 3: the lower one of the SOA's TTL and its MINIMUM.
static void test_negative_ttl(void **state)
{
    static const struct {
        unsigned ttl, minimum, negative;
    } cases[] = {{3600, 300, 300}, {60, 300, 60}, {0, 300, 0}, {300, 0, 0}, {86400, 86400, 86400}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "@ %u SOA a.longer.name. b. 4294967295 1 2 3 %u\n@ NS ns.test.\n", cases[i].ttl,
                 cases[i].minimum);
        struct image image = build("example.test.", text);
        assert_int_equal(image.negative_ttl, cases[i].negative);
        assert_int_equal(image.serial, 4294967295);
        assert_int_equal(image.soa->ttl, cases[i].ttl);
        assert_ptr_equal(image.soa, node_rrset(&image, image.apex, TYPE_SOA));
        image_free(&image);
    }
}

// --- size ----------------------------------------------------------------------------------------

// Adds a record of the zone's own name.
static void add_record(struct records *records, uint16_t type, const void *rdata, size_t size)
{
    struct record *record = records_add(records);
    *record = (struct record){.owner = records->origin.wire,
                              .owner_size = records->origin.size,
                              .owner_labels = records->origin.labels,
                              .type = type,
                              .rdata = arena_copy(&records->arena, rdata, size),
                              .rdata_size = (uint16_t)size,
                              .ttl = 1};
}

// An RRset holds 65535 records and no more, and as many signatures.
static void test_most_records(void **state)
{
    (void)state;
    static const char soa[22 + 2] = {0};
    static const uint16_t types[] = {TYPE_A, TYPE_RRSIG};
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned more = 0; more < 2; more++) {
            struct records records;
            struct image image;
            records_begin(&records, name_of("example.test."));
            add_record(&records, TYPE_SOA, soa, 22);
            for (unsigned i = 0; i < UINT16_MAX + more; i++) {
                uint8_t rdata[4];
                bytes_put32(rdata, i);
                if (kind)
                    bytes_put16(rdata, TYPE_SOA);
                add_record(&records, types[kind], rdata, sizeof rdata);
            }
            int error = image_build(&records, &test_secret, &image);
            assert_int_equal(error, more ? -E2BIG : 0);
            if (!error) {
                const struct rrset *rrset =
                    node_rrset(&image, image.apex, kind ? TYPE_SOA : TYPE_A);
                assert_int_equal(kind ? rrset->signatures : rrset->count, UINT16_MAX);
                image_free(&image);
            }
            records_free(&records);
        }
}

// The largest rdata there is.
static void test_largest_rdata(void **state)
{
    (void)state;
    static const char soa[22 + 2] = {0};
    uint8_t *rdata = malloc(RDATA_MAX);
    assert_non_null(rdata);
    memset(rdata, 0x5a, RDATA_MAX);
    struct records records;
    struct image image;
    records_begin(&records, name_of("example.test."));
    add_record(&records, TYPE_SOA, soa, 22);
    add_record(&records, 65280, rdata, RDATA_MAX);
    rdata[RDATA_MAX - 1] = 0x5b;
    add_record(&records, 65280, rdata, RDATA_MAX);
    assert_int_equal(image_build(&records, &test_secret, &image), 0);
    const struct rrset *rrset = node_rrset(&image, image.apex, 65280);
    assert_int_equal(rrset_rdata_size(rrset->body), RDATA_MAX);
    assert_memory_equal(rrset_rdata(rrset_next(rrset->body)), rdata, RDATA_MAX);
    image_free(&image);
    records_free(&records);
    free(rdata);
}

// The octets of memory that this process may change, as RLIMIT_DATA counts them.
static size_t octets_of_data(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    char line[128];
    size_t kilo = 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmData:", 7) == 0)
            kilo = strtoul(line + 7, NULL, 10);
    assert_int_equal(fclose(file), 0);
    assert_true(kilo > 0);
    return kilo * 1024;
}

// No memory for the image: it says so, and leaves nothing behind.
static void test_out_of_memory(void **state)
{
    (void)state;
    static const char soa[22 + 2] = {0};
    uint8_t *rdata = calloc(1, RDATA_MAX);
    assert_non_null(rdata);
    struct records records;
    struct image image;
    records_begin(&records, name_of("example.test."));
    add_record(&records, TYPE_SOA, soa, 22);
    for (unsigned i = 0; i < 200; i++) { // 13 MB
        bytes_put16(rdata, (uint16_t)i);
        add_record(&records, 65280, rdata, RDATA_MAX);
    }
    free(rdata);
    struct rlimit before, less;
    assert_int_equal(getrlimit(RLIMIT_DATA, &before), 0);
    less = before;
    for (unsigned spare = 0; spare < 12; spare += 4) {
        less.rlim_cur = octets_of_data() + ((size_t)spare << 20);
        assert_int_equal(setrlimit(RLIMIT_DATA, &less), 0);
        int error = image_build(&records, &test_secret, &image);
        assert_int_equal(setrlimit(RLIMIT_DATA, &before), 0);
        assert_int_equal(error, -ENOMEM);
    }
    assert_int_equal(image_build(&records, &test_secret, &image), 0);
    assert_int_equal(node_rrset(&image, image.apex, 65280)->count, 200);
    image_free(&image);
    records_free(&records);
}

static struct image build_large(unsigned names)
{
    struct buffer text = {0};
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < names; i++)
        buffer_format(&text, "n%u A 192.0.2.1\n", i);
    struct image image = build("example.test.", buffer_text(&text));
    buffer_free(&text);
    return image;
}

// Enough names that many buckets are full and go on in the next; every one is found, and only in
// its own zone. The order is canonical.
static void test_many_names(void **state)
{
    (void)state;
    enum { NAMES = 20000 };
    struct image image = build_large(NAMES);
    assert_int_equal(image.head->nodes, NAMES + 1);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "N%u.example.test.", i);
        const struct node *node = find(&image, name);
        assert_non_null(node);
        assert_true(name_equal(name_of(node_text(&image, node)), name_of(name)));
        assert_null(find_wildcard(&image, name));
        snprintf(name, sizeof name, "n%u.example.test.", i + NAMES);
        assert_null(find(&image, name));
    }
    for (uint32_t i = 1; i < image.head->nodes; i++)
        assert_true(name_compare(node_labels(&image, image_node_at(&image, i - 1)),
                                 node_labels(&image, image_node_at(&image, i))) < 0);
    image_free(&image);
}

// Images of many sizes: now and then the last bucket is full too, and goes on in the first.
static void test_every_size(void **state)
{
    (void)state;
    for (unsigned names = 0; names < 500; names += names < 20 ? 1 : 4) {
        struct image image = build_large(names);
        for (unsigned i = 0; i < 2 * names + 1; i++) {
            char name[64];
            snprintf(name, sizeof name, "n%u.example.test.", i);
            assert_int_equal(find(&image, name) != NULL, i < names);
        }
        image_free(&image);
    }
}

// All tags of a bucket that are the wanted one, each once, and no other.
static void test_matches(void **state)
{
    (void)state;
    static const uint16_t tags[] = {0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff};
    struct dice dice = dice_seed(1);
    for (unsigned round = 0; round < 100000; round++) {
        struct bucket bucket = {.count = (uint16_t)dice_roll(&dice)};
        uint16_t tag = tags[dice_roll(&dice) % COUNT(tags)];
        unsigned wanted = 0, found = 0;
        for (unsigned i = 0; i < BUCKET_TAGS; i++) {
            bucket.tags[i] = tags[dice_roll(&dice) % COUNT(tags)];
            wanted |= (unsigned)(bucket.tags[i] == tag) << i;
        }
        for (uint64_t left = bucket_matches(&bucket, tag); left; left &= left - 1) {
            assert_false(found >> bucket_index(left) & 1);
            found |= 1u << bucket_index(left);
        }
        assert_int_equal(found, wanted);
    }
}

// Position independence: a copy of the block elsewhere is as good.
static void test_moved(void **state)
{
    (void)state;
    struct image image = build_large(500);
    size_t size = image.head->size;
    uint8_t *copy = aligned_alloc(64, (size + 63) & ~(size_t)63);
    assert_non_null(copy);
    memcpy(copy, image.base, size);
    image_free(&image);
    struct image moved;
    image_look_at(&moved, copy);
    assert_string_equal(node_text(&moved, moved.apex), "example.test.");
    assert_int_equal(moved.serial, 7);
    const struct node *node = find(&moved, "n499.example.test.");
    assert_non_null(node);
    assert_int_equal(node_rrset(&moved, node, TYPE_A)->count, 1);
    assert_ptr_equal(image_node_at(&moved, 0), moved.apex);
    free(copy);
}

// Another secret finds nothing: an image is only of use to who has its key.
static void test_other_secret(void **state)
{
    static const struct hash_key other = {{5, 6}};
    (void)state;
    struct image image = build("example.test.", tree);
    struct name_key key;
    name_key_make(name_of("host.example.test."), &other, &key);
    assert_null(image_find(&image, &key, 3));
    for (unsigned depth = 0; depth <= 3; depth++)
        image_prefetch_bucket(&image, key.hash[depth]);
    image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes),         cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_find_wildcard), cmocka_unit_test(test_origins),
        cmocka_unit_test(test_rrsets),        cmocka_unit_test(test_scattered_records),
        cmocka_unit_test(test_signatures),    cmocka_unit_test(test_negative_ttl),
        cmocka_unit_test(test_most_records),  cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_largest_rdata), cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_every_size),    cmocka_unit_test(test_moved),
        cmocka_unit_test(test_other_secret),  cmocka_unit_test(test_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
