// Conditions of routes (wheres.h).
#include "conf/wheres.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "conf/scalar.h"
#include "conf/tree.h"
#include "policy/countries.h"

#define EXAMPLE "where: {country: [CA, US]}"

static const char *const keys[] = {"continent", "country", "subdivision", "asn", "nets", NULL};
static_assert(sizeof keys / sizeof keys[0] == FACT_KINDS + 1 && FACT_KINDS == ROUTE_KINDS_MAX,
              "in the order of enum fact_kind");

// --- the book of facts ---------------------------------------------------------------------------

static bool is_same(const struct fact *a, const struct fact *b)
{
    if (a->kind != b->kind || a->asn != b->asn || a->net_count != b->net_count)
        return false;
    if (a->kind == FACT_NETS)
        return memcmp(a->nets, b->nets, a->net_count * sizeof *a->nets) == 0;
    return a->kind == FACT_ASN || strcmp(a->text, b->text) == 0;
}

// The fact's number; a new one is copied. -1: there are too many.
static int number_of(struct options *options, const struct fact *fact)
{
    struct places_options *places = &options->places;
    for (size_t i = 0; i < places->fact_count; i++)
        if (is_same(&places->facts[i], fact))
            return (int)i;
    if (places->fact_count == FACTS_MAX)
        return -1;
    if ((places->fact_count & (places->fact_count - 1)) == 0) { // a power of two: full
        size_t room = places->fact_count ? 2 * places->fact_count : 1;
        struct fact *facts = arena_get(&options->memory, room * sizeof *facts);
        if (places->fact_count)
            memcpy(facts, places->facts, places->fact_count * sizeof *facts);
        places->facts = facts;
    }
    struct fact *kept = &places->facts[places->fact_count];
    *kept = *fact;
    if (fact->text)
        kept->text = arena_copy(&options->memory, fact->text, strlen(fact->text) + 1);
    if (fact->nets)
        kept->nets = arena_copy(&options->memory, fact->nets, fact->net_count * sizeof *fact->nets);
    return (int)places->fact_count++;
}

// --- single facts --------------------------------------------------------------------------------

static void refuse(struct filler *filler, const struct value *item, const char *hint,
                   const char *what)
{
    value_report(filler->report, SEVERITY_ERROR, item, hint && *hint ? hint : NULL, "%s is not %s",
                 value_quote(item->text).text, what);
}

static bool read_continent(struct filler *filler, const struct value *item, struct fact *fact)
{
    struct buffer hint = {0};
    fact->text = continents_find(item->text);
    if (fact->text)
        return true;
    continents_suggest(item->text, &hint);
    refuse(filler, item, buffer_text(&hint), "the code of a continent");
    buffer_free(&hint);
    return false;
}

static bool read_country(struct filler *filler, const struct value *item, struct fact *fact)
{
    struct buffer hint = {0};
    const struct country *country = countries_find(item->text);
    if (country) {
        fact->text = country->code;
        return true;
    }
    countries_suggest(item->text, &hint);
    refuse(filler, item, buffer_text(&hint), "the code of a country (ISO 3166-1)");
    buffer_free(&hint);
    return false;
}

// "US-CA" (ISO 3166-2), or "US-California" as some databases have names instead of codes.
static bool read_subdivision(struct filler *filler, const struct value *item, struct fact *fact)
{
    char code[3] = {0};
    struct buffer hint = {0};
    const char *text = item->text, *dash = strchr(text, '-');
    if (dash == text + 2 && dash[1]) {
        memcpy(code, text, 2);
        if (countries_find(code)) {
            fact->text = text;
            return true;
        }
        countries_suggest(code, &hint);
    } else {
        buffer_add_text(&hint, "a country's code, a dash, and the part's: US-CA");
    }
    refuse(filler, item, buffer_text(&hint), "the code of a part of a country (ISO 3166-2)");
    buffer_free(&hint);
    return false;
}

static bool read_asn(struct filler *filler, const struct value *item, struct fact *fact)
{
    uint64_t number;
    const char *text = item->text;
    if (strncasecmp(text, "as", 2) == 0)
        text += 2;
    if (!scalar_number(text, &number) || number == 0 || number > UINT32_MAX) {
        refuse(filler, item, "like 64500, or AS64500", "the number of an autonomous system");
        return false;
    }
    fact->asn = (uint32_t)number;
    return true;
}

static bool read_fact(struct filler *filler, const struct value *item, struct fact *fact)
{
    switch (fact->kind) {
    case FACT_CONTINENT: return read_continent(filler, item, fact);
    case FACT_COUNTRY: return read_country(filler, item, fact);
    case FACT_SUBDIVISION: return read_subdivision(filler, item, fact);
    case FACT_ASN: return read_asn(filler, item, fact);
    case FACT_NETS: break;
    }
    return false;
}

// --- lists ---------------------------------------------------------------------------------------

static int compare_numbers(const void *left, const void *right)
{
    return (int)*(const uint16_t *)left - (int)*(const uint16_t *)right;
}

static bool is_full(struct filler *filler, const struct value *value, int number)
{
    if (number < 0)
        value_report(filler->report, SEVERITY_ERROR, value, NULL,
                     "more than %d different conditions", FACTS_MAX);
    return number < 0;
}

// All nets of one list are one fact.
static bool read_nets(struct filler *filler, const struct value *list, struct facts *facts)
{
    size_t count = tree_count(list);
    struct prefix *nets = memory_get_zeroed(count, sizeof *nets);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = tree_item(list, i);
        struct access_option option;
        if (!tree_is_text(item, "a network", filler->report)) {
            good = false;
        } else if (!scalar_access(item->text, &option) || option.kind != ACCESS_PREFIX) {
            refuse(filler, item,
                   "like 192.0.2.0/24 or \"2001:db8::/32\"; bits past the length are 0",
                   "an address or a prefix");
            good = false;
        } else {
            nets[i] = option.prefix;
        }
    }
    struct fact fact = {.kind = FACT_NETS, .nets = nets, .net_count = count};
    int number = good ? number_of(filler->options, &fact) : 0;
    free(nets);
    if (!good || is_full(filler, list, number))
        return false;
    uint16_t *numbers = arena_get(&filler->options->memory, sizeof *numbers);
    *numbers = (uint16_t)number;
    *facts = (struct facts){numbers, 1};
    return true;
}

static bool read_list(struct filler *filler, const struct value *list, enum fact_kind kind,
                      struct facts *facts)
{
    size_t count = tree_count(list), kept = 0;
    uint16_t *numbers = arena_get(&filler->options->memory, count * sizeof *numbers);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        const struct value *item = tree_item(list, i);
        struct fact fact = {.kind = kind};
        int number = 0;
        if (!tree_is_text(item, keys[kind], filler->report) || !read_fact(filler, item, &fact)) {
            good = false;
            continue;
        }
        number = number_of(filler->options, &fact);
        if (is_full(filler, item, number))
            return false;
        numbers[kept++] = (uint16_t)number;
    }
    qsort(numbers, kept, sizeof *numbers, compare_numbers);
    *facts = (struct facts){numbers, kept};
    return good;
}

bool wheres_read(struct filler *filler, const struct value *map, struct route_condition *condition)
{
    condition->count = 0;
    if (!tree_is_map(map, "'where'", EXAMPLE, filler->report))
        return false;
    bool good = tree_has_only(map, keys, filler->report);
    for (unsigned kind = 0; kind < FACT_KINDS; kind++) {
        const struct value *list = tree_find(map, keys[kind]);
        struct facts *facts = &condition->kinds[condition->count];
        if (!list)
            continue;
        if (tree_count(list) == 0) {
            value_report(filler->report, SEVERITY_ERROR, list, "remove the key",
                         "'%s' has nothing in it: no client is there", keys[kind]);
            good = false;
            continue;
        }
        if (kind == FACT_NETS ? read_nets(filler, list, facts)
                              : read_list(filler, list, (enum fact_kind)kind, facts))
            condition->count++;
        else
            good = false;
    }
    return good;
}

// --- one condition and another -------------------------------------------------------------------

static bool takes(struct facts wide, struct facts narrow)
{
    size_t at = 0;
    for (size_t i = 0; i < narrow.count; i++) {
        while (at < wide.count && wide.list[at] < narrow.list[i])
            at++;
        if (at == wide.count || wide.list[at] != narrow.list[i])
            return false;
    }
    return true;
}

static enum fact_kind kind_of(const struct options *options, struct facts facts)
{
    return options->places.facts[facts.list[0]].kind;
}

bool wheres_cover(const struct route_condition *earlier, const struct route_condition *later,
                  const struct options *options)
{
    for (unsigned i = 0; i < earlier->count; i++) {
        bool covered = false;
        for (unsigned j = 0; j < later->count && !covered; j++)
            covered = kind_of(options, earlier->kinds[i]) == kind_of(options, later->kinds[j]) &&
                      takes(earlier->kinds[i], later->kinds[j]);
        if (!covered)
            return false;
    }
    return true;
}
