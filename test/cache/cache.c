// cache/cache: what counts when, what is found, and what is never exceeded.
#include "made.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define NOW 1000000u

static struct cache *cache;

static int set_up(void **state)
{
    (void)state;
    cache = make_cache(CACHE_OCTETS_MIN, 1000);
    epoch_join();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    epoch_leave();
    cache_close(cache);
    return 0;
}

// --- what counts ---------------------------------------------------------------------------------

struct given {
    enum cache_kind kind;
    enum cache_rank rank;
    uint32_t ttl_s;
};

// Puts something that says `octet` in its tag and its records.
static enum cache_stored put(const char *name, uint16_t type, struct given given, uint8_t octet)
{
    struct made made;
    static struct made_rrset rrset;
    make_name(&made, name);
    struct cache_key key = make_key(&made, type, 0);
    struct cache_put what = {.kind = given.kind,
                             .rank = given.rank,
                             .security = SECURITY_INSECURE,
                             .tag = octet,
                             .ttl_s = given.ttl_s,
                             .owner = made.name,
                             .payload = &octet,
                             .payload_size = 1};
    if (given.kind == CACHE_RRSET)
        what.rrset = make_rrset(&rrset, type, &octet, 1);
    return cache_put(cache, &key, &what, NOW);
}

static bool get(const char *name, uint16_t type, uint32_t now_s, struct cache_found *found)
{
    struct made made;
    make_name(&made, name);
    struct cache_key key = make_key(&made, type, 0);
    return cache_get(cache, &key, now_s, found);
}

// The kind and tag of what is found, as kind * 100 + tag; -1: nothing; stale: 1000 more.
static int found_at(const char *name, uint16_t type, uint32_t now_s)
{
    struct cache_found found;
    if (!get(name, type, now_s, &found))
        return -1;
    return (int)found.kind * 100 + found.tag + (found.stale ? 1000 : 0);
}

static const struct step {
    struct {
        struct given given;
        enum cache_stored stored;
    } puts[3]; // tags 1, 2, 3
    unsigned count;
    uint32_t after_s;
    int found; // see found_at
} steps[] = {
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}}, 1, 0, 1},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}}, 1, 59, 1},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}}, 1, 60, 1001},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}}, 1, 1059, 1001},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}}, 1, 1060, -1},
    {{{{CACHE_RRSET, RANK_ANSWER, 0}, CACHE_NOT_KEPT}}, 1, 0, -1},
    {{{{CACHE_RRSET, RANK_ANSWER, 0x80000001}, CACHE_NOT_KEPT}}, 1, 0, -1},
    // ranks
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}},
     2,
     0,
     2},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_ADDITIONAL, 60}, CACHE_OUTRANKED}},
     2,
     0,
     1},
    {{{{CACHE_RRSET, RANK_ADDITIONAL, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_AUTHORITY, 60}, CACHE_OUTRANKED}},
     3,
     0,
     2},
    {{{{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED},
      {{CACHE_NODATA, RANK_ANSWER, 60}, CACHE_STORED}},
     2,
     0,
     102},
    {{{{CACHE_NODATA, RANK_ANSWER, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_ANSWER, 60}, CACHE_STORED}},
     2,
     0,
     2},
    // NXDOMAIN and data: the later one counts, unless it is trusted less
    {{{{CACHE_RRSET, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_NXDOMAIN, RANK_AUTHORITATIVE, 60}, CACHE_STORED}},
     2,
     0,
     202},
    {{{{CACHE_NXDOMAIN, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_AUTHORITATIVE, 60}, CACHE_STORED}},
     2,
     0,
     2},
    {{{{CACHE_NXDOMAIN, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_AUTHORITATIVE, 30}, CACHE_STORED}},
     2,
     40,
     1002},
    {{{{CACHE_RRSET, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_NXDOMAIN, RANK_ANSWER, 60}, CACHE_STORED}},
     2,
     0,
     1},
    {{{{CACHE_NXDOMAIN, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_ADDITIONAL, 60}, CACHE_OUTRANKED}},
     2,
     0,
     201},
    {{{{CACHE_RRSET, RANK_ANSWER, 600}, CACHE_STORED},
      {{CACHE_NXDOMAIN, RANK_ANSWER, 6}, CACHE_STORED}},
     2,
     7,
     1202},
    {{{{CACHE_NXDOMAIN, RANK_ANSWER, 60}, CACHE_STORED},
      {{CACHE_NODATA, RANK_ANSWER, 60}, CACHE_STORED}},
     2,
     0,
     102},
    // failures hide nothing that is fresh, hide what is stale, and end with data
    {{{{CACHE_FAILURE, RANK_ADDITIONAL, 5}, CACHE_STORED}}, 1, 4, 301},
    {{{{CACHE_FAILURE, RANK_ADDITIONAL, 5}, CACHE_STORED}}, 1, 5, -1},
    {{{{CACHE_RRSET, RANK_ADDITIONAL, 60}, CACHE_STORED},
      {{CACHE_FAILURE, RANK_AUTHORITATIVE, 60}, CACHE_STORED}},
     2,
     0,
     1},
    {{{{CACHE_NXDOMAIN, RANK_ADDITIONAL, 60}, CACHE_STORED},
      {{CACHE_FAILURE, RANK_AUTHORITATIVE, 60}, CACHE_STORED}},
     2,
     0,
     201},
    {{{{CACHE_RRSET, RANK_ADDITIONAL, 6}, CACHE_STORED},
      {{CACHE_FAILURE, RANK_ADDITIONAL, 60}, CACHE_STORED}},
     2,
     7,
     302},
    {{{{CACHE_FAILURE, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_FAILURE, RANK_ADDITIONAL, 60}, CACHE_STORED}},
     2,
     0,
     302},
    {{{{CACHE_FAILURE, RANK_AUTHORITATIVE, 60}, CACHE_STORED},
      {{CACHE_RRSET, RANK_ADDITIONAL, 6}, CACHE_STORED}},
     2,
     7,
     1002},
    // delegations are somewhere else
    {{{{CACHE_DELEGATION, RANK_REFERRAL, 60}, CACHE_STORED}}, 1, 0, -1},
};

static void test_what_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%zu.example.", i);
        for (unsigned j = 0; j < steps[i].count; j++) {
            enum cache_stored stored = put(name, TYPE_A, steps[i].puts[j].given, j + 1);
            if (stored != steps[i].puts[j].stored)
                fail_msg("row %zu, put %u: %d", i, j, stored);
        }
        int found = found_at(name, TYPE_A, NOW + steps[i].after_s);
        if (found != steps[i].found)
            fail_msg("row %zu: found %d, not %d", i, found, steps[i].found);
    }
}

static void test_nxdomain_is_of_every_type(void **state)
{
    (void)state;
    put("a.example.", TYPE_A, (struct given){CACHE_NXDOMAIN, RANK_AUTHORITY, 60}, 1);
    assert_int_equal(found_at("a.example.", TYPE_TXT, NOW), 201);
    assert_int_equal(found_at("A.EXAMPLE.", TYPE_A, NOW), 201);
    assert_int_equal(found_at("b.a.example.", TYPE_A, NOW), -1);
    put("a.example.", TYPE_TXT, (struct given){CACHE_RRSET, RANK_AUTHORITATIVE, 60}, 2);
    assert_int_equal(found_at("a.example.", TYPE_TXT, NOW), 2);
    assert_int_equal(found_at("a.example.", TYPE_A, NOW), -1);
}

// RFC 8767: who has found a failure may ask for what is stale.
static void test_stale_behind_a_failure(void **state)
{
    (void)state;
    struct made made;
    struct cache_found found;
    put("a.example.", TYPE_A, (struct given){CACHE_RRSET, RANK_AUTHORITATIVE, 60}, 1);
    put("a.example.", TYPE_A, (struct given){CACHE_FAILURE, RANK_ADDITIONAL, 300}, 2);
    make_name(&made, "a.example.");
    struct cache_key key = make_key(&made, TYPE_A, 0);
    assert_true(cache_get(cache, &key, NOW + 100, &found));
    assert_int_equal(found.kind, CACHE_FAILURE);
    assert_int_equal(found.payload_size, 1);
    assert_int_equal(*found.payload, 2);
    assert_true(cache_get_stale(cache, &key, NOW + 100, &found));
    assert_int_equal(found.tag, 1);
    assert_true(found.stale);
    assert_int_equal(found.expired_s, 40);
    assert_int_equal(found.ttl_s, 0);
    assert_false(cache_get_stale(cache, &key, NOW + 1060, &found));
}

static void test_times(void **state)
{
    (void)state;
    const struct cache_options options = {
        .octets = CACHE_OCTETS_MIN, .min_ttl_s = 50, .max_ttl_s = 1000, .negative_ttl_s = 200};
    static const struct {
        enum cache_kind kind;
        uint32_t given, kept;
    } rows[] = {
        {CACHE_RRSET, 1, 50},  {CACHE_RRSET, 51, 51},     {CACHE_RRSET, 9999, 1000},
        {CACHE_NODATA, 1, 50}, {CACHE_NODATA, 9999, 200}, {CACHE_NXDOMAIN, 9999, 200},
        {CACHE_FAILURE, 5, 5}, {CACHE_FAILURE, 300, 300}, {CACHE_RRSET, 0x7fffffff, 1000},
        {CACHE_RRSET, 0, 0},   {CACHE_NODATA, 0, 0},      {CACHE_RRSET, 0xffffffff, 0},
    };
    cache_set(cache, &options);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[32];
        struct cache_found found;
        snprintf(name, sizeof name, "n%zu.example.", i);
        put(name, TYPE_A, (struct given){rows[i].kind, RANK_ANSWER, rows[i].given}, 1);
        assert_int_equal(get(name, TYPE_A, NOW, &found), rows[i].kept > 0);
        if (rows[i].kept == 0)
            continue;
        assert_int_equal(found.ttl_s, rows[i].kept);
        assert_int_equal(found.given_s, rows[i].kept);
        assert_true(get(name, TYPE_A, NOW + rows[i].kept - 1, &found));
        assert_int_equal(found.ttl_s, 1);
        assert_false(get(name, TYPE_A, NOW + rows[i].kept, &found)); // stale_s is 0 now
        assert_true(get(name, TYPE_A, NOW - 10, &found));            // a clock that is behind
        assert_int_equal(found.ttl_s, rows[i].kept);
    }
}

static void test_delegations(void **state)
{
    (void)state;
    struct made made;
    struct cache_found found;
    const struct cache_options options = {
        .octets = CACHE_OCTETS_MIN, .min_ttl_s = 500, .max_ttl_s = 1000, .stale_s = 1000};
    cache_set(cache, &options);
    put("example.", TYPE_NS, (struct given){CACHE_DELEGATION, RANK_REFERRAL, 60}, 1);
    put("example.", TYPE_NS, (struct given){CACHE_RRSET, RANK_AUTHORITATIVE, 600}, 2);
    make_name(&made, "www.EXAMPLE.");
    struct cache_key key = make_key(&made, 0, 0);
    assert_false(cache_get_delegation(cache, &key, NOW, &found));
    key.depth = 1;
    assert_true(cache_get_delegation(cache, &key, NOW + 59, &found));
    assert_int_equal(found.tag, 1);
    assert_int_equal(found.ttl_s, 1); // not lifted: the parent's word
    assert_false(cache_get_delegation(cache, &key, NOW + 60, &found)); // never stale
    key.source = 1;
    assert_false(cache_get_delegation(cache, &key, NOW, &found));
}

static void test_sources_are_strangers(void **state)
{
    (void)state;
    struct made made;
    struct cache_found found;
    make_name(&made, "a.example.");
    static const enum cache_kind kinds[] = {CACHE_RRSET, CACHE_NXDOMAIN, CACHE_FAILURE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        put("a.example.", TYPE_A, (struct given){kinds[i], RANK_AUTHORITATIVE, 60}, 1);
        for (uint16_t source = 1; source < 5; source++) {
            struct cache_key key = make_key(&made, TYPE_A, source);
            assert_false(cache_get(cache, &key, NOW, &found));
        }
    }
}

static void test_what_comes_back(void **state)
{
    (void)state;
    static const struct {
        const char *owner, *soa;
    } rows[] = {
        {"Www.Example.Test.", "Example.Test."},
        {"Www.Example.Test.", "example.test."},
        {"Www.Example.Test.", "."},
        {"Www.Example.Test.", "Www.Example.Test."},
        {"Www.Example.Test.", "other.test."},
        {"test.", "longer.name.of.a.soa."},
        {"Www.Example.Test.", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made made, soa = {0};
        static struct made_rrset rrset;
        struct cache_found found;
        make_name(&made, rows[i].owner);
        struct cache_put what = {.kind = i % 2 ? CACHE_NXDOMAIN : CACHE_NODATA,
                                 .rank = RANK_AUTHORITY,
                                 .security = SECURITY_SECURE,
                                 .tag = 0xabcd,
                                 .ttl_s = 60,
                                 .owner = made.name};
        if (rows[i].soa) {
            make_name(&soa, rows[i].soa);
            what.soa_owner = soa.name;
            what.rrset = make_rrset(&rrset, TYPE_SOA, "twenty-two octets here", 22);
        }
        struct cache_key key = make_key(&made, TYPE_MX, 7);
        assert_int_equal(cache_put(cache, &key, &what, NOW), CACHE_STORED);
        assert_true(cache_get(cache, &key, NOW, &found));
        assert_int_equal(found.kind, what.kind);
        assert_int_equal(found.rank, RANK_AUTHORITY);
        assert_int_equal(found.security, SECURITY_SECURE);
        assert_int_equal(found.tag, 0xabcd);
        assert_int_equal(found.owner.size, made.name.size);
        assert_memory_equal(found.owner.wire, made.name.wire, made.name.size); // the case of then
        assert_int_equal(found.rrset != NULL, rows[i].soa != NULL);
        if (!rows[i].soa)
            continue;
        assert_int_equal(found.soa_owner.size, soa.name.size);
        assert_int_equal(found.soa_owner.labels, soa.name.labels);
        assert_memory_equal(found.soa_owner.wire, soa.name.wire, soa.name.size);
        assert_int_equal((uintptr_t)found.rrset % 4, 0);
        assert_memory_equal(found.rrset, &rrset, rrset_size(&rrset.head));
    }
}

// Worth a refresh: in the last tenth, and only what was asked for before.
static void test_ageing(void **state)
{
    (void)state;
    struct cache_found found;
    put("a.example.", TYPE_A, (struct given){CACHE_RRSET, RANK_ANSWER, 100}, 1);
    assert_true(get("a.example.", TYPE_A, NOW + 95, &found));
    assert_false(found.ageing);
    assert_true(get("a.example.", TYPE_A, NOW + 95, &found));
    assert_true(found.ageing);
    assert_true(get("a.example.", TYPE_A, NOW + 89, &found));
    assert_false(found.ageing);
}

static void test_large_entries(void **state)
{
    (void)state;
    struct made made;
    static struct made_rrset rrset;
    static uint8_t octets[CACHE_ENTRY_MAX];
    struct cache_found found;
    struct cache *large = make_cache(32 * CACHE_OCTETS_MIN, 0);
    make_name(&made, "a.example.");
    struct cache_key key = make_key(&made, TYPE_TXT, 0);
    struct cache_put what = {.kind = CACHE_RRSET, .ttl_s = 60, .owner = made.name};
    // 24 of the head, 12 of the name and its padding, 14 before the rdata
    size_t most = CACHE_ENTRY_MAX - 24 - 12 - 14;
    what.rrset = make_rrset(&rrset, TYPE_TXT, octets, most);
    assert_int_equal(cache_put(large, &key, &what, NOW), CACHE_STORED);
    assert_true(cache_get(large, &key, NOW, &found));
    assert_int_equal(rrset_rdata_size(found.rrset->body), most);
    assert_int_equal(cache_put(cache, &key, &what, NOW), CACHE_TOO_LARGE); // for a small cache
    what.rrset = make_rrset(&rrset, TYPE_TXT, octets, most + 1);
    assert_int_equal(cache_put(large, &key, &what, NOW), CACHE_TOO_LARGE);
    struct cache_counts counts;
    cache_count(large, &counts);
    assert_int_equal(counts.too_large, 1);
    epoch_leave();
    cache_close(large);
    epoch_join();
}

static void test_too_small_a_cache(void **state)
{
    (void)state;
    const struct cache_options options = {.octets = CACHE_OCTETS_MIN - 1};
    assert_null(cache_open(&options));
}

// Three times the most: a reference reaches no further, and what is over is not used.
static void test_too_large_a_cache(void **state)
{
    (void)state;
    struct cache_counts counts;
    struct cache *small = cache;
    cache = make_cache(3 * CACHE_OCTETS_MAX, 0);
    cache_count(cache, &counts);
    assert_true(counts.octets_max == CACHE_OCTETS_MAX);
    put("a.example.", TYPE_A, (struct given){CACHE_RRSET, RANK_ANSWER, 60}, 1);
    assert_int_equal(found_at("a.example.", TYPE_A, NOW), 1);
    epoch_leave();
    cache_close(cache);
    epoch_join();
    cache = small;
}

// --- forgetting and walking ----------------------------------------------------------------------

static void fill_some(void)
{
    put("example.", TYPE_A, (struct given){CACHE_RRSET, RANK_ANSWER, 60}, 1);
    put("example.", TYPE_NS, (struct given){CACHE_RRSET, RANK_ANSWER, 60}, 2);
    put("example.", TYPE_MX, (struct given){CACHE_NODATA, RANK_ANSWER, 60}, 3);
    put("example.", TYPE_NS, (struct given){CACHE_DELEGATION, RANK_REFERRAL, 60}, 4);
    put("a.Example.", TYPE_A, (struct given){CACHE_NXDOMAIN, RANK_ANSWER, 60}, 5);
    put("a.example.", TYPE_A, (struct given){CACHE_FAILURE, RANK_ANSWER, 60}, 6);
    put("b.a.example.", TYPE_A, (struct given){CACHE_RRSET, RANK_ANSWER, 60}, 7);
    put("notexample.", TYPE_A, (struct given){CACHE_RRSET, RANK_ANSWER, 60}, 8);
}

static unsigned count_all(void)
{
    struct cache_counts counts;
    unsigned all = 0;
    cache_count(cache, &counts);
    for (unsigned kind = 0; kind <= CACHE_DELEGATION; kind++)
        all += (unsigned)counts.entries[kind];
    return all;
}

static void test_flush(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t type;
        bool tree;
        unsigned gone;
    } rows[] = {
        {"example.", TYPE_A, false, 1},   {"EXAMPLE.", TYPE_NS, false, 2},
        {"example.", TYPE_MX, false, 1},  {"example.", 0, false, 4},
        {"a.example.", TYPE_A, false, 2}, {"a.example.", TYPE_MX, false, 1},
        {"c.example.", 0, false, 0},      {"example.", 0, true, 7},
        {"a.example.", 0, true, 3},       {".", 0, true, 8},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made made;
        cache_flush_tree(cache, NAME_ROOT);
        assert_int_equal(count_all(), 0);
        fill_some();
        assert_int_equal(count_all(), 8);
        make_name(&made, rows[i].name);
        size_t gone = rows[i].tree ? cache_flush_tree(cache, made.name)
                                   : cache_flush(cache, made.name, rows[i].type);
        if (gone != rows[i].gone)
            fail_msg("row %zu: %zu gone", i, gone);
        assert_int_equal(count_all(), 8 - rows[i].gone);
    }
    cache_flush_tree(cache, NAME_ROOT);
    assert_int_equal(found_at("notexample.", TYPE_A, NOW), -1);
}

struct seen {
    unsigned count, enough;
    unsigned tags[10], used[10];
};

static bool see(void *argument, const struct cache_visited *visited)
{
    struct seen *seen = argument;
    seen->count++;
    assert_true(visited->found.tag < 10);
    seen->tags[visited->found.tag]++;
    seen->used[visited->found.tag] = visited->used;
    bool typed = visited->found.kind != CACHE_NXDOMAIN && visited->found.kind != CACHE_DELEGATION;
    assert_int_equal(visited->type != 0, typed);
    assert_int_equal(visited->found.ttl_s, 60);
    return seen->count != seen->enough;
}

static void test_walk(void **state)
{
    (void)state;
    struct seen seen = {0};
    fill_some();
    assert_int_equal(found_at("b.a.example.", TYPE_A, NOW), 7);
    cache_walk(cache, NOW, see, &seen);
    assert_int_equal(seen.count, 8);
    for (unsigned tag = 1; tag <= 8; tag++) {
        assert_int_equal(seen.tags[tag], 1);
        assert_int_equal(seen.used[tag], tag == 7);
    }
    seen = (struct seen){.enough = 3};
    cache_walk(cache, NOW, see, &seen);
    assert_int_equal(seen.count, 3);
    seen = (struct seen){0};
    cache_walk(cache, NOW + 1060, see, &seen);
    assert_int_equal(seen.count, 0);
}

// --- floods --------------------------------------------------------------------------------------

static uint32_t seed = 1;
static uint32_t roll(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

// The name is said in the tag, the rdata are its number again and again.
static enum cache_stored put_numbered(struct cache *to, uint32_t number, size_t size)
{
    static _Thread_local struct made_rrset rrset;
    static _Thread_local uint32_t rdata[4096];
    char text[64];
    struct made made;
    assert_true(size <= sizeof rdata);
    snprintf(text, sizeof text, "www.d%06u.example.test.", number);
    make_name(&made, text);
    for (size_t i = 0; i <= size / 4 && i < 4096; i++)
        rdata[i] = number;
    struct cache_key key = make_key(&made, TYPE_A, 0);
    struct cache_put what = {.kind = CACHE_RRSET,
                             .rank = RANK_ANSWER,
                             .tag = (uint16_t)number,
                             .ttl_s = 10 + number % 86000,
                             .owner = made.name,
                             .rrset = make_rrset(&rrset, TYPE_A, rdata, size)};
    return cache_put(to, &key, &what, NOW);
}

static bool get_numbered(struct cache *from, uint32_t number)
{
    char text[64];
    struct made made;
    struct cache_found found;
    snprintf(text, sizeof text, "www.d%06u.example.test.", number);
    make_name(&made, text);
    struct cache_key key = make_key(&made, TYPE_A, 0);
    if (!cache_get(from, &key, NOW, &found))
        return false;
    assert_int_equal(found.tag, (uint16_t)number);
    assert_true(name_equal(found.owner, made.name));
    size_t size = rrset_rdata_size(found.rrset->body);
    const uint8_t *rdata = rrset_rdata(found.rrset->body);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(rdata[i], number >> i % 4 * 8 & 255);
    return true;
}

// Lets everything that was retired become free.
static void let_go(void)
{
    epoch_offline();
    epoch_drain();
    epoch_online();
}

static void test_octets_are_never_exceeded(void **state)
{
    (void)state;
    struct cache_counts counts;
    size_t put_octets = 0;
    uint32_t number = 0;
    for (; put_octets < 10 * CACHE_OCTETS_MIN; number++) {
        size_t size = roll() % 16 ? 4 : roll() % 4000;
        if (put_numbered(cache, number, size) == CACHE_STORED)
            put_octets += 72 + size;
        else
            let_go();
        if (number % 64 == 0) {
            cache_count(cache, &counts);
            assert_true(counts.octets <= counts.octets_max);
            assert_true(counts.octets_max <= CACHE_OCTETS_MIN);
            epoch_quiet();
        }
    }
    cache_count(cache, &counts);
    assert_true(counts.evicted > 0);
    unsigned found = 0;
    for (uint32_t i = 0; i < number; i++)
        found += get_numbered(cache, i);
    assert_int_equal(found, count_all());
    assert_int_equal(counts.stored, counts.replaced + counts.evicted + counts.expired + found);
}

// Segments whose time is over go first, whatever their age.
static void test_expired_go_first(void **state)
{
    (void)state;
    struct made made;
    static struct made_rrset rrset;
    const struct cache_options options = {.octets = CACHE_OCTETS_MIN, .max_ttl_s = 86400};
    cache_set(cache, &options);
    for (unsigned i = 0; i < 2000; i++)
        assert_int_equal(put_numbered(cache, 80000, 4), CACHE_STORED); // fills, and dies at once
    uint32_t late = 80001;
    assert_int_equal(put_numbered(cache, late, 4), CACHE_STORED);
    struct cache_counts before, after;
    cache_count(cache, &before);
    for (unsigned i = 0; i < 60000; i++) {
        char text[64];
        snprintf(text, sizeof text, "s%u.example.", i);
        make_name(&made, text);
        struct cache_key key = make_key(&made, TYPE_A, 0);
        struct cache_put what = {.kind = CACHE_RRSET,
                                 .rank = RANK_ANSWER,
                                 .ttl_s = 5,
                                 .owner = made.name,
                                 .rrset = make_rrset(&rrset, TYPE_A, "\1\2\3\4", 4)};
        if (cache_put(cache, &key, &what, NOW + i / 100) == CACHE_NOT_KEPT)
            let_go();
        epoch_quiet();
    }
    cache_count(cache, &after);
    assert_true(after.expired > 40000);
    assert_true(get_numbered(cache, late));
    assert_true(after.evicted - before.evicted < 1000);
}

// limits.md's CacheFlush: 10 000 names that are asked for all the time stay through a flood.
static void test_hot_names_stay(void **state)
{
    (void)state;
    struct cache *large = make_cache(16 * CACHE_OCTETS_MIN, 0);
    const uint32_t hot = 10000, flood = 1000000;
    uint32_t asked = 0, missed = 0;
    for (uint32_t i = 0; i < hot; i++)
        put_numbered(large, i, 4);
    for (uint32_t i = 0; i < flood; i++) {
        if (put_numbered(large, hot + i, 4 + roll() % 64) == CACHE_NOT_KEPT)
            let_go();
        uint32_t number = roll() % hot;
        asked++;
        if (!get_numbered(large, number)) {
            missed++;
            put_numbered(large, number, 4);
        }
        if (i % 64 == 0)
            epoch_quiet();
    }
    struct cache_counts counts;
    cache_count(large, &counts);
    assert_true(counts.evicted > flood / 2);
    print_message("%u of %u missed\n", missed, asked);
    assert_true(missed * 20 < asked);
    epoch_leave();
    cache_close(large);
    epoch_join();
}

// What is used all over cannot stop what is new.
static void test_all_used(void **state)
{
    (void)state;
    unsigned refused = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        if (put_numbered(cache, i, 4) == CACHE_NOT_KEPT) {
            refused++;
            let_go();
        }
        (void)get_numbered(cache, i);
        epoch_quiet();
    }
    struct cache_counts counts;
    cache_count(cache, &counts);
    assert_true(refused < 1000);
    assert_int_equal(counts.refused, refused);
    assert_true(get_numbered(cache, 99999));
}

// A reader that never lets go: puts are refused, what it holds stays, and nobody waits.
static void test_reader_holds_everything(void **state)
{
    (void)state;
    struct made made;
    struct cache_found found;
    assert_int_equal(put_numbered(cache, 0, 1000), CACHE_STORED);
    make_name(&made, "www.d000000.example.test.");
    struct cache_key key = make_key(&made, TYPE_A, 0);
    assert_true(cache_get(cache, &key, NOW, &found));
    unsigned refused = 0;
    for (uint32_t i = 1; i < 100000; i++)
        refused += put_numbered(cache, i, 4) == CACHE_NOT_KEPT;
    assert_true(refused > 80000);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(rrset_rdata(found.rrset->body)[i], 0);
    assert_true(name_equal(found.owner, made.name));
    let_go();
    assert_int_equal(put_numbered(cache, 100000, 4), CACHE_STORED);
    assert_true(get_numbered(cache, 100000));
}

// --- several threads -----------------------------------------------------------------------------

static atomic_bool stop;
#define NUMBERS 40000 // about four times what there is room for

static void nap(void)
{
    epoch_offline();
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    epoch_online();
}

static void *write_all(void *argument)
{
    uint32_t number = *(uint32_t *)argument;
    epoch_join();
    while (!atomic_load(&stop)) {
        for (unsigned i = 0; i < 32; i++) {
            number = (number * 1664525 + 1013904223) & 0xffffff;
            if (put_numbered(cache, number % NUMBERS, 4 + number % 61) == CACHE_NOT_KEPT)
                nap();
        }
        epoch_quiet();
    }
    epoch_leave();
    return NULL;
}

static void *read_all(void *argument)
{
    uint32_t number = *(uint32_t *)argument, found = 0;
    epoch_join();
    while (!atomic_load(&stop)) {
        for (unsigned i = 0; i < 32; i++) {
            number = (number * 1664525 + 1013904223) & 0xffffff;
            found += get_numbered(cache, number % NUMBERS);
        }
        epoch_quiet();
    }
    epoch_leave();
    *(uint32_t *)argument = found;
    return NULL;
}

static bool judge_copy(void *argument, const struct cache_visited *visited)
{
    const uint8_t *rdata = rrset_rdata(visited->found.rrset->body);
    assert_int_equal(rdata[0] | rdata[1] << 8, visited->found.tag);
    ++*(uint32_t *)argument;
    return true;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[4];
    uint32_t numbers[4] = {1, 22, 333, 4444}, walked = 0;
    epoch_offline();
    atomic_store(&stop, false);
    for (unsigned i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? write_all : read_all, &numbers[i]);
    const char *full = getenv("ONYM_TEST_FULL");
    struct made made;
    make_name(&made, "d000001.example.test.");
    for (int i = 0; i < (full ? 200 : 20); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        cache_walk(cache, NOW, judge_copy, &walked);
        cache_flush_tree(cache, made.name);
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    epoch_online();
    struct cache_counts counts;
    cache_count(cache, &counts);
    print_message("%u and %u found, %u walked, %u stored, %u evicted, %u refused\n", numbers[2],
                  numbers[3], walked, (unsigned)counts.stored, (unsigned)counts.evicted,
                  (unsigned)counts.refused);
    assert_true(numbers[2] > 1000 && numbers[3] > 1000 && walked > 1000);
    assert_true(counts.evicted > 1000 && counts.octets <= CACHE_OCTETS_MIN);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(test_what_counts),
        UNIT(test_nxdomain_is_of_every_type),
        UNIT(test_stale_behind_a_failure),
        UNIT(test_times),
        UNIT(test_delegations),
        UNIT(test_sources_are_strangers),
        UNIT(test_what_comes_back),
        UNIT(test_ageing),
        UNIT(test_large_entries),
        UNIT(test_too_small_a_cache),
        UNIT(test_too_large_a_cache),
        UNIT(test_flush),
        UNIT(test_walk),
        UNIT(test_octets_are_never_exceeded),
        UNIT(test_expired_go_first),
        UNIT(test_hot_names_stay),
        UNIT(test_all_used),
        UNIT(test_reader_holds_everything),
        UNIT(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
