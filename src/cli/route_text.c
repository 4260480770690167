// A routed name as text (route_text.h). Without a client: each rule with its records; with one:
// what it is told, and then why.
#include "cli/route_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/members.h"
#include "cli/output.h"

#define WHERE_SHOWN 12 // codes or networks of one key

static int64_t count_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static bool is_word(const json_t *object, const char *key, const char *word)
{
    return strcmp(text_of(object, key), word) == 0;
}

// --- places --------------------------------------------------------------------------------------

static void add_where(const json_t *where, struct buffer *to)
{
    const char *key;
    const json_t *list, *one;
    size_t index;
    const char *comma = "";
    json_object_foreach((json_t *)where, key, list)
    {
        buffer_format(to, "%s%s", comma, key);
        json_array_foreach(list, index, one)
        {
            if (index == WHERE_SHOWN) {
                buffer_format(to, " and %zu more", json_array_size(list) - index);
                break;
            }
            if (json_is_integer(one))
                buffer_format(to, "%s %" JSON_INTEGER_FORMAT, index ? "," : "",
                              json_integer_value(one));
            else
                buffer_format(to, "%s %s", index ? "," : "", json_string_value(one));
        }
        comma = "; ";
    }
}

void route_text_where(const json_t *rules, size_t index, struct buffer *to)
{
    const json_t *where = json_object_get(json_array_get(rules, index), "where");
    if (json_object_size(where))
        add_where(where, to);
    else
        buffer_add_text(to, index ? "everybody else" : "everybody");
}

static void add_rule_head(const json_t *rules, size_t index, struct buffer *to)
{
    const json_t *rule = json_array_get(rules, index);
    struct buffer head = {0};
    buffer_format(&head, "rule %zu", index + 1);
    output_paint(to, "1", buffer_text(&head));
    buffer_add_text(to, " (");
    route_text_where(rules, index, to);
    buffer_format(to, ") at %s:%" PRId64 ":%" PRId64, text_of(rule, "file"), count_of(rule, "line"),
                  count_of(rule, "column"));
    buffer_free(&head);
}

// --- rules ---------------------------------------------------------------------------------------

static void add_health(const json_t *item, struct buffer *to)
{
    const char *health = text_of(item, "health");
    if (!*text_of(item, "check"))
        return;
    buffer_format(to, ", check %s", text_of(item, "check"));
    if (!*health)
        return;
    buffer_add_text(to, ": ");
    output_paint(to,
                 strcmp(health, "down") == 0 ? "31"
                 : strcmp(health, "up") == 0 ? "32"
                                             : "33",
                 health);
}

static void add_item(const json_t *rule, const json_t *item, struct buffer *to)
{
    const json_t *at = json_object_get(item, "at"), *share = json_object_get(item, "share");
    buffer_format(to, "    %s", text_of(item, "data"));
    if (is_word(rule, "choose", "weighted"))
        buffer_format(to, ", weight %" PRId64, count_of(item, "weight"));
    if (share)
        buffer_format(to, " (%g %%)", json_number_value(share));
    if (at)
        buffer_format(to, ", at %g,%g", json_number_value(json_array_get(at, 0)),
                      json_number_value(json_array_get(at, 1)));
    add_health(item, to);
    const json_t *countries = json_object_get(item, "countries");
    if (countries)
        buffer_format(to, ", nearest of %zu countr%s", json_array_size(countries),
                      json_array_size(countries) == 1 ? "y" : "ies");
    buffer_add_char(to, '\n');
}

static void add_ways(const json_t *rule, struct buffer *to)
{
    const json_t *sticky = json_object_get(rule, "sticky");
    size_t countries = json_array_size(json_object_get(rule, "countries"));
    int64_t count = count_of(rule, "count");
    buffer_format(to, "    gives ");
    if (is_word(rule, "choose", "nearest"))
        buffer_format(to, "the %" PRId64 " nearest", count ? count : 1);
    else if (is_word(rule, "choose", "weighted"))
        buffer_format(to, "%" PRId64 " by weight", count ? count : 1);
    else if (count)
        buffer_format(to, "%" PRId64 " of them", count);
    else
        buffer_add_text(to, "all of them");
    if (sticky)
        buffer_format(to, ", the same to a /%" PRId64 " or /%" PRId64, count_of(sticky, "ipv4"),
                      count_of(sticky, "ipv6"));
    if (json_object_get(rule, "ttl"))
        buffer_format(to, ", TTL %" PRId64, count_of(rule, "ttl"));
    if (is_word(rule, "dead", "all"))
        buffer_add_text(to, "; dead ones, too, if none is well");
    else if (is_word(rule, "dead", "none"))
        buffer_add_text(to, "; nothing if none is well");
    if (countries)
        buffer_format(to, "; to %zu countr%s", countries, countries == 1 ? "y" : "ies");
    else
        buffer_add_text(to, "; to no whole country");
    buffer_add_char(to, '\n');
}

static void add_rules(const json_t *rules, struct buffer *to)
{
    size_t index, at;
    const json_t *rule, *item;
    json_array_foreach(rules, index, rule)
    {
        buffer_add_text(to, "  ");
        add_rule_head(rules, index, to);
        buffer_add_char(to, '\n');
        add_ways(rule, to);
        json_array_foreach(json_object_get(rule, "items"), at, item) add_item(rule, item, to);
    }
}

// --- the client ----------------------------------------------------------------------------------

static void add_said(const json_t *said, struct buffer *to)
{
    static const char *const keys[] = {"country", "continent", "subdivision"};
    const char *comma = "";
    buffer_format(to, "  %s says ", text_of(said, "database"));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (!*text_of(said, keys[i]))
            continue;
        buffer_format(to, "%s%s ", comma, keys[i]);
        output_clean(to, text_of(said, keys[i]), strlen(text_of(said, keys[i])));
        comma = ", ";
    }
    if (count_of(said, "asn")) {
        buffer_format(to, "%sAS%" PRId64, comma, count_of(said, "asn"));
        comma = ", ";
    }
    if (json_object_get(said, "latitude"))
        buffer_format(to, "%sat %g,%g", comma, number_of(said, "latitude"),
                      number_of(said, "longitude"));
    buffer_add_char(to, '\n');
}

static void add_from(const json_t *from, struct buffer *to)
{
    size_t index;
    const json_t *said, *says = json_object_get(from, "says");
    const json_t *holds = json_object_get(from, "holds");
    json_array_foreach(says, index, said) add_said(said, to);
    if (is_word(from, "kind", "address") && json_array_size(says) == 0)
        buffer_add_text(to, "  no database knows the address\n");
    buffer_add_text(to, "  of what the rules ask, this holds there: ");
    if (json_object_size(holds))
        add_where(holds, to);
    else
        buffer_add_text(to, "nothing");
    buffer_add_char(to, '\n');
}

static void add_passed(const json_t *rules, const json_t *verdict, struct buffer *to)
{
    size_t index;
    const json_t *passed;
    json_array_foreach(json_object_get(verdict, "passed"), index, passed)
    {
        buffer_add_text(to, "  not ");
        add_rule_head(rules, (size_t)count_of(passed, "rule") - 1, to);
        buffer_add_text(to, is_word(passed, "why", "dead") ? ": none of its addresses is well\n"
                                                           : ": the client is not there\n");
    }
}

static void add_outcome(const json_t *rules, const json_t *verdict, struct buffer *to)
{
    static const char *const words[][2] = {{"chosen", ""},
                                           {"fell_back", ", in the place of one before it"},
                                           {"all_dead", ", though none of its addresses is well"},
                                           {"nothing", ": nothing, as no address is well"}};
    buffer_add_text(to, "  by  ");
    add_rule_head(rules, (size_t)count_of(verdict, "rule") - 1, to);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_word(verdict, "outcome", words[i][0]))
            buffer_add_text(to, words[i][1]);
    buffer_add_char(to, '\n');
}

static void add_given(const json_t *rules, const json_t *verdict, struct buffer *to)
{
    size_t index;
    const json_t *given, *rule = json_array_get(rules, (size_t)count_of(verdict, "rule") - 1);
    int64_t count = count_of(rule, "count");
    if (is_word(verdict, "by", "lot"))
        buffer_format(to, "  %" PRId64 " of these by lot:\n", count ? count : 1);
    json_array_foreach(json_object_get(verdict, "gives"), index, given)
    {
        int64_t number = count_of(given, "item") - 1;
        const json_t *item = json_array_get(json_object_get(rule, "items"), (size_t)number);
        buffer_add_text(to, "    ");
        output_paint(to, "1", text_of(given, "data"));
        if (json_object_get(given, "share"))
            buffer_format(to, ", %g %%", number_of(given, "share"));
        if (json_object_get(given, "km"))
            buffer_format(to, ", %g km away", number_of(given, "km"));
        add_health(item, to);
        buffer_add_char(to, '\n');
    }
    if (is_word(verdict, "by", "sticky"))
        buffer_add_text(to, "  by the client's prefix: the same each time\n");
}

// TTL, scope and remarks; and what the answer ends with, if an alias leads on.
static void add_answer(const json_t *verdict, struct buffer *to)
{
    const json_t *records = json_object_get(verdict, "answer"), *record, *scope, *ede;
    size_t index;
    const json_t *first = json_array_get(records, 0);
    scope = json_object_get(verdict, "scope");
    ede = json_object_get(verdict, "ede");
    if (json_object_get(verdict, "alias"))
        buffer_format(to, "  the addresses of %s ('onym ctl aliases' lists them)\n",
                      text_of(verdict, "alias"));
    else
        buffer_format(to, "  %s", text_of(verdict, "rcode"));
    if (first)
        buffer_format(to, ", TTL %" PRId64, count_of(first, "ttl"));
    if (scope)
        buffer_format(to, ", scope /%" JSON_INTEGER_FORMAT, json_integer_value(scope));
    if (ede)
        buffer_format(to, ", EDE %" PRId64 ": %s", count_of(ede, "code"), text_of(ede, "text"));
    buffer_add_char(to, '\n');
    json_array_foreach(records, index,
                       record) if (index > 0 && !is_word(record, "type", text_of(first, "type")))
        buffer_format(to, "  and then %s %s %s\n", text_of(record, "name"), text_of(record, "type"),
                      text_of(record, "data"));
}

// --- all of it -----------------------------------------------------------------------------------

static void add_health_source(const json_t *routed, struct buffer *to)
{
    if (is_word(routed, "health", "server"))
        buffer_add_text(to, "  health is what the running server says\n");
    else if (is_word(routed, "health", "assumed"))
        buffer_add_text(to, "  no server runs: all addresses are taken for well\n");
}

void route_text(const json_t *routed, struct buffer *to)
{
    size_t index;
    const json_t *route, *from = json_object_get(routed, "from");
    json_array_foreach(json_object_get(routed, "routes"), index, route)
    {
        const json_t *rules = json_object_get(route, "rules");
        const json_t *verdict = json_object_get(route, "verdict");
        struct buffer head = {0};
        buffer_format(&head, "%s %s", text_of(routed, "name"), text_of(route, "type"));
        output_paint(to, "1", buffer_text(&head));
        buffer_free(&head);
        if (*text_of(routed, "view"))
            buffer_format(to, " in the view %s", text_of(routed, "view"));
        if (from)
            buffer_format(to, " for a client %s %s", is_word(from, "kind", "address") ? "at" : "in",
                          text_of(from, "text"));
        buffer_add_char(to, '\n');
        if (!verdict) {
            add_rules(rules, to);
            continue;
        }
        add_given(rules, verdict, to);
        add_answer(verdict, to);
        add_outcome(rules, verdict, to);
        add_passed(rules, verdict, to);
    }
    if (from)
        add_from(from, to);
    add_health_source(routed, to);
}
