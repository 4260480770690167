// Lists of who may have something (access.h).
#include "conf/access.h"

#include <string.h>

#include "base/buffer.h"
#include "conf/keys.h"
#include "conf/scalar.h"

// False: told.
static bool find_key(struct filler *filler, const struct value *item, struct access_option *option)
{
    const char *name = option->text + strlen(ACCESS_KEY_WORD);
    const struct key_option *key = keys_find(filler->options, name);
    if (key) {
        option->key = (size_t)(key - filler->options->keys);
        return true;
    }
    struct buffer hint = {0};
    keys_suggest(filler->options, name, &hint);
    value_report(filler->report, SEVERITY_ERROR, item, buffer_text(&hint),
                 "there is no key %s in 'keys'", value_quote(name).text);
    buffer_free(&hint);
    return false;
}

struct access_option *access_fill(struct filler *filler, const struct value *list, size_t *count)
{
    struct access_option *options =
        arena_get(&filler->options->memory, filler_count(list) * sizeof *options);
    const struct value *none = NULL;
    *count = 0;
    for (size_t i = 0; i < filler_count(list); i++) {
        const struct value *item = filler_item(list, i);
        struct access_option option;
        if (!item || !scalar_access(item->text, &option))
            continue;
        option.text = filler_copy(filler, item->text);
        if (option.kind == ACCESS_KEY && !find_key(filler, item, &option))
            continue;
        if (option.kind == ACCESS_NONE)
            none = item;
        option.place = filler_place(item);
        options[(*count)++] = option;
    }
    if (none && *count > 1)
        value_report(filler->report, SEVERITY_ERROR, none, "remove it, or all the others",
                     "'none' is not alone in its list");
    return options;
}
