// A small internet for tests: servers that answer from a table, a clock that is set, packets that
// are counted.
//
//   tree_begin(&tree)                  a cache, a resolver, one root server 192.0.2.1
//   tree_say("192.0.2.1", "com. NS", "referral", {...})
//
// Each row is (server's address, question, what it says): records as text, one in a string, with
// their section in front: "an www.x. A 192.0.2.9", "au x. NS ns.x.", "ad ns.x. A 192.0.2.2".
// The TTL is 3600, or stands behind the section: "an60 www.x. A ...".
#pragma once

#include "replies.h"

#include "base/epoch.h"
#include "resolve/resolver.h"

#define TREE_RECORDS 24
#define TREE_ROWS    256
#define TREE_OPEN    4096

enum tree_manner {
    TREE_ANSWERS,  // AA
    TREE_REFERS,   // no AA
    TREE_SILENT,   // never answers
    TREE_REFUSES,  // REFUSED
    TREE_FAILS,    // SERVFAIL
    TREE_DENIES,   // NXDOMAIN, AA
    TREE_CUTS,     // TC over UDP, answers over TCP
    TREE_GUESSES,  // a reply with another ID first (over UDP)
    TREE_GARBLES,  // half a reply first, then the good one
    TREE_NO_EDNS,  // FORMERR to EDNS
    TREE_FORWARDS, // RA, no AA: a forwarder's answer
    TREE_FOLDS,    // gives the name back in lower case
};

struct tree_row {
    const char *server, *name; // NULL name: whatever is asked for there
    uint16_t type;             // 0: any
    enum tree_manner manner;
    const char *records[TREE_RECORDS];
    uint64_t delay_us;
    bool no_tcp;      // nobody listens there
    bool deaf_tcp;    // nothing comes back from there
    unsigned many_ns; // so many NS of the name behind the records, each in other.test.
    unsigned asked;
    unsigned only; // says this so many times, then the next row of the question counts; 0: always
};

struct tree_flight {
    bool used, over_tcp;
    uint32_t number;
    uint64_t due_us;
    struct tree_row *row;
    struct address server;
    uint32_t size;
    uint8_t octets[600];
};

struct tree {
    struct cache *cache;
    struct servers *servers;
    struct resolver *resolver;
    struct rules *rules;
    uint64_t now_us;
    unsigned row_count;
    struct tree_row rows[TREE_ROWS];
    struct tree_flight flights[TREE_OPEN];
    unsigned packets, tcp_packets, cancelled;
    unsigned verdicts[3];
    struct answer answer;    // of want
    unsigned resolved_count; // of all wants so far
    uint64_t last_token;
    bool last_dropped;
    struct resolved_copy {
        uint16_t rcode;
        int16_t ede;
        uint8_t reason;
        char text[FAILURE_TEXT_MAX];
        char records[4096]; // of the answer section, as text
        unsigned soa;
    } last;
};

static inline struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, 53, &address));
    return address;
}

static inline void tree_open(struct tree *tree, uint32_t stale_s)
{
    struct cache_options cache = {.octets = 16 * 1024 * 1024,
                                  .max_ttl_s = 86400,
                                  .negative_ttl_s = 3600,
                                  .stale_s = stale_s,
                                  .secret = test_secret};
    memset(tree, 0, sizeof *tree);
    epoch_join();
    tree->now_us = 1000000000;
    tree->cache = cache_open(&cache);
    tree->servers = servers_open(1024, &test_secret);
    struct resolver_options options = {
        .cache = tree->cache, .servers = tree->servers, .secret = &test_secret};
    options.luck = (struct luck){.seeded = true, .dice = dice_seed(1)};
    tree->resolver = resolver_open(&options);
    tree->rules = rules_make();
    tree->rules->quiet = true;
    tree->rules->stale_s = stale_s;
    rules_set_root(tree->rules, false);
    struct address root = address_of("192.0.2.1");
    rules_add_root_server(tree->rules, name_of("a.root."), &root);
}

static inline void tree_close(struct tree *tree)
{
    resolver_close(tree->resolver);
    rules_release(tree->rules);
    servers_close(tree->servers);
    epoch_leave();
    cache_close(tree->cache);
}

// The rows may be made with compound literals: records are pointers to constants.
static inline struct tree_row *tree_add(struct tree *tree, const struct tree_row *row)
{
    assert_true(tree->row_count < TREE_ROWS);
    tree->rows[tree->row_count] = *row;
    return &tree->rows[tree->row_count++];
}

// How well a row fits an ask: 0 not at all; a referral is about everything below its cut.
static inline unsigned tree_fit(const struct tree_row *row, const struct tree_flight *flight,
                                struct name name, uint16_t type)
{
    struct address server = address_of(row->server);
    if (!address_equal(&server, &flight->server) || (row->type && row->type != type) ||
        (row->only && row->asked >= row->only))
        return 0;
    if (!row->name)
        return 1;
    struct name owner = name_of(row->name);
    if (name_equal(owner, name))
        return 1000;
    return row->manner == TREE_REFERS && name_is_within(name, owner) ? 2u + owner.labels : 0;
}

static inline struct tree_row *tree_find(struct tree *tree, const struct tree_flight *flight)
{
    struct name name;
    struct tree_row *best = NULL;
    unsigned fit = 0;
    assert_true(name_view(flight->octets + HEADER_SIZE, flight->size - HEADER_SIZE, &name));
    uint16_t type = bytes_get16(flight->octets + HEADER_SIZE + name.size);
    for (unsigned i = 0; i < tree->row_count; i++) {
        unsigned this = tree_fit(&tree->rows[i], flight, name, type);
        if (this <= fit)
            continue;
        best = &tree->rows[i];
        fit = this;
    }
    if (best)
        best->asked++;
    return best;
}

static inline bool tree_has_edns(const struct tree_flight *flight)
{
    return flight->octets[11] != 0;
}

// Writes what a row says in reply to an ask. Returns its size.
static inline size_t tree_write(const struct tree_row *row, const struct tree_flight *flight,
                                uint8_t reply[static MESSAGE_MAX])
{
    struct name name;
    assert_true(name_view(flight->octets + HEADER_SIZE, flight->size - HEADER_SIZE, &name));
    size_t size = HEADER_SIZE + name.size + 4;
    memcpy(reply, flight->octets, size);
    uint16_t flags = FLAG_QR;
    bool records = true;
    switch (row->manner) {
    case TREE_REFERS: break;
    case TREE_REFUSES: flags |= RCODE_REFUSED; break;
    case TREE_FAILS: flags |= RCODE_SERVFAIL; break;
    case TREE_DENIES: flags |= FLAG_AA | RCODE_NXDOMAIN; break;
    case TREE_FORWARDS: flags |= FLAG_RA; break;
    case TREE_CUTS:
        flags |= FLAG_AA | (flight->over_tcp ? 0 : FLAG_TC);
        records = flight->over_tcp;
        break;
    case TREE_NO_EDNS:
        flags |= tree_has_edns(flight) ? RCODE_FORMERR : FLAG_AA;
        records = !tree_has_edns(flight);
        break;
    case TREE_FOLDS:
        for (unsigned i = 0; i < name.size; i++)
            reply[HEADER_SIZE + i] = byte_fold(reply[HEADER_SIZE + i]);
        flags |= FLAG_AA;
        break;
    case TREE_ANSWERS:
    case TREE_GUESSES:
    case TREE_GARBLES:
    case TREE_SILENT: flags |= FLAG_AA; break;
    }
    bytes_put16(reply + 2, flags);
    memset(reply + 6, 0, 6);
    for (unsigned wanted = SECTION_ANSWER; wanted <= SECTION_ADDITIONAL; wanted++)
        for (unsigned i = 0; records && i < TREE_RECORDS && row->records[i]; i++) {
            unsigned section;
            size_t added = reply_put_record(row->records[i], reply + size, &section);
            if (section != wanted)
                continue;
            size += added;
            bytes_put16(reply + 4 + 2 * section,
                        (uint16_t)(bytes_get16(reply + 4 + 2 * section) + 1));
        }
    for (unsigned i = 0; i < row->many_ns; i++) {
        char text[64];
        unsigned section;
        snprintf(text, sizeof text, "au %s NS %u.other.test.", row->name, i);
        size += reply_put_record(text, reply + size, &section);
        bytes_put16(reply + 8, (uint16_t)(i + 1));
    }
    return size;
}

static inline void tree_copy_last(struct tree *tree, const struct answer *answer)
{
    struct resolved_copy *last = &tree->last;
    *last = (struct resolved_copy){
        .rcode = answer->rcode, .ede = answer->ede, .reason = answer->reason};
    if (answer->ede_text)
        snprintf(last->text, sizeof last->text, "%s", answer->ede_text);
    size_t used = 0;
    for (unsigned i = 0; i < answer->count; i++) {
        const struct answer_rrset *entry = &answer->rrsets[i];
        char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
        name_print(entry->owner, owner);
        type_print(entry->rrset->type, type);
        last->soa += entry->section == SECTION_AUTHORITY && entry->rrset->type == TYPE_SOA;
        const uint8_t *at = entry->rrset->body;
        for (unsigned n = 0; n < entry->rrset->count && entry->section == SECTION_ANSWER; n++) {
            struct buffer text = {0};
            rdata_print(entry->rrset->type, rrset_rdata(at), rrset_rdata_size(at), &text);
            used +=
                (size_t)snprintf(last->records + used, sizeof last->records - used, "%s%s %s %s",
                                 used ? "|" : "", owner, type, buffer_text(&text));
            assert_true(used < sizeof last->records);
            buffer_free(&text);
            at = rrset_next(at);
        }
    }
}

static inline void tree_take_resolved(struct tree *tree)
{
    struct resolved resolved;
    while (resolver_next_resolved(tree->resolver, &resolved)) {
        tree->resolved_count++;
        tree->last_token = resolved.token;
        tree->last_dropped = !resolved.answer;
        if (resolved.answer)
            tree_copy_last(tree, resolved.answer);
    }
}

static inline void tree_take_asks(struct tree *tree)
{
    struct ask ask;
    while (resolver_next_ask(tree->resolver, &ask)) {
        unsigned at = 0;
        if (ask.kind == ASK_CANCEL) {
            for (; at < TREE_OPEN; at++)
                if (tree->flights[at].used && tree->flights[at].number == ask.number)
                    tree->flights[at].used = false;
            tree->cancelled++;
            continue;
        }
        tree->packets++;
        tree->tcp_packets += ask.kind == ASK_TCP;
        while (tree->flights[at].used)
            assert_true(++at < TREE_OPEN);
        struct tree_flight *flight = &tree->flights[at];
        *flight = (struct tree_flight){.used = true,
                                       .over_tcp = ask.kind == ASK_TCP,
                                       .number = ask.number,
                                       .server = ask.server,
                                       .size = ask.size};
        assert_true(ask.size <= sizeof flight->octets);
        memcpy(flight->octets, ask.octets, ask.size);
        flight->row = tree_find(tree, flight);
        flight->due_us =
            !flight->row || flight->row->manner == TREE_SILENT ||
                    (flight->row->deaf_tcp && flight->over_tcp)
                ? UINT64_MAX
                : tree->now_us + (flight->row->delay_us ? flight->row->delay_us : 1000);
    }
}

static inline void tree_reply(struct tree *tree, struct tree_flight *flight)
{
    static uint8_t reply[MESSAGE_MAX];
    size_t size = tree_write(flight->row, flight, reply);
    struct tree_flight copy = *flight;
    enum tree_manner manner = flight->row->manner;
    if (flight->row->no_tcp && flight->over_tcp) {
        flight->used = false;
        resolver_ask_failed(tree->resolver, copy.number, ASK_REFUSED, tree->now_us);
        return;
    }
    if (manner == TREE_GUESSES && !copy.over_tcp)
        reply[0] ^= 0x55;
    if (manner == TREE_GARBLES)
        tree->verdicts[resolver_reply(tree->resolver, copy.number, reply, size - 5,
                                      tree->now_us)]++;
    enum reply_verdict verdict =
        resolver_reply(tree->resolver, copy.number, reply, size, tree->now_us);
    tree->verdicts[verdict]++;
    if (verdict != REPLY_IGNORED)
        flight->used = false;
    else
        flight->due_us = UINT64_MAX;
}

// Goes on until nothing is under way, or this time has come.
static inline void tree_run_until(struct tree *tree, uint64_t end_us)
{
    for (unsigned rounds = 0;; rounds++) {
        assert_true(rounds < 200000);
        tree_take_asks(tree);
        tree_take_resolved(tree);
        uint64_t tick_us = resolver_tick(tree->resolver, tree->now_us);
        tree_take_asks(tree);
        tree_take_resolved(tree);
        struct tree_flight *first = NULL;
        for (unsigned i = 0; i < TREE_OPEN; i++)
            if (tree->flights[i].used && (!first || tree->flights[i].due_us < first->due_us))
                first = &tree->flights[i];
        uint64_t next_us = first && first->due_us < tick_us ? first->due_us : tick_us;
        if (next_us == UINT64_MAX || next_us > end_us)
            break;
        if (next_us > tree->now_us)
            tree->now_us = next_us;
        if (first && first->due_us == next_us)
            tree_reply(tree, first);
    }
    if (end_us != UINT64_MAX)
        tree->now_us = end_us;
}

static inline enum resolve_result tree_want(struct tree *tree, const char *name, uint16_t type,
                                            uint64_t token)
{
    struct want want = {.name = name_of(name), .type = type, .token = token};
    enum resolve_result result =
        resolver_want(tree->resolver, tree->rules, &want, tree->now_us, &tree->answer);
    if (result == RESOLVE_ANSWERED)
        tree_copy_last(tree, &tree->answer);
    return result;
}

// One question, until it is answered and all is quiet. Returns how many packets that took.
static inline unsigned tree_resolve(struct tree *tree, const char *name, uint16_t type)
{
    unsigned before = tree->packets, resolved = tree->resolved_count;
    if (tree_want(tree, name, type, 1) == RESOLVE_WAITING) {
        tree_run_until(tree, UINT64_MAX);
        assert_int_equal(tree->resolved_count, resolved + 1);
    }
    struct resolver_counts counts;
    resolver_count(tree->resolver, &counts);
    assert_int_equal(counts.tasks, 0);
    assert_int_equal(counts.asks, 0);
    assert_int_equal(counts.waiters, 0);
    epoch_quiet();
    return tree->packets - before;
}

#define assert_answer(tree, text) assert_string_equal((tree)->last.records, text)
