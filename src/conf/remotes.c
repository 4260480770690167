// Servers with which zones are exchanged (remotes.h).
#include "conf/remotes.h"

#include <string.h>

#include "base/buffer.h"
#include "conf/filler.h"
#include "conf/keys.h"
#include "conf/scalar.h"

// False: told.
static bool find_key(const struct options *options, const struct value *item, const char *name,
                     struct remote_option *remote, struct report *report)
{
    const struct key_option *key = keys_find(options, name);
    if (key) {
        remote->keyed = true;
        remote->key = (size_t)(key - options->keys);
        return true;
    }
    struct buffer hint = {0};
    keys_suggest(options, name, &hint);
    value_report(report, SEVERITY_ERROR, item, buffer_text(&hint), "there is no key %s in 'keys'",
                 value_quote(name).text);
    buffer_free(&hint);
    return false;
}

const struct remotes_option *remotes_fill(struct options *options, const struct value *list,
                                          struct report *report)
{
    size_t most = filler_count(list);
    struct remotes_option *remotes =
        arena_get(&options->memory, sizeof *remotes + most * sizeof remotes->list[0]);
    remotes->count = 0;
    for (size_t i = 0; i < most; i++) {
        const struct value *item = filler_item(list, i);
        struct remote_option remote = {0};
        const char *key;
        if (!item || item->kind != VALUE_TEXT || !scalar_remote(item->text, &remote.address, &key))
            continue;
        if (address_port(&remote.address) == 0)
            address_set_port(&remote.address, 53);
        if (key && !find_key(options, item, key, &remote, report))
            continue;
        remote.text = arena_copy(&options->memory, item->text, strlen(item->text) + 1);
        remotes->list[remotes->count++] = remote;
    }
    return remotes->count ? remotes : NULL;
}
