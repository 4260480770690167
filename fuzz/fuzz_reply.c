// Replies of other servers: a whole resolver that is told whatever the input says.
//
//   input: type (1), then for each ask: size (2), FLAGS (2) ANCOUNT (2) NSCOUNT (2) ARCOUNT (2) and
//   the records, which stand behind the question that was asked, so that pointers to 12 are good
//
// The ID and the question are the ask's own: this is what a server can do, or a forger who guessed
// them. What must hold: the question is resolved exactly once, within its time and its packets, and
// nothing is left.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/epoch.h"
#include "dns/message.h"
#include "resolve/resolver.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static const struct hash_key key = {{0x0123456789abcdefu, 0xfedcba9876543210u}};

static struct resolver *resolver;
static struct resolver_options options;
static struct rules *rules;
static uint64_t now_us = 1000000000;

static void open_once(void)
{
    static const struct cache_options cache = {
        .octets = CACHE_OCTETS_MIN,
        .max_ttl_s = 300,
        .negative_ttl_s = 300,
        .stale_s = 300,
        .secret = {{0x0123456789abcdefu, 0xfedcba9876543210u}}};
    struct address root;
    if (resolver)
        return;
    epoch_join();
    options = (struct resolver_options){.cache = cache_open(&cache),
                                        .servers = servers_open(64, &key),
                                        .secret = &key,
                                        .luck = {.seeded = true}};
    resolver = resolver_open(&options);
    rules = rules_make();
    rules->stale_s = 300;
    rules_set_root(rules, false);
    bool good = address_parse("192.0.2.1", 53, &root);
    assert(resolver && good);
    rules_add_root_server(rules, NAME_ROOT, &root);
}

struct input {
    const uint8_t *at, *end;
    unsigned asks;
};

// Makes the reply to an ask of what the input has next, in memory of its size. NULL: no more.
static uint8_t *make_reply(struct input *input, const struct ask *ask, size_t *size)
{
    if (input->end - input->at < 2)
        return NULL;
    size_t wanted = bytes_get16(input->at), left = (size_t)(input->end - input->at) - 2;
    size_t said = wanted < left ? wanted : left;
    const uint8_t *from = input->at + 2;
    input->at = from + said;
    size_t at = HEADER_SIZE;
    bool good = message_skip_name(ask->octets, ask->size, &at);
    assert(good);
    at += 4;
    if (said < 8 || at + said - 8 > MESSAGE_MAX)
        return NULL;
    *size = at + said - 8;
    uint8_t *reply = malloc(*size);
    memcpy(reply, ask->octets, at);
    memcpy(reply + 2, from, 2);
    reply[2] |= FLAG_QR >> 8;
    memcpy(reply + 6, from + 2, 6);
    memcpy(reply + at, from + 8, said - 8);
    return reply;
}

static void take_asks(struct input *input)
{
    struct ask ask;
    while (resolver_next_ask(resolver, &ask)) {
        size_t size;
        if (ask.kind == ASK_CANCEL)
            continue;
        input->asks++;
        assert(rules_may_ask(rules, &ask.server));
        uint8_t *reply = make_reply(input, &ask, &size);
        if (!reply)
            continue;
        now_us += 1000;
        if (resolver_reply(resolver, ask.number, reply, size, now_us) == REPLY_IGNORED)
            now_us += 1000;
        free(reply);
    }
}

static unsigned take_resolved(void)
{
    struct resolved resolved;
    unsigned count = 0;
    while (resolver_next_resolved(resolver, &resolved)) {
        count++;
        assert(resolved.token == 7 && resolved.answer);
        for (unsigned i = 0; i < resolved.answer->count; i++) {
            const struct answer_rrset *entry = &resolved.answer->rrsets[i];
            assert(rrset_size(entry->rrset) >= sizeof(struct rrset));
            assert(entry->owner.size >= 1);
        }
        assert(resolved.answer->rcode != RCODE_SERVFAIL || resolved.answer->ede != EDE_NONE);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    static struct answer answer;
    if (size < 1)
        return 0;
    open_once();
    struct input input = {octets + 1, octets + size, 0};
    struct want want = {.name = name_trust((const uint8_t *)"\3www\7example\4test"),
                        .type = octets[0] ? octets[0] : TYPE_A,
                        .dnssec_ok = octets[0] & 1,
                        .token = 7};
    unsigned resolved = 0;
    uint64_t due_us = now_us, end_us = now_us + (uint64_t)BUDGET_TIME_MS * 1000;
    if (resolver_want(resolver, rules, &want, now_us, &answer) == RESOLVE_ANSWERED)
        resolved = 1;
    // A second more than it may take, and the walk that goes on for what is stale.
    while (due_us != UINT64_MAX) {
        take_asks(&input);
        resolved += take_resolved();
        now_us = due_us > now_us ? due_us : now_us;
        assert(resolved || now_us <= end_us + 1000000);
        due_us = resolver_tick(resolver, now_us);
    }
    take_asks(&input);
    resolved += take_resolved();
    struct resolver_counts counts;
    resolver_count(resolver, &counts);
    assert(resolved == 1);
    assert(counts.tasks == 0 && counts.waiters == 0 && counts.asks == 0);
    // Priming has a budget of its own.
    assert(input.asks <= 2 * BUDGET_PACKETS);
    now_us += 1000000000; // everything is forgotten, of servers too: the next input begins afresh
    epoch_quiet();
    return 0;
}
