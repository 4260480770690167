// Pressing: what NSEC3 records become, and that what was measured is enough for what is written.
// What stands in nodes is image.c's, chains are in press_chain.c.
#include "hashed.h"

#include <stdio.h>

#include "base/random.h"

static const struct nsec3_params plain = {.algorithm = NSEC3_SHA1};

#define HASH_A    "0000000000000000000000000000000a"
#define HASH_B    "0000000000000000000000000000000b"
#define HASH_C    "0000000000000000000000000000000C"
#define NSEC3     " NSEC3 1 0 0 - " HASH_A " A\n"
#define SIG(type) " RRSIG " type " 13 2 3600 20300101000000 20200101000000 1 example. AA==\n"

static const struct node *find(const struct image *image, const char *name)
{
    struct name_key key;
    name_key_make(name_of(name), &test_secret, &key);
    return image_find(image, &key, key.labels);
}

// The NSEC3 owner of this number.
static const struct node *nsec3_at(const struct image *image, uint32_t index)
{
    const struct image_chain *chain = image_chain(image);
    assert_true(index < chain->nsec3s);
    const struct node *node = image_node(image, chain->first_nsec3);
    for (; index > 0; index--)
        node = image_node_after(node);
    return node;
}

// RFC 5155 7.2.8: they are behind the nodes, in their order, and are no names.
static void test_nsec3_owners(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX HASH_B NSEC3 HASH_B SIG("NSEC3")
                                                       HASH_C NSEC3 HASH_A NSEC3 "a A 192.0.2.1\n");
    const struct image *image = &zone->image;
    static const char *const owners[] = {HASH_A ".example.", HASH_B ".example.",
                                         HASH_C ".example."};
    assert_int_equal(image->head->nodes, 2);
    assert_int_equal(image->head->rrsets, 3 + 3);
    assert_int_equal(image->head->nodes_end, image_chain(image)->first_nsec3);
    assert_int_equal(image_chain(image)->nsec3s, COUNT(owners));
    for (uint32_t i = 0; i < COUNT(owners); i++) {
        const struct node *node = nsec3_at(image, i);
        assert_string_equal(node_text(image, node), owners[i]); // in the case of the file
        const struct rrset *rrset = node_rrset(image, node, TYPE_NSEC3);
        assert_int_equal(rrset->count, 1);
        assert_int_equal(rrset->signatures, i == 1);
        assert_int_equal(node->rrsets, 1);
        assert_null(find(image, owners[i]));
    }
    zone_release(zone);
}

// The same owner may be a name, too: then it is both, each with what is its own.
static void test_name_and_nsec3_owner(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX HASH_A NSEC3 HASH_A SIG("NSEC3") HASH_A
                                       " A 192.0.2.1\n" HASH_A SIG("A") HASH_B NSEC3
                                       "x.y." HASH_B " A 192.0.2.2\n");
    const struct image *image = &zone->image;
    const struct node *node = find(image, HASH_A ".example.");
    assert_int_equal(node->rrsets, 1);
    assert_int_equal(node_rrset(image, node, TYPE_A)->signatures, 1);
    assert_null(node_rrset(image, node, TYPE_NSEC3));
    assert_int_equal(node_rrset(image, nsec3_at(image, 0), TYPE_NSEC3)->signatures, 1);
    // A name below makes an empty non-terminal of it.
    node = find(image, HASH_B ".example.");
    assert_int_equal(node->rrsets, 0);
    assert_non_null(find(image, "y." HASH_B ".example."));
    assert_int_equal(image->head->nodes, 1 + 1 + 3);
    assert_int_equal(image_chain(image)->nsec3s, 2);
    zone_release(zone);
}

// Signatures alone, of NSEC3 and of something else.
static void test_bare_signatures(void **state)
{
    (void)state;
    struct zone *zone = zone_from_text("example.", APEX HASH_A SIG("NSEC3") HASH_B SIG("TXT")
                                                       HASH_B SIG("NSEC3") "a" SIG("A"));
    const struct image *image = &zone->image;
    assert_null(find(image, HASH_A ".example."));
    const struct node *node = find(image, HASH_B ".example.");
    assert_int_equal(node->rrsets, 1);
    assert_int_equal(node_own_rrset(node)->type, TYPE_TXT);
    assert_int_equal(node_own_rrset(node)->count, 0);
    assert_int_equal(node_own_rrset(node)->signatures, 1);
    assert_null(node_rrset(image, nsec3_at(image, 0), TYPE_NSEC3)); // no data
    assert_int_equal(find(image, "a.example.")->rrsets, 1);
    zone_release(zone);
}

// Elsewhere than one label below the zone's name an NSEC3 is a record like others.
static void test_nsec3_elsewhere(void **state)
{
    (void)state;
    struct zone *zone =
        zone_from_text("example.", APEX "short" NSEC3 HASH_A ".deep" NSEC3 "@" NSEC3);
    const struct image *image = &zone->image;
    assert_int_equal(image->head->chain, 0);
    assert_non_null(node_rrset(image, find(image, "short.example."), TYPE_NSEC3));
    assert_non_null(node_rrset(image, find(image, HASH_A ".deep.example."), TYPE_NSEC3));
    assert_non_null(node_rrset(image, image->apex, TYPE_NSEC3));
    zone_release(zone);
}

// In front of a node's RRsets: the hashes' references, then that of a shared NS set.
static void test_shared_beside_hashed(void **state)
{
    (void)state;
    struct hash20 hash = hash_of("example.", &plain);
    struct buffer text = {0};
    buffer_add_text(&text, APEX "@ NSEC3PARAM 1 0 0 -\n"
                                "a NS ns.invalid.\na DS 1 13 200 0123\n"
                                "b NS ns.invalid.\nb DS 1 13 200 4567\n"
                                "c NS ns.invalid.\n");
    add_chain(&text, "1 0 0 -", &hash, 1);
    struct zone *zone = zone_from_text("example.", buffer_text(&text));
    const struct image *image = &zone->image;
    const struct node *a = find(image, "a.example."), *b = find(image, "b.example.");
    const struct node *c = find(image, "c.example.");
    assert_false(a->flags & NODE_SHARED);
    assert_true(b->flags & NODE_SHARED);
    assert_ptr_equal(node_rrset(image, b, TYPE_NS), node_rrset(image, a, TYPE_NS));
    assert_ptr_equal(node_rrset(image, c, TYPE_NS), node_rrset(image, a, TYPE_NS));
    assert_memory_equal(node_rrset(image, b, TYPE_DS)->body, "\0\6\0\1\15\310\105\147", 8);
    assert_int_equal(c->rrsets, 1);
    assert_true(node_hashed(b)->self && node_hashed(c)->self);
    assert_ptr_equal(image_node_after(b), c);
    zone_release(zone);
    buffer_free(&text);
}

// Any mixture fits into what was measured (press_reserve asserts it), and the rest is given back.
static void test_measure(void **state)
{
    static const char *const labels[] = {"a.", "*.", "bb.", HASH_A ".", HASH_B ".", "ccc."};
    static const char *const records[] = {" TXT x\n",
                                          " NS ns.invalid.\n",
                                          " NSEC example. A\n",
                                          " NSEC3 1 0 0 - " HASH_A " A\n",
                                          SIG("NSEC3"),
                                          SIG("A"),
                                          SIG("NS"),
                                          " A 192.0.2.1\n",
                                          " DNAME t.\n",
                                          SIG("TXT"),
                                          " DS 1 13 200 01\n"};
    (void)state;
    struct dice dice = dice_seed(5);
    for (unsigned round = 0; round < 400; round++) {
        struct buffer text = {0};
        struct hash20 hash = hash_of("example.", &plain);
        buffer_add_text(&text, APEX);
        if (round % 3 == 0)
            buffer_add_text(&text, "@ NSEC example. NS\n");
        if (round % 3 == 1) {
            buffer_add_text(&text, "@ NSEC3PARAM 1 0 0 -\n");
            add_chain(&text, "1 0 0 -", &hash, 1);
        }
        for (unsigned count = round % 40; count > 0; count--) {
            for (unsigned depth = 1 + dice_roll(&dice) % 3; depth > 0; depth--)
                buffer_add_text(&text, labels[dice_roll(&dice) % COUNT(labels)]);
            buffer_format(&text, "example.%s", records[dice_roll(&dice) % COUNT(records)]);
        }
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        const struct image *image = &zone->image;
        const struct node *node = image->apex;
        for (uint32_t i = 0; i < image->head->nodes; i++, node = image_node_after(node)) {
            assert_ptr_equal(node, image_node_at(image, i));
            assert_ptr_equal(node, find(image, node_text(image, node)));
        }
        assert_ptr_equal(node, image_node(image, image->head->nodes_end));
        zone_release(zone);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nsec3_owners),         cmocka_unit_test(test_name_and_nsec3_owner),
        cmocka_unit_test(test_bare_signatures),      cmocka_unit_test(test_nsec3_elsewhere),
        cmocka_unit_test(test_shared_beside_hashed), cmocka_unit_test(test_measure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
