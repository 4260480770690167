// The chain of NSEC or NSEC3 as an index: every look-up compared with a walk over all of it.
#include "hashed.h"

#include <stdio.h>

#include "base/random.h"

static const struct nsec3_params plain = {.algorithm = NSEC3_SHA1};

// --- the order of names --------------------------------------------------------------------------

static uint64_t order_of(const char *name)
{
    struct name wire = name_of(name);
    return chain_order_of_name(wire.wire, wire.size - 1u);
}

static void test_order_examples(void **state)
{
    (void)state;
    assert_true(order_of(".") == 0);
    assert_true(order_of("a.") == 0x6100000000000000u);
    assert_true(order_of("A.") == 0x6100000000000000u);
    assert_true(order_of("b.a.") == 0x6100620000000000u);
    assert_true(order_of("abcdefgh.") == 0x6162636465666768u);
    assert_true(order_of("x.abcdefghi.") == 0x6162636465666768u);
    // 00 and 01 in a label, one of them cut in two.
    assert_true(order_of("\\000\\001.") == 0x0101010200000000u);
    assert_true(order_of("abcdefg\\000.") == 0x6162636465666701u);
    assert_true(order_of("abcdefg\\001.") == 0x6162636465666701u);
}

static struct name roll_name(struct dice *dice, uint8_t storage[static NAME_OCTETS_MAX])
{
    static const uint8_t octets[] = {0, 1, 2, 'a', 'A', 'b', 'z', 'Z', '*', 255};
    unsigned at = 0, labels = dice_roll(dice) % 4;
    for (unsigned i = 0; i < labels; i++) {
        unsigned size = 1 + dice_roll(dice) % 4;
        storage[at++] = (uint8_t)size;
        for (; size > 0; size--)
            storage[at++] = octets[dice_roll(dice) % COUNT(octets)];
    }
    storage[at] = 0;
    return name_trust(storage);
}

// Never against the canonical order (RFC 4034 6.1).
static void test_order(void **state)
{
    (void)state;
    struct dice dice = dice_seed(1);
    for (unsigned i = 0; i < 200000; i++) {
        uint8_t a_octets[NAME_OCTETS_MAX], b_octets[NAME_OCTETS_MAX];
        struct name a = roll_name(&dice, a_octets), b = roll_name(&dice, b_octets);
        uint64_t a_order = chain_order_of_name(a.wire, a.size - 1u);
        uint64_t b_order = chain_order_of_name(b.wire, b.size - 1u);
        int order = name_compare(a, b);
        if (order == 0)
            assert_true(a_order == b_order);
        else
            assert_true(order < 0 ? a_order <= b_order : a_order >= b_order);
    }
}

// --- NSEC ----------------------------------------------------------------------------------------

// The last NSEC owner that is not behind the name.
static const struct node *walk_to(const struct image *image, struct name name)
{
    const struct node *found = NULL;
    for (uint32_t i = 0; i < image->head->nodes; i++) {
        const struct node *node = image_node_at(image, i);
        uint8_t storage[NAME_OCTETS_MAX];
        if (!node_rrset(image, node, TYPE_NSEC))
            continue;
        if (name_compare(node_name(image, node, storage), name) > 0)
            break;
        found = node;
    }
    return found;
}

static void check_name(const struct image *image, const char *text)
{
    struct name_key key;
    bool matches;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name = name_of(text);
    name_key_make(name, &test_secret, &key);
    const struct node *node = chain_find_name(image, &key, key.labels, &matches);
    if (node != walk_to(image, name))
        fail_msg("%s: %s, not %s", text, node_text(image, node),
                 node_text(image, walk_to(image, name)));
    assert_int_equal(matches, name_equal(node_name(image, node, storage), name));
    struct chain_place place = chain_prefetch_name(image, &key, key.labels);
    assert_ptr_equal(chain_find_name_at(image, &key, key.labels, place, &matches), node);
    char wildcard[NAME_TEXT_MAX + 2];
    snprintf(wildcard, sizeof wildcard, "*.%s", text);
    name = name_of(wildcard);
    node = chain_find_wildcard(image, &key, key.labels, &matches);
    assert_ptr_equal(node, walk_to(image, name));
    assert_int_equal(matches, name_equal(node_name(image, node, storage), name));
}

static void roll_labels(struct dice *dice, char *text)
{
    static const char *const labels[] = {"a.",          "B.",          "*.",         "\\000.",
                                         "longlabel1.", "longlabel2.", "longlabel.", "\\001x."};
    *text = 0;
    for (unsigned count = 1 + dice_roll(dice) % 3; count > 0; count--)
        strcat(text, labels[dice_roll(dice) % COUNT(labels)]);
    strcat(text, "example.");
}

static void test_names(void **state)
{
    (void)state;
    struct dice dice = dice_seed(2);
    for (unsigned round = 0; round < 60; round++) {
        struct buffer text = {0};
        char name[128];
        buffer_add_text(&text, APEX "@ NSEC example. NS SOA NSEC\n");
        for (unsigned count = round; count > 0; count--) {
            roll_labels(&dice, name);
            buffer_format(&text, "%s TXT x\n%s NSEC example. TXT NSEC\n", name, name);
        }
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        assert_int_equal(image_chain_kind(&zone->image), CHAIN_NSEC);
        check_name(&zone->image, "example.");
        for (unsigned i = 0; i < 100; i++) {
            roll_labels(&dice, name);
            check_name(&zone->image, name);
        }
        zone_release(zone);
        buffer_free(&text);
    }
}

// Each size up to some steps of the list of tops.
static void test_every_size(void **state)
{
    (void)state;
    for (unsigned size = 0; size <= 3 * CHAIN_TOP_STEP + 1; size++) {
        struct buffer text = {0};
        char name[64];
        buffer_add_text(&text, APEX "@ NSEC example. NS SOA NSEC\n");
        for (unsigned i = 0; i < size; i++)
            buffer_format(&text, "n%02u NSEC example. NSEC\n", i * 2);
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        assert_int_equal(image_chain(&zone->image)->count, size + 1);
        for (unsigned i = 0; i <= size * 2 + 1; i++) {
            snprintf(name, sizeof name, "n%02u.example.", i);
            check_name(&zone->image, name);
        }
        zone_release(zone);
        buffer_free(&text);
    }
}

// What is at or below a cut has no NSEC that counts; the cut's own is in the chain.
static void test_cuts(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX "@ NSEC cut.example. NS SOA NSEC\n"
                                                        "cut NS ns.cut\ncut NSEC to.example. NS\n"
                                                        "cut2 NS ns.cut\ncut2 NSEC to.example. NS\n"
                                                        "ns.cut A 192.0.2.1\n"
                                                        "to DNAME cut\nto NSEC example. DNAME\n");
    static const char *const names[][2] = {
        {"a.example.", "example."},         {"cut.example.", "cut.example."},
        {"cut2.example.", "cut2.example."}, {"d.example.", "cut2.example."},
        {"to.example.", "to.example."},     {"z.example.", "to.example."},
    };
    assert_int_equal(image_chain(&zone->image)->count, 4);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct name_key key;
        bool matches;
        name_key_make(name_of(names[i][0]), &test_secret, &key);
        const struct node *node = chain_find_name(&zone->image, &key, key.labels, &matches);
        assert_string_equal(node_text(&zone->image, node), names[i][1]);
        assert_int_equal(matches, strcmp(names[i][0], names[i][1]) == 0);
    }
    zone_release(zone);
}

// --- NSEC3 ---------------------------------------------------------------------------------------

static void check_hash(const struct image *image, const struct hash20 *hashes, size_t count,
                       const struct hash20 *wanted)
{
    bool matches, expected;
    const struct node *node = chain_find_hash(image, wanted->octets, &matches);
    size_t at = find_slowly(hashes, count, wanted, &expected);
    assert_node_of_hash(node, &hashes[at]);
    assert_int_equal(matches, expected);
    chain_prefetch_hash(image, wanted->octets);
}

// Some share their first 8 octets, as if somebody had taken pains.
static struct hash20 roll_hash(struct dice *dice)
{
    struct hash20 hash;
    bool close = dice_roll(dice) % 3 == 0;
    for (unsigned i = 0; i < NSEC3_HASH_SIZE; i++)
        hash.octets[i] = close && i < 12 ? 0x5a : (uint8_t)dice_roll(dice);
    return hash;
}

static void test_hashes(void **state)
{
    static struct hash20 hashes[HASHED_MAX];
    (void)state;
    struct dice dice = dice_seed(3);
    for (unsigned count = 1; count <= 70; count++) {
        struct buffer text = {0};
        buffer_add_text(&text, APEX "@ NSEC3PARAM 1 0 0 -\n");
        hashes[0] = hash_of("example.", &plain);
        for (unsigned i = 1; i < count; i++)
            hashes[i] = roll_hash(&dice);
        add_chain(&text, "1 0 0 -", hashes, count);
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        assert_int_equal(image_chain_kind(&zone->image), CHAIN_NSEC3);
        assert_int_equal(image_chain(&zone->image)->count, count);
        for (unsigned i = 0; i < count; i++) {
            struct hash20 wanted = hashes[i];
            check_hash(&zone->image, hashes, count, &wanted);
            wanted.octets[19]++;
            check_hash(&zone->image, hashes, count, &wanted);
            wanted.octets[19] -= 2;
            check_hash(&zone->image, hashes, count, &wanted);
            wanted = roll_hash(&dice);
            check_hash(&zone->image, hashes, count, &wanted);
        }
        check_hash(&zone->image, hashes, count, &(struct hash20){0});
        struct hash20 last;
        memset(&last, 0xff, sizeof last);
        check_hash(&zone->image, hashes, count, &last);
        zone_release(zone);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_examples), cmocka_unit_test(test_order),
        cmocka_unit_test(test_names),          cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_cuts),           cmocka_unit_test(test_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
