// The hand (hand.h).
#include "cache/hand.h"

#include <assert.h>

void hand_open(struct hand *hand, size_t credit_max)
{
    *hand = (struct hand){.credit_max = credit_max};
    pthread_mutex_init(&hand->lock, NULL);
}

void hand_close(struct hand *hand)
{
    pthread_mutex_destroy(&hand->lock);
}

static void earn(struct hand *hand, size_t octets)
{
    hand->credit += octets;
    if (hand->credit > hand->credit_max)
        hand->credit = hand->credit_max;
}

// Under the shard's lock. False: there is no room, or no credit.
static bool copy_forward(struct hand *hand, const struct hand_turn *turn, struct shard *shard,
                         table_slot *slot, const struct entry *entry)
{
    struct reservation reservation;
    size_t size = entry_size(entry);
    int32_t left_s = entry_left_s(entry, turn->now_s);
    if (hand->credit < size ||
        !segments_reserve_survivor(turn->segments, size, turn->now_s,
                                   left_s > 0 ? (uint32_t)left_s : 0, &reservation))
        return false;
    hand->credit -= size;
    entry_copy(reservation.entry, entry);
    table_replace(turn->table, shard, slot, reservation.entry);
    segments_done(&reservation);
    return true;
}

static void pass(struct hand *hand, const struct hand_turn *turn, const struct entry *entry)
{
    struct shard *shard = table_lock(turn->table, entry->hash);
    table_slot *slot = table_slot_to(turn->table, entry);
    if (slot && entry_is_over(entry, turn->now_s, turn->stale_s)) {
        shard->expired++;
        table_remove(turn->table, shard, slot);
        slot = NULL;
    } else if (slot && (!entry_is_used(entry) || !copy_forward(hand, turn, shard, slot, entry))) {
        shard->evicted++;
        table_remove(turn->table, shard, slot);
        slot = NULL;
    }
    if (!slot) // replaced long ago, or gone now
        earn(hand, entry_size(entry));
    table_unlock(shard);
}

// Two entries on: their buckets come while this one is dealt with.
static void ask_ahead(const struct hand *hand, const struct table *table)
{
    const uint8_t *octets = segment_octets(hand->victim);
    uint32_t at = hand->at;
    for (unsigned i = 0; i < 2; i++) {
        at += (uint32_t)entry_size((const struct entry *)(octets + at));
        if (at >= hand->victim->used)
            return;
    }
    __builtin_prefetch(table_home(table, ((const struct entry *)(octets + at))->hash));
}

static size_t step(struct hand *hand, const struct hand_turn *turn)
{
    ask_ahead(hand, turn->table);
    const struct entry *entry = (const struct entry *)(segment_octets(hand->victim) + hand->at);
    size_t size = entry_size(entry);
    assert(size >= sizeof *entry && hand->at + size <= hand->victim->used);
    pass(hand, turn, entry);
    hand->at += (uint32_t)size;
    if (hand->at == hand->victim->used) {
        segments_retire(hand->victim);
        hand->victim = NULL;
    }
    return size;
}

void hand_move(struct hand *hand, const struct hand_turn *turn, size_t octets)
{
    if (!segments_are_short(turn->segments) || pthread_mutex_trylock(&hand->lock) != 0)
        return;
    for (size_t done = 0; done < octets;) {
        if (!hand->victim) {
            if (!segments_are_short(turn->segments))
                break;
            hand->victim = segments_choose(turn->segments, turn->now_s, turn->stale_s);
            hand->at = 0;
        }
        if (!hand->victim)
            break;
        done += step(hand, turn);
    }
    pthread_mutex_unlock(&hand->lock);
}
