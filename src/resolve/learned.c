// A list, newest first, of a few entries (learned.h).
#include "resolve/learned.h"

#include <string.h>

static bool copy_name(struct notes *notes, struct name *name)
{
    if (name->size == 0)
        return true;
    name->wire = notes_copy(notes, name->wire, name->size);
    return name->wire != NULL;
}

bool learned_add(struct learned **learned, struct notes *notes, const struct kept *kept)
{
    struct learned *added = notes_get(notes, sizeof *added);
    if (!added)
        return false;
    *added = (struct learned){.older = *learned, .kept = *kept};
    if (!copy_name(notes, &added->kept.owner) || !copy_name(notes, &added->kept.soa_owner))
        return false;
    if (kept->rrset) {
        added->kept.rrset = notes_copy(notes, kept->rrset, rrset_size(kept->rrset));
        if (!added->kept.rrset)
            return false;
    }
    *learned = added;
    return true;
}

const struct kept *learned_find(const struct learned *learned, struct name name, uint16_t type)
{
    for (const struct learned *at = learned; at; at = at->older) {
        const struct kept *kept = &at->kept;
        if ((kept->kind == CACHE_NXDOMAIN || kept->type == type) && name_equal(kept->owner, name))
            return kept;
    }
    return NULL;
}
