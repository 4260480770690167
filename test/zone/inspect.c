// zone/inspect: what was pressed is sound; what was damaged is told apart, or can be asked all the
// same.
#include "from_text.h"

#include "dns/type.h"
#include "zone/block.h"
#include "zone/bucket.h"
#include "zone/chain.h"
#include "zone/find.h"
#include "zone/inspect.h"

#define RRSIG(type) " 60 RRSIG " type " 13 2 60 20300101000000 20200101000000 1 x. AAAA\n"

// The first NSEC3 owner is the hash of "x." itself: without it there is no chain.
static const char *const zones[] = {
    APEX,
    APEX "a 60 A 192.0.2.1\nb.c 60 TXT t\n*.c 60 CNAME a\nB 60 AAAA 2001:db8::1\n",
    APEX "@ 60 DNAME y.\n@ 60 NSEC3PARAM 1 0 0 -\n",
    APEX "a 60 NS n.a\na 60 NS n.b\nn.a 60 A 192.0.2.1\nb 60 NS n.a\nb 60 NS n.b\n"
         "c 60 NS n.a\nc 60 NS n.b\nc 60 DS 1 13 250 00\nd 60 DNAME e\na" RRSIG("DS"),
    APEX "@ 60 NSEC a NS SOA NSEC\na 60 A 192.0.2.1\na" RRSIG(
        "A") "a 60 NSEC *.w A NSEC\n"
             "*.w 60 TXT t\n*.w 60 NSEC x. TXT NSEC\na" RRSIG("MX"),
    APEX "@ 60 NSEC3PARAM 1 0 0 -\na.b 60 A 192.0.2.1\nc 60 NS n.c\nn.c 60 A 192.0.2.2\n"
         "8in0e14rf39g7c6spqf042binrh5m3vn 60 NSEC3 1 1 0 - g0000000000000000000000000000000 A\n"
         "g0000000000000000000000000000000 60 NSEC3 1 0 0 - 8in0e14rf39g7c6spqf042binrh5m3vn NS\n"
         "g0000000000000000000000000000000" RRSIG("NSEC3"),
};

struct pressed {
    struct records records;
    struct image image;
    uint8_t *copy; // in memory of exactly its size, aligned
    size_t size;
};

static void press(struct pressed *pressed, const char *text)
{
    records_from_text(&pressed->records, "x.", text);
    assert_int_equal(image_build(&pressed->records, &test_secret, &pressed->image), 0);
    pressed->size = (size_t)pressed->image.head->size;
    assert_int_equal(posix_memalign((void **)&pressed->copy, 64, pressed->size), 0);
    memcpy(pressed->copy, pressed->image.base, pressed->size);
}

static void let_go(struct pressed *pressed)
{
    free(pressed->copy);
    image_free(&pressed->image);
    records_free(&pressed->records);
}

static enum inspect_result inspect(const struct pressed *pressed)
{
    return inspect_image(pressed->copy, pressed->size, pressed->records.origin, &test_secret);
}

static void test_pressed_images_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct pressed pressed;
        press(&pressed, zones[i]);
        assert_int_equal(inspect(&pressed), INSPECT_SOUND);
        let_go(&pressed);
    }
}

static void test_many_names(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct pressed pressed;
    buffer_add_text(&text, APEX);
    for (unsigned i = 0; i < 3000; i++)
        buffer_format(&text, "h%u.s%u 60 A 192.0.2.1\n", i, i % 7);
    press(&pressed, buffer_text(&text));
    assert_int_equal(inspect(&pressed), INSPECT_SOUND);
    let_go(&pressed);
    buffer_free(&text);
}

static void test_wrong_key_origin_and_size(void **state)
{
    (void)state;
    struct pressed pressed;
    press(&pressed, zones[1]);
    struct hash_key other = test_secret;
    other.words[1]++;
    struct name origin = pressed.records.origin;
    assert_int_equal(inspect_image(pressed.copy, pressed.size, origin, &other), INSPECT_BUCKET);
    assert_int_equal(inspect_image(pressed.copy, pressed.size, name_of("y."), &test_secret),
                     INSPECT_ORIGIN);
    assert_int_equal(inspect_image(pressed.copy, pressed.size, name_of("X."), &test_secret),
                     INSPECT_ORIGIN);
    assert_int_equal(inspect_image(pressed.copy, pressed.size - 4, origin, &test_secret),
                     INSPECT_HEAD);
    assert_int_equal(inspect_image(pressed.copy, 8, origin, &test_secret), INSPECT_HEAD);
    let_go(&pressed);
}

// Looks every node up, and its children, and the RRsets it has, as answers do.
static void look_at_all(const uint8_t *octets)
{
    struct image image;
    image_look_at(&image, octets);
    for (uint32_t i = 0; i < image.head->nodes; i++) {
        uint8_t storage[NAME_OCTETS_MAX], wire[NAME_OCTETS_MAX];
        const struct node *node = image_node_at(&image, i);
        struct name name = node_name(&image, node, storage), below;
        struct name_key key;
        name_key_make(name, &test_secret, &key);
        assert_ptr_equal(image_find(&image, &key, key.labels), node);
        (void)find_name(&image, &test_secret, &key);
        if (node->flags & NODE_CNAME)
            assert_non_null(node_rrset(&image, node, TYPE_CNAME));
        if (node->flags & NODE_CUT)
            assert_non_null(node_rrset(&image, node, TYPE_NS));
        if (!name_join(name_of("z.q."), 2, name, wire, &below))
            continue;
        name_key_make(below, &test_secret, &key);
        (void)find_name(&image, &test_secret, &key);
    }
}

// Without a checksum: what still passes has lost nothing that a look-up trusts.
static void test_every_octet_damaged(void **state)
{
    (void)state;
    static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x20};
    unsigned refused = 0, passed = 0;
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct pressed pressed;
        press(&pressed, zones[i]);
        for (size_t at = 0; at < pressed.size; at++)
            for (size_t j = 0; j < COUNT(masks); j++) {
                pressed.copy[at] ^= masks[j];
                bool sound = inspect(&pressed) == INSPECT_SOUND;
                if (sound)
                    look_at_all(pressed.copy);
                refused += !sound;
                passed += sound;
                pressed.copy[at] ^= masks[j];
            }
        let_go(&pressed);
    }
    print_message("%u refused, %u passed\n", refused, passed);
    assert_true(refused > 1000 && passed > 100); // TTLs, addresses, capitals, padding pass
}

static void test_cut_short_at_every_length(void **state)
{
    (void)state;
    struct pressed pressed;
    press(&pressed, zones[3]);
    for (size_t size = 0; size < pressed.size; size += 4) {
        uint8_t *part = NULL;
        assert_int_equal(posix_memalign((void **)&part, 64, size + (size == 0)), 0);
        memcpy(part, pressed.copy, size);
        if (size >= 8)
            memcpy(part, &(uint64_t){size}, 8); // it even says so itself
        assert_int_not_equal(inspect_image(part, size, pressed.records.origin, &test_secret),
                             INSPECT_SOUND);
        free(part);
    }
    let_go(&pressed);
}

// --- one lie at a time ---------------------------------------------------------------------------

static struct image_head *head(const struct pressed *pressed)
{
    return (struct image_head *)pressed->copy;
}

static struct node *node(const struct pressed *pressed, const char *name)
{
    struct image image = {.head = head(pressed), .base = pressed->copy};
    struct name_key key;
    name_key_make(name_of(name), &test_secret, &key);
    struct node *found = (struct node *)image_find(&image, &key, key.labels);
    assert_non_null(found);
    return found;
}

static struct image_chain *chain(const struct pressed *pressed)
{
    assert_true(head(pressed)->chain);
    return (struct image_chain *)(pressed->copy + (size_t)head(pressed)->chain * 4);
}

static struct bucket *buckets(const struct pressed *pressed)
{
    return (struct bucket *)(pressed->copy + (size_t)head(pressed)->buckets * 4);
}

static uint32_t *words(const struct pressed *pressed, uint32_t reference)
{
    return (uint32_t *)(pressed->copy + (size_t)reference * 4);
}

static struct rrset *first_rrset(const struct node *node)
{
    return (struct rrset *)node_own_rrset(node);
}

static void lie_format(const struct pressed *p)
{
    head(p)->format++;
}
static void lie_nodes(const struct pressed *p)
{
    head(p)->nodes--;
}
static void lie_records(const struct pressed *p)
{
    head(p)->records++;
}
static void lie_buckets_outside(const struct pressed *p)
{
    head(p)->buckets = UINT32_MAX & ~15u;
}
static void lie_order_outside(const struct pressed *p)
{
    head(p)->order = UINT32_MAX;
}
static void lie_order(const struct pressed *p)
{
    words(p, head(p)->order)[0]++;
}
static void lie_top(const struct pressed *p)
{
    node(p, "a.x.")->top = 1;
}
static void lie_no_cut(const struct pressed *p)
{
    node(p, "a.x.")->flags &= (uint8_t)~NODE_CUT;
}
static void lie_dname(const struct pressed *p)
{
    node(p, "d.x.")->flags &= (uint8_t)~NODE_DNAME;
}
static void lie_cname(const struct pressed *p)
{
    node(p, "a.x.")->flags |= NODE_CNAME;
}
static void lie_wildcard(const struct pressed *p)
{
    node(p, "a.x.")->flags |= NODE_WILDCARD;
}
static void lie_no_wildcard(const struct pressed *p)
{
    node(p, "c.x.")->flags &= (uint8_t)~NODE_WILDCARD;
}
static void lie_apex(const struct pressed *p)
{
    node(p, "a.x.")->flags |= NODE_APEX;
}
static void lie_labels(const struct pressed *p)
{
    node(p, "a.x.")->labels++;
}
static void lie_label(const struct pressed *p)
{
    node(p, "a.x.")->name[0] = 0;
}
static void lie_letter(const struct pressed *p)
{
    node(p, "b.x.")->name[1] = 'a';
}
static void lie_other_letter(const struct pressed *p)
{
    node(p, "b.x.")->name[1] = 'A' + 1 + 32 + 4;
}
static void lie_shared(const struct pressed *p)
{
    struct node *cut = node(p, "b.x.");
    assert_true(cut->flags & NODE_SHARED);
    ((uint32_t *)node_own_rrset(cut))[-1]++;
}
static void lie_shared_ahead(const struct pressed *p)
{
    ((uint32_t *)node_own_rrset(node(p, "b.x.")))[-1] = UINT32_MAX;
}
static void lie_words(const struct pressed *p)
{
    first_rrset(node(p, "a.x."))->words++;
}
static void lie_count(const struct pressed *p)
{
    first_rrset(node(p, "a.x."))->count++;
}
static void lie_rdlength(const struct pressed *p)
{
    first_rrset(node(p, "a.x."))->body[0] = 0xff;
}
static void lie_type(const struct pressed *p)
{
    first_rrset(node(p, "a.x."))->type = TYPE_OPT;
}
static void lie_address(const struct pressed *p)
{
    first_rrset(node(p, "a.x."))->type = TYPE_AAAA;
}
static void lie_soa(const struct pressed *p)
{
    first_rrset(node(p, "x."))->type = TYPE_PTR;
}
static void lie_target(const struct pressed *p)
{
    first_rrset(node(p, "*.c.x."))->body[2] = 0xc0;
}
static void lie_tag(const struct pressed *p)
{
    buckets(p)->tags[0]++;
}
static void lie_bucket_count(const struct pressed *p)
{
    buckets(p)->count = BUCKET_TAGS + 1;
}
static void lie_bucket_twice(const struct pressed *p)
{
    buckets(p)->nodes[0] = buckets(p)->nodes[1];
}
static void lie_chain_outside(const struct pressed *p)
{
    head(p)->chain = UINT32_MAX;
}
static void lie_no_chain(const struct pressed *p)
{
    head(p)->chain = 0;
}
static void lie_chain_kind(const struct pressed *p)
{
    chain(p)->kind = 3 - chain(p)->kind;
}
static void lie_chain_count(const struct pressed *p)
{
    chain(p)->count = UINT32_MAX;
}
static void lie_chain_node(const struct pressed *p)
{
    words(p, chain(p)->nodes)[1]++;
}
static void lie_chain_order(const struct pressed *p)
{
    words(p, chain(p)->orders)[2]++;
}
static void lie_chain_top(const struct pressed *p)
{
    words(p, chain(p)->tops)[0]++;
}
static struct chain_bucket *hash_bucket(const struct pressed *p)
{
    return (struct chain_bucket *)words(p, chain(p)->buckets);
}
static void lie_hash_buckets_outside(const struct pressed *p)
{
    chain(p)->buckets = UINT32_MAX & ~15u;
}
static void lie_hash_tag(const struct pressed *p)
{
    hash_bucket(p)->tags[0]++;
}
static void lie_hash_count(const struct pressed *p)
{
    hash_bucket(p)->count++;
}
static void lie_hash_first(const struct pressed *p)
{
    hash_bucket(p)->first++;
}
static void lie_hash_before(const struct pressed *p)
{
    hash_bucket(p)->nodes[0]++;
}
static void lie_hash_node(const struct pressed *p)
{
    hash_bucket(p)->nodes[1]++;
}
static void lie_hashed(const struct pressed *p)
{
    ((struct node_hashed *)node_body(node(p, "b.x.")))->self = head(p)->apex;
}
static void lie_hashed_below(const struct pressed *p)
{
    ((struct node_hashed *)node_body(node(p, "n.c.x.")))->self = 1;
}

static void test_each_lie_is_found(void **state)
{
    (void)state;
    static const struct {
        unsigned zone; // index into zones
        void (*lie)(const struct pressed *pressed);
        enum inspect_result result;
    } rows[] = {
        {1, lie_format, INSPECT_HEAD},
        {1, lie_nodes, INSPECT_BUCKET},
        {1, lie_records, INSPECT_HEAD},
        {1, lie_buckets_outside, INSPECT_HEAD},
        {1, lie_order_outside, INSPECT_HEAD},
        {1, lie_order, INSPECT_ORDER},
        {1, lie_top, INSPECT_NODE},
        {3, lie_no_cut, INSPECT_NODE},
        {3, lie_dname, INSPECT_NODE},
        {1, lie_cname, INSPECT_NODE},
        {1, lie_wildcard, INSPECT_NODE},
        {1, lie_no_wildcard, INSPECT_NODE},
        {1, lie_apex, INSPECT_NODE},
        {1, lie_labels, INSPECT_NODE},
        {1, lie_label, INSPECT_NODE},
        {1, lie_letter, INSPECT_NODE},
        {1, lie_other_letter, INSPECT_NODE},
        {3, lie_shared, INSPECT_SHARED},
        {3, lie_shared_ahead, INSPECT_SHARED},
        {1, lie_words, INSPECT_RRSET},
        {1, lie_count, INSPECT_RRSET},
        {1, lie_rdlength, INSPECT_RRSET},
        {1, lie_type, INSPECT_RRSET},
        {1, lie_address, INSPECT_RRSET},
        {1, lie_soa, INSPECT_RRSET},
        {1, lie_target, INSPECT_RRSET},
        {1, lie_tag, INSPECT_BUCKET},
        {1, lie_bucket_count, INSPECT_BUCKET},
        {1, lie_bucket_twice, INSPECT_BUCKET},
        {4, lie_chain_outside, INSPECT_CHAIN},
        {5, lie_no_chain, INSPECT_HASHED},
        {4, lie_chain_kind, INSPECT_CHAIN},
        {5, lie_chain_kind, INSPECT_CHAIN},
        {4, lie_chain_count, INSPECT_CHAIN},
        {4, lie_chain_node, INSPECT_CHAIN},
        {5, lie_chain_node, INSPECT_CHAIN},
        {4, lie_chain_order, INSPECT_CHAIN},
        {4, lie_chain_top, INSPECT_CHAIN},
        {5, lie_hash_buckets_outside, INSPECT_CHAIN},
        {5, lie_hash_tag, INSPECT_CHAIN},
        {5, lie_hash_count, INSPECT_CHAIN},
        {5, lie_hash_first, INSPECT_CHAIN},
        {5, lie_hash_before, INSPECT_CHAIN},
        {5, lie_hash_node, INSPECT_CHAIN},
        {5, lie_hashed, INSPECT_HASHED},
        {5, lie_hashed_below, INSPECT_HASHED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pressed pressed;
        press(&pressed, zones[rows[i].zone]);
        rows[i].lie(&pressed);
        enum inspect_result result = inspect(&pressed);
        if (result != rows[i].result)
            fail_msg("row %zu: %s is wrong, not %s", i, inspect_word(result),
                     inspect_word(rows[i].result));
        let_go(&pressed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pressed_images_are_sound),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_wrong_key_origin_and_size),
        cmocka_unit_test(test_every_octet_damaged),
        cmocka_unit_test(test_cut_short_at_every_length),
        cmocka_unit_test(test_each_lie_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
