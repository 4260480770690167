// cache/table: a set of sixteen slots, what is displaced, and who has to go.
#include "made.h"

#include "cache/table.h"

#define NOW     1000u
#define ENTRIES 200

// One set: everything is in it.
static struct bucket buckets[2];
static struct table table;
static uint8_t memory[ENTRIES + 1][64] __attribute__((aligned(64)));
static struct made names[ENTRIES];

static int set_up(void **state)
{
    (void)state;
    memset(buckets, 0, sizeof buckets);
    table_open(&table, buckets, 2, memory[0]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    table_close(&table);
    return 0;
}

static struct wanted want(unsigned number)
{
    struct wanted wanted;
    char text[32];
    snprintf(text, sizeof text, "n%u.", number);
    make_name(&names[number], text);
    struct cache_key key = make_key(&names[number], TYPE_A, 0);
    table_want(&key, SPACE_KNOWN, &wanted);
    return wanted;
}

static struct entry *make_entry(unsigned number, uint32_t expires_s)
{
    struct wanted wanted = want(number);
    struct entry *entry = (struct entry *)memory[number + 1]; // no reference is 0
    struct cache_put put = {.kind = CACHE_NODATA, .owner = names[number].name};
    struct entry_place place = {wanted.hash, TYPE_A, 0, 60, expires_s};
    entry_write(entry, entry_measure(&put), &place, &put);
    return entry;
}

static void add(unsigned number, uint32_t expires_s)
{
    struct wanted wanted = want(number);
    struct entry *entry = make_entry(number, expires_s);
    struct shard *shard = table_lock(&table, wanted.hash);
    table_add(&table, shard, &wanted, entry, NOW);
    table_unlock(shard);
}

static bool is_there(unsigned number)
{
    struct wanted wanted = want(number);
    const struct entry *entry = table_find(&table, &wanted);
    struct shard *shard = table_lock(&table, wanted.hash);
    table_slot *slot = table_slot_of(&table, &wanted);
    assert_int_equal(slot != NULL, entry != NULL);
    if (slot) {
        assert_ptr_equal(table_entry(&table, *slot), entry);
        assert_ptr_equal(table_slot_to(&table, entry), slot);
    }
    table_unlock(shard);
    if (entry)
        assert_ptr_equal(entry, memory[number + 1]);
    return entry != NULL;
}

static void take_away(unsigned number)
{
    struct wanted wanted = want(number);
    struct shard *shard = table_lock(&table, wanted.hash);
    table_slot *slot = table_slot_of(&table, &wanted);
    assert_non_null(slot);
    table_remove(&table, shard, slot);
    table_unlock(shard);
}

static uint32_t count(void)
{
    return table.shards[0].entries[CACHE_NODATA];
}

static void test_sixteen_fit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        assert_false(is_there(i));
        add(i, NOW + 60);
        for (unsigned j = 0; j <= i; j++)
            assert_true(is_there(j));
        assert_int_equal(count(), i + 1);
    }
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        take_away(i);
        for (unsigned j = 0; j < SET_SLOTS; j++)
            assert_int_equal(is_there(j), j > i);
    }
    // No flag is left behind, so nobody looks next door for nothing.
    for (unsigned i = 0; i < SET_SLOTS; i++)
        assert_int_equal(buckets[i / BUCKET_SLOTS].slots[i % BUCKET_SLOTS], 0);
}

// In any order, and in one bucket more than in the other.
static void test_coming_and_going(void **state)
{
    (void)state;
    bool there[ENTRIES] = {false};
    uint32_t seed = 1, held = 0;
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned number = (seed >> 8) % ENTRIES;
        if (there[number]) {
            take_away(number);
            held--;
            there[number] = false;
        } else if (held < SET_SLOTS) {
            add(number, NOW + 60);
            held++;
            there[number] = true;
        }
        assert_int_equal(is_there(number), there[number]);
        assert_int_equal(count(), held);
    }
    for (unsigned i = 0; i < ENTRIES; i++)
        assert_int_equal(is_there(i), there[i]);
}

// The seventeenth: who has expired goes first, then who is not used.
static void test_who_has_to_go(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        add(i, i == 5 ? NOW : NOW + 60);
        if (i != 9)
            entry_use((const struct entry *)memory[i + 1]);
    }
    add(20, NOW + 60);
    assert_false(is_there(5));
    assert_int_equal(table.shards[0].expired, 1);
    entry_use((const struct entry *)memory[21]);
    add(21, NOW + 60);
    assert_false(is_there(9));
    entry_use((const struct entry *)memory[22]);
    assert_int_equal(table.shards[0].evicted, 1);
    add(22, NOW + 60);
    assert_int_equal(table.shards[0].evicted, 2);
    assert_true(is_there(20) + is_there(21) + is_there(22) >= 2 && is_there(22));
    assert_int_equal(count(), SET_SLOTS);
}

static void test_replacing(void **state)
{
    (void)state;
    add(1, NOW + 60);
    struct wanted wanted = want(1);
    struct entry *other = (struct entry *)memory[100];
    memcpy(other, memory[2], sizeof memory[2]);
    other->nature = CACHE_RRSET;
    struct shard *shard = table_lock(&table, wanted.hash);
    table_replace(&table, shard, table_slot_of(&table, &wanted), other);
    assert_null(table_slot_to(&table, (const struct entry *)memory[2]));
    assert_non_null(table_slot_to(&table, other));
    table_unlock(shard);
    assert_ptr_equal(table_find(&table, &wanted), other);
    assert_int_equal(count(), 0);
    assert_int_equal(table.shards[0].entries[CACHE_RRSET], 1);
}

// A tag is not a key: everything that is in the key is compared.
static void test_whole_key(void **state)
{
    (void)state;
    add(1, NOW + 60);
    struct wanted wanted = want(1), other;
    assert_non_null(table_find(&table, &wanted));
    other = wanted;
    other.type = TYPE_MX;
    assert_null(table_find(&table, &other));
    other = wanted;
    other.source = 1;
    assert_null(table_find(&table, &other));
    other = wanted;
    other.name = want(2).name;
    assert_null(table_find(&table, &other));
    other = table_want_beside(&wanted, SPACE_FAILURE);
    assert_null(table_find(&table, &other));
    other.high = wanted.high;
    assert_null(table_find(&table, &other));
}

static void test_keys_differ(void **state)
{
    (void)state;
    struct made made;
    struct wanted a, b;
    make_name(&made, "www.example.");
    struct cache_key key = make_key(&made, TYPE_A, 0), other = key;
    table_want(&key, SPACE_KNOWN, &a);
    other.type = TYPE_AAAA;
    table_want(&other, SPACE_KNOWN, &b);
    assert_int_not_equal(a.hash, b.hash);
    other = key;
    other.source = 1;
    table_want(&other, SPACE_KNOWN, &b);
    assert_int_not_equal(a.hash, b.hash);
    other = key;
    other.depth = 1;
    table_want(&other, SPACE_KNOWN, &b);
    assert_int_not_equal(a.hash, b.hash);
    assert_int_equal(b.name.size, 9);
    // Of no type, so it is the same whatever is asked.
    table_want(&key, SPACE_NXDOMAIN, &a);
    other = key;
    other.type = TYPE_AAAA;
    table_want(&other, SPACE_NXDOMAIN, &b);
    assert_int_equal(a.hash, b.hash);
    assert_int_equal(a.type, 0);
}

// What is looked for together stands together, and is not taken for each other.
static void test_one_home(void **state)
{
    (void)state;
    struct made made;
    struct wanted wanted[4];
    make_name(&made, "www.example.");
    struct cache_key key = make_key(&made, TYPE_CNAME, 0);
    table_want(&key, SPACE_NXDOMAIN, &wanted[0]);
    table_want(&key, SPACE_DELEGATION, &wanted[1]);
    table_want(&key, SPACE_KNOWN, &wanted[2]);
    key.type = TYPE_DNAME;
    table_want(&key, SPACE_KNOWN, &wanted[3]);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = i + 1; j < 4; j++) {
            assert_int_equal(wanted[i].hash, wanted[j].hash);
            assert_int_not_equal(wanted[i].high, wanted[j].high);
        }
    key.source = 1;
    table_want(&key, SPACE_KNOWN, &wanted[0]);
    assert_int_not_equal(wanted[0].hash, wanted[3].hash);
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(test_sixteen_fit), UNIT(test_coming_and_going), UNIT(test_who_has_to_go),
        UNIT(test_replacing),   UNIT(test_whole_key),        UNIT(test_keys_differ),
        UNIT(test_one_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
