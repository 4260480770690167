// Servers with which zones are exchanged (remotes.h).
#include "conf/remotes.h"

#include <string.h>

#include "conf/filler.h"
#include "conf/keys.h"
#include "conf/scalar.h"

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
        if (key && !keys_refer(options, item, key, &remote.key, report))
            continue;
        remote.keyed = key != NULL;
        remote.text = arena_copy(&options->memory, item->text, strlen(item->text) + 1);
        remotes->list[remotes->count++] = remote;
    }
    return remotes->count ? remotes : NULL;
}
