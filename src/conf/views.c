// Views out of the configuration (views.h).
#include "conf/views.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "conf/access.h"
#include "conf/resolving.h"
#include "conf/scalar.h"
#include "conf/tree.h"

#define EXAMPLE "like this: {match: [private], zones: {\"example.test\": {file: inside.zone}}}"

static bool is_listened_on(const struct options *options, const struct address *address)
{
    for (size_t i = 0; i < options->listen_count; i++) {
        const struct listen_option *listen = &options->listen[i];
        struct address other = *address;
        if (listen->is_interface)
            return true; // which addresses it has is not known here
        if (address_port(&other) == 0)
            address_set_port(&other, listen->port);
        if (address_equal(&listen->address, &other))
            return true;
    }
    return false;
}

static void read_listen(struct filler *filler, const struct value *list, struct view_option *view)
{
    size_t count = list ? filler_count(list) : 0;
    view->listen = arena_get(&filler->options->memory, count * sizeof *view->listen);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = filler_item(list, i);
        struct address address;
        if (!item || !scalar_server(item->text, &address))
            continue;
        if (!is_listened_on(filler->options, &address))
            value_report(filler->report, SEVERITY_ERROR, item, "add it to 'listen'",
                         "nobody listens at %s", value_quote(item->text).text);
        view->listen[view->listen_count++] = address;
    }
}

static void keep_text(struct filler *filler, const struct value *map, struct view_option *view)
{
    struct buffer text = {0};
    tree_print(map, &text);
    view->yaml = filler_copy(filler, buffer_text(&text));
    buffer_free(&text);
}

static void read_view(struct filler *filler, const struct pair *pair, struct view_option *view)
{
    const struct value *match = filler_find(&pair->value, KEY_VIEWS_MATCH);
    const struct value *listen = filler_find(&pair->value, KEY_VIEWS_LISTEN);
    *view = (struct view_option){.name = filler_copy(filler, pair->key.text),
                                 .place = filler_place(&pair->key)};
    view->by_client = match != NULL;
    if (match)
        view->match = access_fill(filler, match, &view->match_count);
    read_listen(filler, listen, view);
    keep_text(filler, &pair->value, view);
    if (!match && !listen)
        value_report(filler->report, SEVERITY_ERROR, &pair->key, EXAMPLE,
                     "view %s does not say whose it is: it has no 'match' and no 'listen'",
                     value_quote(pair->key.text).text);
}

size_t views_fill(struct filler *filler, const struct value *root, struct zones_of_view *zones)
{
    struct options *options = filler->options;
    const struct value *views = filler_take(filler, root, KEY_VIEWS);
    size_t count = views->kind == VALUE_MAP ? views->count : 0, lists = 0;
    if (count > VIEWS_MAX) {
        value_report(filler->report, SEVERITY_ERROR, views, NULL, "more than %d views", VIEWS_MAX);
        return 0;
    }
    options->views = arena_get(&options->memory, (count + 1) * sizeof *options->views);
    for (size_t i = 0; i < count; i++) {
        const struct pair *pair = &views->pairs[i];
        if (pair->key.bad || pair->value.bad || pair->value.kind != VALUE_MAP)
            continue;
        read_view(filler, pair, &options->views[options->view_count++]);
        zones[lists++] = (struct zones_of_view){filler_find(&pair->value, KEY_VIEWS_ZONES),
                                                (uint8_t)options->view_count};
    }
    return lists;
}

void views_fill_resolve(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *views = filler_look(filler, root, KEY_VIEWS);
    size_t at = 0;
    for (size_t i = 0; views->kind == VALUE_MAP && i < views->count && at < options->view_count;
         i++) {
        const struct pair *pair = &views->pairs[i];
        if (pair->key.bad || pair->value.bad || pair->value.kind != VALUE_MAP)
            continue;
        struct view_option *view = &options->views[at++];
        const struct value *map = filler_find(&pair->value, KEY_VIEWS_RESOLVE);
        if (map)
            resolving_fill_view(filler, root, map, &view->resolve);
        else
            view->resolve = options->resolve;
        if (view->resolve.zone_count > VIEW_ZONES_MAX)
            value_report(filler->report, SEVERITY_ERROR, map ? map : &pair->key, NULL,
                         "a view with more than %d zones to resolve", VIEW_ZONES_MAX);
    }
}
