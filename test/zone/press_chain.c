// Which chain a zone has, and what every node is told about its denial.
#include "hashed.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/random.h"

static const struct nsec3_params plain = {.algorithm = NSEC3_SHA1};
static const struct nsec3_params salted = {
    .algorithm = NSEC3_SHA1, .iterations = 10, .salt_size = 2, .salt = {0xaa, 0xbb}};

// --- the zone's chain ----------------------------------------------------------------------------

#define APEX_PLAIN  "3msev9usmd4br9s97v51r2tdvmr9iqo1" // example, "1 0 0 -"
#define NSEC3_PLAIN " NSEC3 1 0 0 - " APEX_PLAIN " NS SOA\n"

static void test_kinds(void **state)
{
    static const struct {
        const char *text;
        enum chain_kind kind;
        unsigned count, nsec3s;
    } cases[] = {
        {"", CHAIN_NONE, 0, 0},
        {"@ NSEC example. NS\n", CHAIN_NSEC, 1, 0},
        {"a NSEC example. NS\n", CHAIN_NONE, 0, 0}, // not at the apex: left over
        {"@ NSEC3PARAM 1 0 0 -\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NSEC3, 1, 1},
        {"@ NSEC3PARAM 1 0 0 -\n3MSEV9usmd4br9s97v51r2tdvmr9iqo1" NSEC3_PLAIN, CHAIN_NSEC3, 1, 1},
        // While it is being made or taken down: no NSEC3PARAM, one with flags (RFC 5155 4.1.2), or
        // none of its records there.
        {APEX_PLAIN NSEC3_PLAIN, CHAIN_NONE, 0, 1},
        {"@ NSEC3PARAM 1 1 0 -\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NONE, 0, 1},
        {"@ NSEC3PARAM 1 0 0 -\n", CHAIN_NONE, 0, 0},
        {"@ NSEC3PARAM 1 0 0 aa\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NONE, 0, 1},
        {"@ NSEC3PARAM 1 0 1 -\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NONE, 0, 1},
        // Then NSEC goes on, and goes when the other is complete.
        {"@ NSEC example. NS\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NSEC, 1, 1},
        {"@ NSEC example. NS\n@ NSEC3PARAM 1 0 0 -\n", CHAIN_NSEC, 1, 0},
        {"@ NSEC example. NS\n@ NSEC3PARAM 1 0 0 -\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NSEC3, 1, 1},
        // Of two, the one that is there.
        {"@ NSEC3PARAM 1 0 0 -\n@ NSEC3PARAM 1 0 0 aa\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NSEC3, 1, 1},
        {"@ NSEC3PARAM 1 0 0 -\n@ NSEC3PARAM 1 0 5 -\n" APEX_PLAIN NSEC3_PLAIN, CHAIN_NSEC3, 1, 1},
        // Records of another chain, and what looks like one of ours, are passed over.
        {"@ NSEC3PARAM 1 0 0 -\n" APEX_PLAIN NSEC3_PLAIN
         "0000000000000000000000000000000a NSEC3 1 0 3 - " APEX_PLAIN " NS\n"
         "0000000000000000000000000000000b NSEC3 1 1 0 - " APEX_PLAIN " NS\n"
         "0000000000000000000000000000000z NSEC3 1 0 0 - " APEX_PLAIN " NS\n",
         CHAIN_NSEC3, 2, 4},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer text = {0};
        buffer_format(&text, APEX "a TXT x\n%s", cases[i].text);
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        const struct image_chain *chain = image_chain(&zone->image);
        if (image_chain_kind(&zone->image) != cases[i].kind)
            fail_msg("%s: chain %d", cases[i].text, image_chain_kind(&zone->image));
        assert_int_equal(chain ? chain->count : 0, cases[i].count);
        assert_int_equal(chain ? chain->nsec3s : 0, cases[i].nsec3s);
        zone_release(zone);
        buffer_free(&text);
    }
}

// RFC 5155 10.3: more than NSEC3_ITERATIONS_SERVED_MAX is a chain for nobody.
static void test_most_iterations(void **state)
{
    (void)state;
    for (unsigned over = 0; over < 2; over++) {
        struct nsec3_params params = {.algorithm = NSEC3_SHA1,
                                      .iterations = (uint16_t)(NSEC3_ITERATIONS_SERVED_MAX + over)};
        struct hash20 hash = hash_of("example.", &params);
        struct buffer text = {0};
        char words[32];
        snprintf(words, sizeof words, "1 0 %u -", params.iterations);
        buffer_format(&text, APEX "@ NSEC3PARAM %s\n", words);
        add_chain(&text, words, &hash, 1);
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        assert_int_equal(image_chain_kind(&zone->image), over ? CHAIN_NONE : CHAIN_NSEC3);
        zone_release(zone);
        buffer_free(&text);
    }
}

// A name that is too long for a hash before it has no NSEC3 and so no chain.
static void test_longest_origin(void **state)
{
    (void)state;
    char longest[NAME_TEXT_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(longest + 2 * i, "a.", 3);
    struct zone *zone = zone_from_text(longest, APEX "@ NSEC3PARAM 1 0 0 -\n");
    assert_int_equal(image_chain_kind(&zone->image), CHAIN_NONE);
    zone_release(zone);
}

// --- what nodes are told -------------------------------------------------------------------------

static bool is_below_redirection(const struct node *node)
{
    return node->top != NODE_NOT_BELOW && node->top < node->labels;
}

// self and wildcard of a node, against a walk over all hashes.
static void check_node(const struct image *image, const struct node *node,
                       const struct nsec3_params *params, const struct hash20 *hashes, size_t count)
{
    char wildcard[NAME_TEXT_MAX + 2];
    bool matches;
    const struct node_hashed *hashed = node_hashed(node);
    assert_non_null(hashed);
    if (is_below_redirection(node)) {
        assert_int_equal(hashed->self | hashed->wildcard, 0);
        return;
    }
    const char *name = node_text(image, node);
    struct hash20 hash = hash_of(name, params);
    size_t at = find_slowly(hashes, count, &hash, &matches);
    assert_node_of_hash(image_node(image, hashed->self), &hashes[at]);
    assert_int_equal(matches, !(node->flags & NODE_COVERED));
    if (node->flags & (NODE_CUT | NODE_DNAME)) {
        assert_int_equal(hashed->wildcard, 0);
        return;
    }
    snprintf(wildcard, sizeof wildcard, "*.%s", name);
    hash = hash_of(wildcard, params);
    at = find_slowly(hashes, count, &hash, &matches);
    assert_node_of_hash(image_node(image, hashed->wildcard), &hashes[at]);
}

// Names of the zone below; some have no NSEC3, as under opt-out.
static void check_zone(const char *words, const struct nsec3_params *params, unsigned every)
{
    static const char *const names[] = {
        "example.",       "a.example.",         "b.a.example.",   "*.a.example.",
        "ent.example.",   "x.ent.example.",     "cut.example.",   "plain.example.",
        "under.example.", "y.under.example.",   "dname.example.", "*.example.",
        "Upper.example.", "z.y.under.example.",
    };
    static const char text[] = APEX "b.a TXT x\n*.a TXT x\nx.ent TXT x\ncut NS ns.cut\n"
                                    "cut DS 1 13 200 00\nns.cut A 192.0.2.1\nplain NS ns.cut\n"
                                    "z.y.under NS ns.cut\ndname DNAME a\nx.dname TXT x\n"
                                    "* TXT x\nUpper TXT x\n@ NSEC3PARAM ";
    struct hash20 hashes[COUNT(names)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(names); i++)
        if (i == 0 || every == 1 || i % every)
            hashes[count++] = hash_of(names[i], params);
    struct buffer all = {0};
    buffer_format(&all, "%s%s\n", text, words);
    add_chain(&all, words, hashes, count);
    struct zone *zone = zone_from_text("example.", buffer_text(&all));
    unsigned covered = 0;
    for (uint32_t i = 0; i < zone->image.head->nodes; i++) {
        const struct node *node = image_node_at(&zone->image, i);
        check_node(&zone->image, node, params, hashes, count);
        covered += (node->flags & NODE_COVERED) != 0;
    }
    assert_int_equal(covered > 0, every > 1);
    zone_release(zone);
    buffer_free(&all);
}

static void test_nodes(void **state)
{
    (void)state;
    for (unsigned every = 1; every < 6; every++) {
        check_zone("1 0 0 -", &plain, every);
        check_zone("1 0 10 aabb", &salted, every);
    }
}

// A name of 253 octets has room for no child, so there is nothing to say of "*" below it.
static void test_longest_name(void **state)
{
    (void)state;
    char longest[NAME_TEXT_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(longest + 2 * i, "a.", 3);
    struct hash20 hash = hash_of(".", &plain);
    struct buffer text = {0};
    buffer_format(&text, APEX "%s TXT x\n@ NSEC3PARAM 1 0 0 -\n", longest);
    add_chain(&text, "1 0 0 -", &hash, 1);
    struct zone *zone = zone_from_text(".", buffer_text(&text));
    const struct image *image = &zone->image;
    const struct node *node = image_node_at(image, image->head->nodes - 1);
    assert_int_equal(node->labels, NAME_LABELS_MAX);
    assert_int_equal(node_hashed(node)->wildcard, 0);
    assert_node_of_hash(image_node(image, node_hashed(node)->self), &hash);
    node = image_node_at(image, image->head->nodes - 2);
    assert_node_of_hash(image_node(image, node_hashed(node)->wildcard), &hash);
    zone_release(zone);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),          cmocka_unit_test(test_most_iterations),
        cmocka_unit_test(test_longest_origin), cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_longest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
