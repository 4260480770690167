// Lists of who may have something (access.h).
#include "conf/access.h"

#include <string.h>

#include "conf/keys.h"
#include "conf/scalar.h"

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
        if (option.kind == ACCESS_KEY &&
            !keys_refer(filler->options, item, option.text + strlen(ACCESS_KEY_WORD), &option.key,
                        filler->report))
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
