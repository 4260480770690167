// Health checks out of the configuration (checks.h). What one value may be is the table's affair;
// here is what several of them say together: what kind of check it is, and that it ends before the
// next begins.
#include "conf/checks.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "conf/scalar.h"
#include "conf/tree.h"

#define EXAMPLE "like this: {http: \"/health\"}, or tcp: 5432, or script: /usr/local/bin/check"

static const struct {
    enum schema_key key;
    enum probe_kind kind;
} kinds[] = {{KEY_CHECKS_HTTP, PROBE_HTTP},
             {KEY_CHECKS_HTTPS, PROBE_HTTPS},
             {KEY_CHECKS_TCP, PROBE_TCP},
             {KEY_CHECKS_SCRIPT, PROBE_SCRIPT}};

// The value that says what kind it is. NULL: none does, or several do.
static const struct value *find_kind(struct filler *filler, const struct pair *pair,
                                     enum probe_kind *kind)
{
    const struct value *found = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct value *value = filler_find(&pair->value, kinds[i].key);
        if (value && found) {
            value_report(filler->report, SEVERITY_ERROR, value, "make two checks of it",
                         "check %s is of two kinds", value_quote(pair->key.text).text);
            return NULL;
        }
        if (value) {
            found = value;
            *kind = kinds[i].kind;
        }
    }
    if (!found)
        value_report(filler->report, SEVERITY_ERROR, &pair->key, EXAMPLE,
                     "check %s does not say what to look at", value_quote(pair->key.text).text);
    return found;
}

static uint64_t number_of(struct filler *filler, const struct value *map, enum schema_key key)
{
    uint64_t number = 0;
    const struct value *value = filler_look(filler, map, key);
    bool good = value && scalar_number(value->text, &number);
    assert(good || !value);
    return number;
}

static uint32_t duration_of(struct filler *filler, const struct value *map, enum schema_key key)
{
    uint64_t ms = 0;
    bool good = scalar_duration(filler_look(filler, map, key)->text, &ms);
    assert(good && ms <= UINT32_MAX);
    return (uint32_t)ms;
}

static char *text_of(struct filler *filler, const struct value *map, enum schema_key key)
{
    const struct value *value = filler_find(map, key);
    return filler_copy(filler, value ? value->text : "");
}

static void read_statuses(struct filler *filler, const struct value *map,
                          struct check_option *check)
{
    const struct value *list = filler_find(map, KEY_CHECKS_STATUS);
    size_t count = list ? filler_count(list) : 0;
    if (count > PROBE_STATUSES_MAX) {
        value_report(filler->report, SEVERITY_ERROR, list, NULL, "more than %d statuses",
                     PROBE_STATUSES_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        uint64_t number;
        if (item && scalar_number(item->text, &number))
            check->statuses[check->status_count++] = (uint16_t)number;
    }
}

static void take_target(struct filler *filler, const struct value *map, const struct value *value,
                        struct check_option *check)
{
    uint64_t port = 0;
    if (check->kind == PROBE_TCP) {
        bool good = scalar_number(value->text, &port);
        assert(good);
        check->path = filler_copy(filler, "");
    } else if (check->kind == PROBE_SCRIPT) {
        check->path = filler_path(filler, value);
    } else {
        port = number_of(filler, map, KEY_CHECKS_PORT);
        if (port == 0)
            port = check->kind == PROBE_HTTPS ? 443 : 80;
        check->path = filler_copy(filler, value->text);
        if (value->text[0] != '/')
            value_report(filler->report, SEVERITY_ERROR, value,
                         "the address is that of the record: write what stands behind it, like "
                         "/health",
                         "%s is not the path of a page", value_quote(value->text).text);
    }
    check->port = (uint16_t)port;
}

// A key that says nothing for this kind of check was probably meant for another one.
static void refuse_others(struct filler *filler, const struct value *map,
                          const struct check_option *check)
{
    static const enum schema_key pages[] = {KEY_CHECKS_PORT, KEY_CHECKS_HOST, KEY_CHECKS_STATUS,
                                            KEY_CHECKS_TEXT, KEY_CHECKS_VERIFY};
    bool page = check->kind == PROBE_HTTP || check->kind == PROBE_HTTPS;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        const struct value *value = filler_find(map, pages[i]);
        bool fits = pages[i] == KEY_CHECKS_VERIFY ? check->kind == PROBE_HTTPS : page;
        if (value && !fits)
            value_report(filler->report, SEVERITY_ERROR, value,
                         pages[i] == KEY_CHECKS_PORT && check->kind == PROBE_TCP
                             ? "the port stands behind 'tcp'"
                             : "remove it",
                         "'%s' says nothing for this kind of check", schema_name(pages[i]));
    }
}

static void fill_check(struct filler *filler, const struct pair *pair)
{
    const struct value *map = &pair->value;
    struct check_option check = {.place = filler_place(&pair->key)};
    if (pair->key.bad || map->bad || map->kind != VALUE_MAP)
        return;
    const struct value *kind = find_kind(filler, pair, &check.kind);
    if (!kind)
        return;
    check.name = filler_copy(filler, pair->key.text);
    check.host = text_of(filler, map, KEY_CHECKS_HOST);
    check.text = text_of(filler, map, KEY_CHECKS_TEXT);
    const struct value *verify = filler_look(filler, map, KEY_CHECKS_VERIFY);
    bool good = scalar_bool(verify->text, &check.verify);
    assert(good);
    check.interval_ms = duration_of(filler, map, KEY_CHECKS_INTERVAL);
    check.timeout_ms = duration_of(filler, map, KEY_CHECKS_TIMEOUT);
    check.rise = (uint16_t)number_of(filler, map, KEY_CHECKS_RISE);
    check.fall = (uint16_t)number_of(filler, map, KEY_CHECKS_FALL);
    take_target(filler, map, kind, &check);
    read_statuses(filler, map, &check);
    refuse_others(filler, map, &check);
    if (check.timeout_ms >= check.interval_ms)
        value_report(filler->report, SEVERITY_ERROR, &pair->key,
                     "give it a shorter 'timeout', or a longer 'interval'",
                     "check %s may still be under way when the next one begins",
                     value_quote(pair->key.text).text);
    struct buffer text = {0};
    tree_print(map, &text);
    check.yaml = filler_copy(filler, buffer_text(&text));
    buffer_free(&text);
    filler->options->checks[filler->options->check_count++] = check;
}

void checks_fill(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *checks = filler_take(filler, root, KEY_CHECKS);
    size_t count = checks->kind == VALUE_MAP ? checks->count : 0;
    options->checks = arena_get(&options->memory, count * sizeof *options->checks);
    for (size_t i = 0; i < count; i++)
        fill_check(filler, &checks->pairs[i]);
}
