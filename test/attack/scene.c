// Scenes (see scene.h).
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "dns/rdata.h"

#define RTT_US      10000
#define PATIENCE_US (60 * SECOND_US)

struct name scene_name(const char *text)
{
    static uint8_t storage[256][NAME_OCTETS_MAX];
    static unsigned next;
    struct name name;
    if (name_parse(text, strlen(text), &NAME_ROOT, storage[next++ % COUNT(storage)], &name) !=
        NAME_TEXT_OK)
        fail_msg("%s is no name", text);
    return name;
}

static struct address address_of(const char *text)
{
    struct address address;
    if (!address_parse(text, 53, &address))
        fail_msg("%s is no address", text);
    return address;
}

bool scene_is(const struct network_ask *ask, const char *server)
{
    struct address address = address_of(server);
    return address_equal(&ask->server, &address);
}

bool scene_asks(const struct asked *asked, const char *name)
{
    return name_equal(asked->name, scene_name(name));
}

void scene_figure(const char *attack, const char *format, ...)
{
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&text, format, arguments);
    va_end(arguments);
    print_message("figure | %s | %s |\n", attack, buffer_text(&text));
    buffer_free(&text);
}

// --- counting ------------------------------------------------------------------------------------

static void count_ask(struct scene *scene, const struct network_ask *ask)
{
    unsigned i = 0;
    while (i < scene->server_count && !address_equal(&scene->servers[i].server, &ask->server))
        i++;
    if (i == COUNT(scene->servers))
        return;
    if (i == scene->server_count)
        scene->servers[scene->server_count++].server = ask->server;
    scene->servers[i].packets++;
}

uint64_t scene_packets_to(const struct scene *scene, const char *server)
{
    struct address address = address_of(server);
    for (unsigned i = 0; i < scene->server_count; i++)
        if (address_equal(&scene->servers[i].server, &address))
            return scene->servers[i].packets;
    return 0;
}

// --- servers -------------------------------------------------------------------------------------

void scene_send(struct scene *scene, const struct network_ask *ask, uint64_t more_us)
{
    struct reply *reply = &scene->reply;
    if (reply->overflow || (!ask->tcp && reply->size > reply->asked->payload))
        reply_truncate(reply);
    network_reply(&scene->network, ask->number, reply->octets, reply->size,
                  scene->rtt_us + more_us);
}

static void carry(struct network *network, const struct network_ask *ask)
{
    struct scene *scene = network->owner;
    struct asked asked;
    if (!asked_read(&asked, ask->octets, ask->size)) {
        snprintf(network->broken, sizeof network->broken, "asked what is no query");
        return;
    }
    count_ask(scene, ask);
    if (network->asks_live > scene->live_most)
        scene->live_most = network->asks_live;
    if (asked.payload > scene->payload_most)
        scene->payload_most = asked.payload;
    if (scene->special && scene->special(scene, ask, &asked))
        return;
    if (tree_answer(&scene->tree, &ask->server, &asked, &scene->reply))
        scene_send(scene, ask, 0);
}

// --- clients -------------------------------------------------------------------------------------

static void print_rrset(const struct answer_rrset *rrset, struct buffer *to)
{
    const uint8_t *entry = rrset->rrset->body;
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(rrset->owner, owner);
    type_print(rrset->rrset->type, type);
    for (unsigned i = 0; i < rrset->rrset->count; i++, entry = rrset_next(entry)) {
        buffer_format(to, "; %s %s ", owner, type);
        rdata_print(rrset->rrset->type, rrset_rdata(entry), rrset_rdata_size(entry), to);
    }
}

static void take_answer(struct network *network, uint64_t token, const struct answer *answer)
{
    struct scene *scene = network->owner;
    if (token > scene->token)
        snprintf(network->broken, sizeof network->broken, "answered who never asked");
    if (!answer) {
        scene->dropped++;
        return;
    }
    scene->answers++;
    if (token != scene->token)
        return;
    buffer_clear(&scene->answer);
    buffer_add_text(&scene->answer, rcode_word(answer->rcode));
    scene->ede = answer->ede;
    for (unsigned i = 0; i < answer->count; i++)
        if (answer->rrsets[i].section == SECTION_ANSWER)
            print_rrset(&answer->rrsets[i], &scene->answer);
}

void scene_want(struct scene *scene, const char *name, uint16_t type, const struct address *client)
{
    struct want want = {
        .name = scene_name(name), .type = type, .token = ++scene->token, .client = client};
    buffer_clear(&scene->answer);
    scene->ede = EDE_NONE;
    network_want(&scene->network, &want);
}

const char *scene_ask(struct scene *scene, const char *name, uint16_t type)
{
    scene_want(scene, name, type, NULL);
    uint64_t until_us = scene->network.now_us + PATIENCE_US;
    while (scene->answer.size == 0 && network_step(&scene->network, until_us))
        assert_string_equal(scene->network.broken, "");
    while (network_step(&scene->network, UINT64_MAX))
        assert_string_equal(scene->network.broken, "");
    return buffer_text(&scene->answer);
}

void scene_pass(struct scene *scene, uint64_t us)
{
    network_run(&scene->network, scene->network.now_us + us);
    assert_string_equal(scene->network.broken, "");
}

// --- from the first to the last ------------------------------------------------------------------

void scene_begin(struct scene *scene)
{
    *scene = (struct scene){.rules = rules_make(), .rtt_us = RTT_US, .ede = EDE_NONE};
    scene->rules->quiet = true;
    scene->rules->special_names = false;
    struct address root = address_of(ROOT);
    rules_set_root(scene->rules, false);
    rules_add_root_server(scene->rules, scene_name("a.root."), &root);
    tree_add(&scene->tree, ".", ROOT,
             ". SOA m. r. 1 1800 900 604800 600\n. NS a.root.\na.root. A " ROOT "\n"
             "test. 86400 NS ns.nic.test.\nns.nic.test. 86400 A " TEST "\n"
             "example. 86400 NS ns.nic.example.\nns.nic.example. 86400 A 198.18.0.4\n");
    tree_add(&scene->tree, "example.", "198.18.0.4",
             "example. SOA m. r. 1 1800 900 604800 600\nexample. NS ns.nic.example.\n"
             "ns.nic.example. A 198.18.0.4\n"
             "ns.cousin.example. A 198.18.0.5\n");
    tree_add(&scene->tree, "victim.test.", VICTIM,
             "victim.test. SOA m. r. 1 1800 900 604800 600\nvictim.test. NS ns.victim.test.\n"
             "ns.victim.test. A " VICTIM "\nwww.victim.test. A 203.0.113.1\n"
             "other.victim.test. A 203.0.113.2\n");
    tree_add(&scene->tree, "evil.test.", EVIL,
             "evil.test. SOA m. r. 1 1800 900 604800 600\nevil.test. NS ns.evil.test.\n"
             "ns.evil.test. A " EVIL "\nwww.evil.test. A 203.0.113.66\n");
    buffer_add_text(&scene->delegations,
                    "test. SOA m. r. 1 1800 900 604800 600\ntest. NS ns.nic.test.\n"
                    "ns.nic.test. A " TEST "\n"
                    "victim.test. NS ns.victim.test.\nns.victim.test. A " VICTIM "\n"
                    "evil.test. NS ns.evil.test.\nns.evil.test. A " EVIL "\n");
}

void scene_open(struct scene *scene)
{
    tree_add(&scene->tree, "test.", TEST, buffer_text(&scene->delegations));
    struct network_options options = {.rules = scene->rules,
                                      .seed = scene->unpredictable ? 0 : 20080708,
                                      .cache_octets = scene->cache_octets,
                                      .stale_s = scene->rules->stale_s,
                                      .carry = carry,
                                      .told = take_answer,
                                      .owner = scene};
    network_open(&scene->network, &options);
}

void scene_close(struct scene *scene)
{
    struct resolver_counts left;
    while (network_step(&scene->network, UINT64_MAX))
        ;
    assert_string_equal(scene->network.broken, "");
    resolver_count(scene->network.resolver, &left);
    assert_int_equal(left.tasks, 0);
    assert_int_equal(left.waiters, 0);
    assert_int_equal(left.asks, 0);
    assert_int_equal(left.walking, 0);
    assert_int_equal(scene->network.asks_live, 0);
    assert_in_range(scene->payload_most, 0, UDP_PAYLOAD_MAX);
    network_close(&scene->network);
    rules_release(scene->rules);
    tree_free(&scene->tree);
    buffer_free(&scene->delegations);
    buffer_free(&scene->answer);
}
