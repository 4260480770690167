// cache/hand: what it copies forward, what it drops, and that it always gains something.
#include "made.h"

#include "cache/hand.h"

#define NOW    1000u
#define COUNT  32
#define SIZE   1024
#define OCTETS 64 // of an entry
#define EACH   (SIZE / OCTETS)

static struct bucket buckets[256];
static struct segment list[COUNT];
static uint8_t memory[(COUNT + 1) * SIZE] __attribute__((aligned(64)));
static struct table table;
static struct segments segments;
static struct hand hand;
static struct hand_turn turn;
static struct made made;

static int set_up(void **state)
{
    (void)state;
    memset(buckets, 0, sizeof buckets);
    memset(list, 0, sizeof list);
    table_open(&table, buckets, 256, memory);
    segments_open(&segments, list, COUNT, memory + SIZE, SIZE);
    hand_open(&hand, 4 * SIZE);
    turn = (struct hand_turn){&table, &segments, NOW, 0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hand_close(&hand);
    segments_close(&segments);
    table_close(&table);
    return 0;
}

static struct wanted want(unsigned number)
{
    struct wanted wanted;
    char text[64];
    snprintf(text, sizeof text, "name-%020u.example.", number);
    make_name(&made, text);
    struct cache_key key = make_key(&made, TYPE_A, 0);
    table_want(&key, SPACE_KNOWN, &wanted);
    return wanted;
}

static bool add(unsigned number, uint32_t ttl_s)
{
    struct reservation reservation;
    struct wanted wanted = want(number);
    struct cache_put put = {.kind = CACHE_NODATA, .owner = made.name};
    struct entry_place place = {wanted.hash, TYPE_A, 0, ttl_s, NOW + ttl_s};
    assert_int_equal(entry_measure(&put), OCTETS);
    if (!segments_reserve(&segments, OCTETS, NOW, ttl_s, &reservation))
        return false;
    entry_write(reservation.entry, OCTETS, &place, &put);
    struct shard *shard = table_lock(&table, wanted.hash);
    table_add(&table, shard, &wanted, reservation.entry, NOW);
    table_unlock(shard);
    segments_done(&reservation);
    return true;
}

static const struct entry *find(unsigned number)
{
    struct wanted wanted = want(number);
    return table_find(&table, &wanted);
}

static unsigned fill(uint32_t ttl_s)
{
    unsigned number = 0;
    while (add(number, ttl_s))
        number++;
    assert_int_equal(number, (COUNT - 1) * EACH);
    return number;
}

static void count(uint64_t *evicted, uint64_t *expired)
{
    *evicted = *expired = 0;
    for (unsigned i = 0; i < TABLE_SHARDS; i++) {
        *evicted += table.shards[i].evicted;
        *expired += table.shards[i].expired;
    }
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3 * EACH; i++)
        assert_true(add(i, 60));
    hand_move(&hand, &turn, 100 * SIZE);
    for (unsigned i = 0; i < 3 * EACH; i++)
        assert_non_null(find(i));
}

// A few entries at a time, and the oldest first.
static void test_bit_by_bit(void **state)
{
    (void)state;
    unsigned all = fill(60);
    uint64_t evicted, expired;
    hand_move(&hand, &turn, 1);
    count(&evicted, &expired);
    assert_int_equal(evicted, 1);
    assert_null(find(0));
    assert_non_null(find(1));
    hand_move(&hand, &turn, 4 * OCTETS);
    count(&evicted, &expired);
    assert_int_equal(evicted, 5);
    assert_null(find(4));
    assert_non_null(find(5));
    hand_move(&hand, &turn, 1000 * SIZE); // no more than what is short
    count(&evicted, &expired);
    assert_true(evicted <= (size_t)(segments.spare + 1) * EACH);
    assert_non_null(find(all - 1));
    assert_false(segments_are_short(&segments));
}

static void test_used_survive(void **state)
{
    (void)state;
    fill(60);
    for (unsigned i = 0; i < 4 * EACH; i += 4)
        entry_use(find(i + 2)); // behind two that go: they pay
    hand_move(&hand, &turn, 4 * SIZE);
    for (unsigned i = 0; i < 4 * EACH; i++) {
        const struct entry *entry = find(i);
        assert_int_equal(entry != NULL, i % 4 == 2);
        if (entry)
            assert_false(entry_is_used(entry)); // until the hand comes by again
    }
}

static void test_expired_are_dropped(void **state)
{
    (void)state;
    uint64_t evicted, expired;
    fill(60);
    for (unsigned i = 0; i < EACH; i++)
        entry_use(find(i));
    turn.now_s = NOW + 60;
    hand_move(&hand, &turn, SIZE);
    count(&evicted, &expired);
    assert_int_equal(expired, EACH);
    assert_int_equal(evicted, 0);
    turn.stale_s = 100; // of use on a bad day
    for (unsigned i = EACH; i < 2 * EACH; i++)
        entry_use(find(i));
    hand_move(&hand, &turn, SIZE);
    count(&evicted, &expired);
    assert_int_equal(evicted + expired, EACH);
    for (unsigned i = EACH; i < 2 * EACH; i++)
        assert_non_null(find(i));
}

static void test_replaced_are_passed_over(void **state)
{
    (void)state;
    uint64_t evicted, expired;
    fill(60);
    struct wanted wanted = want(3);
    struct shard *shard = table_lock(&table, wanted.hash);
    table_remove(&table, shard, table_slot_of(&table, &wanted));
    table_unlock(shard);
    hand_move(&hand, &turn, SIZE);
    count(&evicted, &expired);
    assert_int_equal(evicted, EACH - 1);
}

// Everything is used: half of it goes all the same, or there would never be room.
static void test_all_used(void **state)
{
    (void)state;
    uint64_t evicted, expired;
    unsigned all = fill(60), there = 0;
    for (unsigned i = 0; i < all; i++)
        entry_use(find(i));
    unsigned moves = 0;
    for (; moves < 100 && segments_are_short(&segments); moves++) {
        hand_move(&hand, &turn, SIZE);
        epoch_drain(); // so that survivors always find room
    }
    assert_true(moves <= 3 * segments.spare);
    count(&evicted, &expired);
    for (unsigned i = 0; i < all; i++)
        there += find(i) != NULL;
    assert_int_equal(there, all - evicted);
    assert_true(there > all / 4);
    assert_true(add(all, 60));
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(test_nothing_to_do),       UNIT(test_bit_by_bit), UNIT(test_used_survive),
        UNIT(test_expired_are_dropped), UNIT(test_all_used),   UNIT(test_replaced_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
