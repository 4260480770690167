// An image from anywhere: what inspect_image passes is asked for every name in it and for others.
//
// The origin is "x.". Size and format are set right, so that no time goes into guessing those;
// there is no checksum. Seeds are pressed from zone files of the target "zone":
//
//   fuzz_image --press FOLDER FILE...      writes an image of each that is a zone
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "dns/type.h"
#include "inside.h"
#include "zone/chain.h"
#include "zone/find.h"
#include "zone/inspect.h"
#include "zone/judge.h"

#define ASKED_MAX 24

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static struct name origin(void)
{
    return name_trust((const uint8_t *)"\1x");
}

// --- seeds ---------------------------------------------------------------------------------------

static void press(const char *folder, const char *path)
{
    struct records records;
    struct report report = {0};
    struct judge_options options = {.strict = false};
    struct image image;
    records_begin(&records, origin());
    if (judge_zone(path, &records, &options, &report) &&
        image_build(&records, &inside_key, &image) == 0) {
        const char *slash = strrchr(path, '/');
        char *to = memory_format("%s/%s", folder, slash ? slash + 1 : path);
        if (file_write(to, image.base, (size_t)image.head->size, 0644) != 0)
            fprintf(stderr, "cannot write %s\n", to);
        free(to);
        image_free(&image);
    }
    report_free(&report);
    records_free(&records);
}

int LLVMFuzzerInitialize(int *count, char ***words)
{
    if (*count < 3 || strcmp((*words)[1], "--press") != 0)
        return 0;
    for (int i = 3; i < *count; i++)
        press((*words)[2], (*words)[i]);
    exit(0);
}

// --- questions -----------------------------------------------------------------------------------

static void ask(const struct server *server, struct name name, uint16_t type)
{
    uint8_t query[512];
    inside_ask(server, query, inside_query(name, type, 0, query));
    size_t size = inside_query(name, type, 1232, query);
    inside_ask(server, query, size);
    query[size - 11 + 7] |= 0x80; // DO
    inside_ask(server, query, size);
}

static void ask_about(const struct server *server, struct name name)
{
    static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_ANY, TYPE_DS, TYPE_CNAME, TYPE_RRSIG};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        ask(server, name, types[i]);
    uint8_t wire[NAME_OCTETS_MAX];
    struct name below;
    if (name_join(name_trust((const uint8_t *)"\2a*\1b"), 2, name, wire, &below))
        ask(server, below, TYPE_A);
}

// Every RRset of a node by its own type.
static void ask_types(const struct server *server, const struct image *image,
                      const struct node *node, struct name name)
{
    const struct rrset *rrset = node_first_rrset(image, node);
    for (unsigned i = 0; i < node->rrsets && i < ASKED_MAX; i++) {
        if (i > 0)
            rrset = node_next_rrset(image, node, rrset);
        ask(server, name, rrset->type);
    }
}

// The chain as it denies things: whoever is found has what denies.
static void deny(const struct image *image, struct name name)
{
    struct name_key key;
    bool matches;
    name_key_make(name, &inside_key, &key);
    enum chain_kind kind = image_chain_kind(image);
    if (kind == CHAIN_NSEC) {
        const struct node *node = chain_find_name(image, &key, key.labels, &matches);
        assert(node_rrset(image, node, TYPE_NSEC));
        if (name.size <= NAME_OCTETS_MAX - 2)
            node = chain_find_wildcard(image, &key, key.labels, &matches);
        assert(node_rrset(image, node, TYPE_NSEC));
    }
    if (kind == CHAIN_NSEC3) {
        uint8_t hash[20] = {0};
        memcpy(hash, &key.hash[key.labels], 8);
        const struct node *node = chain_find_hash(image, hash, &matches);
        assert(node_rrset(image, node, TYPE_NSEC3));
    }
}

static void judge_hashed(const struct image *image, const struct node *node)
{
    const struct node_hashed *hashed = node_hashed(node);
    if (!hashed || !hashed->self)
        return;
    assert(node_rrset(image, image_node(image, hashed->self), TYPE_NSEC3));
    if (hashed->wildcard)
        assert(node_rrset(image, image_node(image, hashed->wildcard), TYPE_NSEC3));
}

static void judge(const struct server *server, const struct image *image)
{
    uint32_t step = 1 + image->head->nodes / ASKED_MAX;
    for (uint32_t i = 0; i < image->head->nodes; i++) {
        uint8_t storage[NAME_OCTETS_MAX];
        struct name_key key;
        const struct node *node = image_node_at(image, i);
        struct name name = node_name(image, node, storage), again;
        bool valid = name_view(name.wire, name.size, &again);
        assert(valid && again.size == name.size && again.labels == name.labels);
        name_key_make(name, &inside_key, &key);
        assert(image_find(image, &key, key.labels) == node);
        (void)find_name(image, &inside_key, &key);
        judge_hashed(image, node);
        deny(image, name);
        if (i % step != 0)
            continue;
        ask_about(server, name);
        ask_types(server, image, node, name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    uint8_t *image_octets;
    size &= ~(size_t)3;
    if (size == 0 || posix_memalign((void **)&image_octets, 64, size) != 0)
        return 0;
    memcpy(image_octets, octets, size);
    struct image_head *head = (struct image_head *)image_octets;
    if (size >= sizeof *head) {
        head->size = size;
        head->format = IMAGE_FORMAT;
    }
    if (inspect_image(image_octets, size, origin(), &inside_key) == INSPECT_SOUND) {
        struct image image;
        image_look_at(&image, image_octets);
        struct server *server = inside_serve(origin(), &image);
        const struct zone *zone = zones_get(&server->zones, origin());
        assert(zone);
        judge(server, &zone->image);
        inside_free(server);
    }
    free(image_octets);
    return 0;
}
