// Choosing (choice.h).
#include "zone/choice.h"

#include <assert.h>
#include <math.h>

#include "base/hash.h"

// The items of a rule that a choice is made from.
struct draw {
    const struct route_rule *rule;
    uint16_t items[ROUTE_ITEMS_MAX];
    unsigned count;
};

static bool is_well(const struct route_client *client, const struct route_item *item)
{
    return item->target == ROUTE_NO_TARGET || !client->board ||
           board_read(client->board, item->target) != HEALTH_DOWN;
}

static void gather_well(const struct route_rule *rule, const struct route_client *client,
                        struct draw *draw)
{
    draw->rule = rule;
    draw->count = 0;
    for (unsigned i = 0; i < rule->item_count; i++)
        if (is_well(client, &rule->items[i]))
            draw->items[draw->count++] = (uint16_t)i;
}

static void gather_all(const struct route_rule *rule, struct draw *draw)
{
    draw->rule = rule;
    draw->count = rule->item_count;
    for (unsigned i = 0; i < rule->item_count; i++)
        draw->items[i] = (uint16_t)i;
}

static void swap_items(struct draw *draw, unsigned a, unsigned b)
{
    uint16_t item = draw->items[a];
    draw->items[a] = draw->items[b];
    draw->items[b] = item;
}

// --- by lot --------------------------------------------------------------------------------------

static uint64_t weigh(const struct draw *draw, unsigned from)
{
    uint64_t total = 0;
    for (unsigned i = from; i < draw->count; i++)
        total += draw->rule->items[draw->items[i]].weight;
    return total;
}

// Brings `wanted` items to the front, each drawn by its weight from those that are left. Items of
// weight 0 come when no other is left.
static void draw_lots(struct draw *draw, unsigned wanted, struct dice *dice)
{
    for (unsigned i = 0; i < wanted; i++) {
        uint64_t total = weigh(draw, i);
        if (total == 0) {
            swap_items(draw, i,
                       i + (unsigned)((uint64_t)dice_roll(dice) * (draw->count - i) >> 32));
            continue;
        }
        uint64_t point = dice_roll(dice) * total >> 32;
        unsigned at = i;
        while (point >= draw->rule->items[draw->items[at]].weight)
            point -= draw->rule->items[draw->items[at++]].weight;
        swap_items(draw, i, at);
    }
}

// --- by the client's address ---------------------------------------------------------------------

// So many bits of the address as one number; the same for all clients that share them.
static uint64_t seed_of(const struct route_client *client, unsigned bits)
{
    const struct hash_key fixed = {{0x452821e638d01377u, 0xbe5466cf34e90c6cu}};
    uint8_t octets[16] = {0};
    for (unsigned i = 0; i < bits; i += 8)
        octets[i / 8] = client->octets[i / 8];
    if (bits % 8)
        octets[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
    return hash_label(&fixed, client->is_v4, octets, 16);
}

// Rendezvous: each item has a score for this client, and the best win; when one of them dies the
// others keep theirs, so that only its own clients move. -log(u)/w of a uniform u is smallest for
// an item as often as its weight says. The same on every server with the same configuration.
static float score(uint64_t seed, const struct route_item *item)
{
    const struct hash_key fixed = {{0xc0ac29b7c97c50ddu, 0x3f84d5b5b5470917u}};
    uint64_t hash = seed;
    const uint8_t *rdata = item->rdata;
    for (unsigned left = item->rdata_size; left > 0;) {
        unsigned part = left < 63 ? left : 63;
        hash = hash_label(&fixed, hash, rdata, part);
        rdata += part;
        left -= part;
    }
    float uniform = ((float)(hash >> 41) + 0.5f) * 0x1p-23f;
    return item->weight ? -logf(uniform) / (float)item->weight : INFINITY;
}

// Brings the `wanted` items with the lowest scores to the front, the lowest first.
static void bring_forward(struct draw *draw, unsigned wanted, float scores[static ROUTE_ITEMS_MAX])
{
    for (unsigned i = 0; i < wanted; i++) {
        unsigned best = i;
        for (unsigned j = i + 1; j < draw->count; j++)
            if (scores[j] < scores[best])
                best = j;
        swap_items(draw, i, best);
        float score_of_best = scores[best];
        scores[best] = scores[i];
        scores[i] = score_of_best;
    }
}

static void draw_sticky(struct draw *draw, unsigned wanted, uint64_t seed)
{
    float scores[ROUTE_ITEMS_MAX] = {0};
    for (unsigned i = 0; i < draw->count; i++)
        scores[i] = score(seed, &draw->rule->items[draw->items[i]]);
    bring_forward(draw, wanted, scores);
}

// --- by distance ---------------------------------------------------------------------------------

// On a sphere the nearest point is the one with the largest product. Items without a point are
// farther away than all others.
static void draw_nearest(struct draw *draw, unsigned wanted, const struct point *from)
{
    float scores[ROUTE_ITEMS_MAX] = {0};
    for (unsigned i = 0; i < draw->count; i++) {
        const struct route_item *item = &draw->rule->items[draw->items[i]];
        const struct point *to = &item->point;
        scores[i] = item->is_placed ? -(from->x * to->x + from->y * to->y + from->z * to->z) : 2;
    }
    bring_forward(draw, wanted, scores);
}

// --- all of it -----------------------------------------------------------------------------------

static unsigned count_wanted(const struct draw *draw)
{
    const struct route_rule *rule = draw->rule;
    unsigned wanted = rule->count;
    if (wanted == 0)
        wanted = rule->choose == ROUTE_ALL ? draw->count : 1;
    return wanted < draw->count ? wanted : draw->count;
}

static void widen(struct route_choice *choice, unsigned bits)
{
    if (bits > choice->scope)
        choice->scope = (uint8_t)bits;
}

static void pick(struct draw *draw, const struct route_client *client, struct route_choice *choice)
{
    const struct route_rule *rule = draw->rule;
    unsigned wanted = count_wanted(draw),
             sticky = client->is_v4 ? rule->sticky_v4 : rule->sticky_v6;
    bool nearest = rule->choose == ROUTE_NEAREST && client->location->is_placed;
    choice->rule = rule;
    choice->count = (uint16_t)wanted;
    choice->in_order = nearest && wanted > 1;
    choice->is_whole = wanted == rule->item_count && !choice->in_order;
    if (choice->is_whole)
        return;
    if (nearest) {
        draw_nearest(draw, wanted, &client->location->point);
    } else if (wanted < draw->count && sticky) {
        unsigned bits = sticky < client->bits ? sticky : client->bits;
        widen(choice, bits);
        draw_sticky(draw, wanted, seed_of(client, bits));
    } else if (wanted < draw->count) {
        draw_lots(draw, wanted, client->dice);
    }
    for (unsigned i = 0; i < wanted; i++)
        choice->items[i] = draw->items[i];
}

static bool holds(const struct route_rule *rule, const struct route_client *client)
{
    return rule->where.count == 0 || route_holds(&rule->where, client->location->facts);
}

void route_choose(const struct route *route, const struct route_client *client,
                  struct route_choice *choice)
{
    struct draw draw;
    unsigned first = route->by_place ? route->first_of_set[client->location->set] : 0;
    const struct route_rule *own = &route->rules[first];
    choice->outcome = ROUTE_CHOSEN;
    choice->scope = route->by_place ? client->location->scope : 0;
    for (unsigned i = first; i < route->rule_count; i++) {
        const struct route_rule *rule = &route->rules[i];
        if (i > first && !holds(rule, client))
            continue;
        gather_well(rule, client, &draw);
        if (draw.count) {
            pick(&draw, client, choice);
            return;
        }
        choice->outcome = ROUTE_FELL_BACK;
        if (rule->dead == ROUTE_DEAD_NEXT)
            continue;
        own = rule;
        break;
    }
    // Of the rules that said "next" up to here the client's own is the one to fall back on.
    if (own->dead == ROUTE_DEAD_NONE) {
        choice->outcome = ROUTE_NOTHING;
        choice->rule = own;
        choice->count = 0;
        choice->is_whole = choice->in_order = false;
        return;
    }
    gather_all(own, &draw);
    choice->outcome = ROUTE_ALL_DEAD;
    pick(&draw, client, choice);
}
