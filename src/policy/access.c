// Access lists (access.h). They are short - ten prefixes are the default - so they are looked
// through from the front, and what is asked for most stands there: loopback.
#include "policy/access.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

static const char *const private_networks[] = {
    "10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "fc00::/7",      "fe80::/10",
};

void access_add(struct access *access, const struct prefix *prefix)
{
    access->prefixes =
        memory_grow(access->prefixes, &access->room, access->count + 1, sizeof *access->prefixes);
    access->prefixes[access->count++] = *prefix;
}

static void add_text(struct access *access, const char *text)
{
    struct prefix prefix;
    bool good = prefix_parse(text, &prefix);
    assert(good);
    access_add(access, &prefix);
}

void access_add_loopback(struct access *access)
{
    add_text(access, "127.0.0.0/8");
    add_text(access, "::1/128");
}

void access_add_private(struct access *access)
{
    for (size_t i = 0; i < sizeof private_networks / sizeof *private_networks; i++)
        add_text(access, private_networks[i]);
}

void access_free(struct access *access)
{
    free(access->prefixes);
    *access = (struct access){0};
}

bool access_allows(const struct access *access, const struct address *client)
{
    if (access->any)
        return true;
    for (size_t i = 0; i < access->count; i++)
        if (prefix_holds(&access->prefixes[i], client))
            return true;
    return false;
}
