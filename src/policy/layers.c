// A layer of networks (layers.h): their edges are sorted, and walked from the first address to the
// last; on the way it is counted how many networks of each fact one is in.
#include "policy/layers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct edge {
    runs_address at;
    uint16_t fact;
    bool is_end; // `at` is the first address behind the network
};

static runs_address first_of(const struct prefix *prefix)
{
    runs_address address = 0;
    for (unsigned i = 0; i < (prefix->family == AF_INET ? 4 : 16); i++)
        address = address << 8 | prefix->octets[i];
    return address;
}

static int compare(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return 0;
}

static size_t gather(const struct places_wants *wants, int family, struct edge *edges)
{
    unsigned bits = family == AF_INET ? 32 : 128;
    size_t count = 0;
    for (size_t fact = 0; fact < wants->count; fact++)
        for (size_t i = 0; i < wants->facts[fact].net_count; i++) {
            const struct prefix *net = &wants->facts[fact].nets[i];
            if (net->family != family)
                continue;
            runs_address first = first_of(net);
            runs_address size = net->bits ? (runs_address)1 << (bits - net->bits) : 0;
            edges[count++] = (struct edge){first, (uint16_t)fact, false};
            // What reaches the last address of all has no end.
            if (size && first + size && (bits == 128 || (first + size) >> bits == 0))
                edges[count++] = (struct edge){first + size, (uint16_t)fact, true};
        }
    return count;
}

// The facts one is inside of now; few at any place.
struct inside {
    uint16_t *list; // ascending
    size_t count, room;
    uint32_t *depths; // [fact]: networks of it
};

static void enter(struct inside *inside, uint16_t fact)
{
    if (inside->depths[fact]++)
        return;
    inside->list =
        memory_grow(inside->list, &inside->room, inside->count + 1, sizeof *inside->list);
    size_t at = inside->count++;
    for (; at > 0 && inside->list[at - 1] > fact; at--)
        inside->list[at] = inside->list[at - 1];
    inside->list[at] = fact;
}

static void leave(struct inside *inside, uint16_t fact)
{
    if (--inside->depths[fact])
        return;
    size_t at = 0;
    while (at < inside->count && inside->list[at] != fact)
        at++;
    assert(at < inside->count);
    inside->count--;
    memmove(&inside->list[at], &inside->list[at + 1], (inside->count - at) * sizeof *inside->list);
}

void layers_of_nets(const struct places_wants *wants, int family, struct traits *traits,
                    struct runs *runs)
{
    size_t most = 0;
    for (size_t fact = 0; fact < wants->count; fact++)
        most += 2 * wants->facts[fact].net_count;
    struct edge *edges = memory_get((most + 1) * sizeof *edges);
    struct inside inside = {.depths = memory_get_zeroed(wants->count + 1, sizeof(uint32_t))};
    size_t count = gather(wants, family, edges);
    qsort(edges, count, sizeof *edges, compare);
    if (count == 0 || edges[0].at != 0)
        runs_add(runs, 0, traits_of_nets(traits, NULL, 0));
    for (size_t i = 0; i < count;) {
        runs_address at = edges[i].at;
        for (; i < count && edges[i].at == at; i++)
            if (!edges[i].is_end)
                enter(&inside, edges[i].fact);
            else
                leave(&inside, edges[i].fact);
        runs_add(runs, at, traits_of_nets(traits, inside.list, inside.count));
    }
    free(inside.list);
    free(inside.depths);
    free(edges);
}
