// Access lists (access.h). They are short - ten prefixes are the default - so they are looked
// through from the front. Every query is: so each prefix is words and masks, and costs no call.
#include "policy/access.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *const private_networks[] = {
    "10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "100.64.0.0/10", "fc00::/7",      "fe80::/10",
};

void access_add(struct access *access, const struct prefix *prefix)
{
    struct networks *networks = prefix->family == AF_INET ? &access->v4 : &access->v6;
    uint8_t mask[16] = {0};
    for (unsigned bit = 0; bit < prefix->bits; bit++)
        mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    networks->list =
        memory_grow(networks->list, &networks->room, networks->count + 1, sizeof *networks->list);
    struct network *network = &networks->list[networks->count++];
    memcpy(network->words, prefix->octets, sizeof network->words);
    memcpy(network->mask, mask, sizeof network->mask);
}

void access_add_key(struct access *access, uint32_t number)
{
    assert(number > 0);
    access->keys =
        memory_grow(access->keys, &access->key_room, access->key_count + 1, sizeof *access->keys);
    access->keys[access->key_count++] = number;
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

static void copy(struct networks *to, const struct networks *from)
{
    *to = (struct networks){.count = from->count, .room = from->count};
    if (from->count == 0)
        return;
    to->list = memory_get(from->count * sizeof *to->list);
    memcpy(to->list, from->list, from->count * sizeof *to->list);
}

void access_copy(struct access *to, const struct access *from)
{
    to->any = from->any;
    copy(&to->v4, &from->v4);
    copy(&to->v6, &from->v6);
    to->key_count = to->key_room = from->key_count;
    to->keys = NULL;
    if (from->key_count == 0)
        return;
    to->keys = memory_get(from->key_count * sizeof *to->keys);
    memcpy(to->keys, from->keys, from->key_count * sizeof *to->keys);
}

void access_free(struct access *access)
{
    free(access->v4.list);
    free(access->v6.list);
    free(access->keys);
    *access = (struct access){0};
}

static bool hold(const struct networks *networks, const uint64_t words[static 2])
{
    for (size_t i = 0; i < networks->count; i++) {
        const struct network *network = &networks->list[i];
        if ((((words[0] ^ network->words[0]) & network->mask[0]) |
             ((words[1] ^ network->words[1]) & network->mask[1])) == 0)
            return true;
    }
    return false;
}

bool access_allows(const struct access *access, const struct address *client)
{
    static const uint8_t mapped_start[12] = {[10] = 0xff, [11] = 0xff};
    uint64_t words[2] = {0};
    if (access->any)
        return true;
    if (client->size == 0)
        return false;
    if (client->any.sa_family == AF_INET) {
        memcpy(words, &client->v4.sin_addr, 4);
        return hold(&access->v4, words);
    }
    const uint8_t *octets = client->v6.sin6_addr.s6_addr;
    if (memcmp(octets, mapped_start, sizeof mapped_start) == 0) {
        memcpy(words, octets + 12, 4);
        return hold(&access->v4, words);
    }
    memcpy(words, octets, sizeof words);
    return hold(&access->v6, words);
}

bool access_admits(const struct access *access, const struct address *client, uint32_t key)
{
    if (access_allows(access, client))
        return true;
    for (size_t i = 0; key && i < access->key_count; i++)
        if (access->keys[i] == key)
            return true;
    return false;
}
