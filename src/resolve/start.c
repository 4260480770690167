// Walks that begin at a cut of ours (start.h).
#include "resolve/start.h"

#include <string.h>

static bool counts_more(const struct start *start, const struct delegation *rule, struct name name)
{
    return start && start->cut.size && name_is_within(name, start->cut) &&
           (!rule || rule->cut.labels < start->cut.labels);
}

bool start_is_above(const struct start *start, const struct rules *rules, struct name name)
{
    return counts_more(start, rules_find(rules, name), name);
}

bool start_find_source(const struct start *start, const struct rules *rules, struct name name,
                       uint16_t *source)
{
    const struct delegation *rule = rules_find(rules, name);
    bool from_start = counts_more(start, rule, name);
    *source = from_start ? start->source : rule ? rule->source : rules_world(rules);
    return from_start || rule;
}

bool start_equal(const struct start *a, const struct start *b)
{
    return a->cut.size == b->cut.size && a->size == b->size &&
           (a->size == 0 || memcmp(a->octets, b->octets, a->size) == 0);
}
