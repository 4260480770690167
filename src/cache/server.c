// Servers (server.h): sets of four slots, each of two cache lines.
//
//   slot   | sequence | tag | struct server, as words |
//
// A slot is read without a lock: its words are copied, and the copy counts if the sequence was even
// and the same before and after. A writer makes the sequence odd for as long as it writes; who
// finds it odd lets its own news go. The tag is a part of the address's hash, 0 in a free slot.
#include "cache/server.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define SET_SLOTS      4
#define READ_TRIES     4
#define LAME_ZONES     4
#define FAMILIES       2
#define MS             1000u
#define SECOND         1000000u
#define SERVER_RTT_MAX (1u << 30)

enum trait_bits { NO_EDNS = 1, NO_CASE = 2, TCP_ONLY = 4 };

struct lame {
    uint32_t zone; // a part of its hash
    uint32_t until_s;
};

// What is kept of one. `used_us` is first: who makes room reads it alone.
struct server {
    uint64_t used_us;  // written last
    uint64_t began_us; // first heard of
    uint64_t failed_us;
    uint8_t ip[16];
    uint16_t port;
    uint8_t family; // 4 or 6
    uint8_t traits;
    uint8_t timeouts;
    uint8_t cookie_size;
    uint16_t generation; // of servers_revive
    uint32_t srtt_us, var_us;
    struct lame lame[LAME_ZONES];
    uint8_t cookie[32];
};
#define WORDS (sizeof(struct server) / sizeof(uint64_t))
static_assert(sizeof(struct server) % sizeof(uint64_t) == 0, "it is copied in words");

struct slot {
    atomic_uint sequence; // odd: being written
    atomic_uint tag;
    _Atomic uint64_t words[WORDS];
};
static_assert(sizeof(struct slot) == 128, "two cache lines");

struct servers {
    struct hash_key secret;
    unsigned slots;
    atomic_uint generation;
    // Hashes of networks that do not answer; 0: free.
    _Atomic uint64_t silent[FAMILIES][SERVER_FAMILY_TIMEOUTS];
    struct slot *list;
};

struct servers *servers_open(unsigned slots, const struct hash_key *secret)
{
    assert(slots >= SET_SLOTS && (slots & (slots - 1)) == 0);
    struct servers *servers = calloc(1, sizeof *servers);
    struct slot *list = aligned_alloc(sizeof(struct slot), slots * sizeof *list);
    if (!servers || !list) {
        free(servers);
        free(list);
        return NULL;
    }
    memset(list, 0, slots * sizeof *list);
    servers->secret = *secret;
    servers->slots = slots;
    servers->list = list;
    return servers;
}

void servers_close(struct servers *servers)
{
    if (!servers)
        return;
    free(servers->list);
    free(servers);
}

// --- slots ---------------------------------------------------------------------------------------

// Who is meant, and where to look.
struct whom {
    uint8_t ip[16];
    uint16_t port;
    uint8_t family;
    unsigned tag;
    struct slot *set;
};

static void find_set(const struct servers *servers, const struct address *address,
                     struct whom *whom)
{
    bool is_ipv4 = address->any.sa_family == AF_INET;
    *whom = (struct whom){.port = address_port(address), .family = is_ipv4 ? 4 : 6};
    if (is_ipv4)
        memcpy(whom->ip, &address->v4.sin_addr, 4);
    else
        memcpy(whom->ip, &address->v6.sin6_addr, 16);
    uint8_t octets[19];
    memcpy(octets, whom->ip, 16);
    memcpy(octets + 16, &whom->port, 2);
    octets[18] = whom->family;
    uint64_t hash =
        hash_label(&servers->secret, hash_root(&servers->secret), octets, sizeof octets);
    whom->tag = (unsigned)(hash >> 32) | 1;
    whom->set = &servers->list[hash & (servers->slots - 1) & ~(SET_SLOTS - 1ull)];
}

// Acquire and release: the words are read before the sequence is again, and written after it was
// made odd.
static void copy_out(const struct slot *slot, struct server *server)
{
    uint64_t words[WORDS];
    for (unsigned i = 0; i < WORDS; i++)
        words[i] = atomic_load_explicit(&slot->words[i], memory_order_acquire);
    memcpy(server, words, sizeof *server);
}

static void copy_in(struct slot *slot, const struct server *server)
{
    uint64_t words[WORDS];
    memcpy(words, server, sizeof *server);
    for (unsigned i = 0; i < WORDS; i++)
        atomic_store_explicit(&slot->words[i], words[i], memory_order_release);
}

static bool is_whom(const struct server *server, const struct whom *whom)
{
    return server->family == whom->family && server->port == whom->port &&
           memcmp(server->ip, whom->ip, sizeof whom->ip) == 0;
}

// False: it is being written again and again.
static bool read_slot(const struct slot *slot, struct server *server)
{
    for (unsigned i = 0; i < READ_TRIES; i++) {
        unsigned before = atomic_load_explicit(&slot->sequence, memory_order_acquire);
        copy_out(slot, server);
        unsigned after = atomic_load_explicit(&slot->sequence, memory_order_relaxed);
        if (before == after && before % 2 == 0)
            return true;
    }
    return false;
}

static bool is_forgotten(const struct server *server, uint64_t now_us)
{
    return now_us - server->began_us >= (uint64_t)SERVER_TTL_S * SECOND &&
           now_us > server->began_us;
}

// After servers_revive nobody is dead or lame.
static void revive(const struct servers *servers, struct server *server)
{
    unsigned now = atomic_load_explicit(&servers->generation, memory_order_relaxed) & UINT16_MAX;
    if (server->generation == now)
        return;
    server->generation = (uint16_t)now;
    server->timeouts = 0;
    memset(server->lame, 0, sizeof server->lame);
}

static struct slot *find_slot(const struct whom *whom, struct server *server)
{
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        struct slot *slot = &whom->set[i];
        if (atomic_load_explicit(&slot->tag, memory_order_relaxed) == whom->tag &&
            read_slot(slot, server) && is_whom(server, whom))
            return slot;
    }
    return NULL;
}

static bool find(const struct servers *servers, const struct address *address, uint64_t now_us,
                 struct server *server)
{
    struct whom whom;
    find_set(servers, address, &whom);
    if (!find_slot(&whom, server) || is_forgotten(server, now_us))
        return false;
    revive(servers, server);
    return true;
}

static struct slot *make_room(const struct whom *whom)
{
    struct slot *chosen = NULL;
    uint64_t oldest_us = UINT64_MAX;
    for (unsigned i = 0; i < SET_SLOTS; i++) {
        struct slot *slot = &whom->set[i];
        if (atomic_load_explicit(&slot->tag, memory_order_relaxed) == 0)
            return slot;
        uint64_t used_us = atomic_load_explicit(&slot->words[0], memory_order_relaxed);
        if (used_us < oldest_us) {
            oldest_us = used_us;
            chosen = slot;
        }
    }
    return chosen;
}

// A slot that is being written by this thread.
struct writing {
    struct slot *slot;
    struct server server;
};

// Finds or makes it. False: another thread writes there just now.
static bool begin(struct servers *servers, const struct address *address, uint64_t now_us,
                  struct writing *writing)
{
    struct whom whom;
    find_set(servers, address, &whom);
    struct slot *slot = find_slot(&whom, &writing->server);
    if (!slot)
        slot = make_room(&whom);
    unsigned sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed);
    if (sequence % 2 != 0 ||
        !atomic_compare_exchange_strong_explicit(&slot->sequence, &sequence, sequence + 1,
                                                 memory_order_acquire, memory_order_relaxed))
        return false;
    writing->slot = slot;
    copy_out(slot, &writing->server);
    struct server *server = &writing->server;
    if (!is_whom(server, &whom) || is_forgotten(server, now_us)) {
        *server = (struct server){.began_us = now_us, .port = whom.port, .family = whom.family};
        memcpy(server->ip, whom.ip, sizeof whom.ip);
        server->generation =
            (uint16_t)atomic_load_explicit(&servers->generation, memory_order_relaxed);
    }
    revive(servers, server);
    server->used_us = now_us;
    atomic_store_explicit(&slot->tag, whom.tag, memory_order_relaxed);
    return true;
}

static void end(const struct writing *writing)
{
    struct slot *slot = writing->slot;
    copy_in(slot, &writing->server);
    unsigned sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed);
    atomic_store_explicit(&slot->sequence, sequence + 1, memory_order_release);
}

// --- asking --------------------------------------------------------------------------------------

static uint32_t time_to_wait(const struct server *server)
{
    uint64_t wait_us = (uint64_t)SERVER_WAIT_START_MS * MS;
    if (server->srtt_us)
        wait_us = (uint64_t)server->srtt_us + 4 * (uint64_t)server->var_us; // RFC 6298 2.3
    if (wait_us < SERVER_WAIT_MIN_MS * MS)
        wait_us = SERVER_WAIT_MIN_MS * MS;
    for (unsigned i = 0; i < server->timeouts && wait_us < SERVER_WAIT_MAX_MS * MS; i++)
        wait_us *= 2; // RFC 6298 5.5
    return (uint32_t)(wait_us < SERVER_WAIT_MAX_MS * MS ? wait_us : SERVER_WAIT_MAX_MS * MS);
}

// As RFC 6298 2.3 has it: the variance, but at least the grain of the clock.
static uint32_t usual_time(const struct server *server)
{
    uint64_t above_us = 4 * (uint64_t)server->var_us;
    if (server->srtt_us == 0 || server->timeouts)
        return 0;
    if (above_us < SERVER_HEDGE_MIN_MS * MS)
        above_us = SERVER_HEDGE_MIN_MS * MS;
    uint64_t usual_us = server->srtt_us + above_us;
    return (uint32_t)(usual_us < SERVER_WAIT_MAX_MS * MS ? usual_us : SERVER_WAIT_MAX_MS * MS);
}

void servers_get(const struct servers *servers, const struct address *address, uint64_t now_us,
                 struct server_known *known)
{
    struct server server;
    *known = (struct server_known){.wait_us = SERVER_WAIT_START_MS * MS};
    if (!find(servers, address, now_us, &server))
        return;
    known->known = true;
    known->srtt_us = server.srtt_us;
    known->var_us = server.var_us;
    known->wait_us = time_to_wait(&server);
    known->usual_us = usual_time(&server);
    known->timeouts = server.timeouts;
    bool silent = server.timeouts >= SERVER_DEAD_TIMEOUTS;
    bool lately = now_us < server.failed_us + (uint64_t)SERVER_PROBE_MS * MS;
    known->dead = silent && lately;
    known->probe = silent && !lately;
    known->no_edns = server.traits & NO_EDNS;
    known->no_case = server.traits & NO_CASE;
    known->tcp_only = server.traits & TCP_ONLY;
    known->cookie_size = server.cookie_size;
    memcpy(known->cookie, server.cookie, server.cookie_size);
}

bool servers_is_lame(const struct servers *servers, const struct address *address,
                     uint64_t zone_hash, uint64_t now_us)
{
    struct server server;
    if (!find(servers, address, now_us, &server))
        return false;
    for (unsigned i = 0; i < LAME_ZONES; i++)
        if (server.lame[i].zone == (uint32_t)zone_hash &&
            server.lame[i].until_s > (uint32_t)(now_us / SECOND))
            return true;
    return false;
}

// --- families ------------------------------------------------------------------------------------

static _Atomic uint64_t *silent_of(struct servers *servers, const struct address *address)
{
    return servers->silent[address->any.sa_family != AF_INET];
}

static void note_silence(struct servers *servers, const struct address *address)
{
    _Atomic uint64_t *silent = silent_of(servers, address);
    uint8_t octets[6] = {0};
    if (address->any.sa_family == AF_INET)
        memcpy(octets, &address->v4.sin_addr, 3);
    else
        memcpy(octets, &address->v6.sin6_addr, 6);
    uint64_t network =
        hash_label(&servers->secret, hash_root(&servers->secret), octets, sizeof octets) | 1;
    for (unsigned i = 0; i < SERVER_FAMILY_TIMEOUTS; i++) {
        uint64_t there = atomic_load_explicit(&silent[i], memory_order_relaxed);
        if (there == network)
            return;
        if (there == 0) {
            atomic_store_explicit(&silent[i], network, memory_order_relaxed);
            return;
        }
    }
}

static void note_answer(struct servers *servers, const struct address *address)
{
    _Atomic uint64_t *silent = silent_of(servers, address);
    for (unsigned i = 0; i < SERVER_FAMILY_TIMEOUTS; i++)
        if (atomic_load_explicit(&silent[i], memory_order_relaxed) != 0)
            atomic_store_explicit(&silent[i], 0, memory_order_relaxed);
}

bool servers_family_works(const struct servers *servers, int family)
{
    for (unsigned i = 0; i < SERVER_FAMILY_TIMEOUTS; i++)
        if (atomic_load_explicit(&servers->silent[family != AF_INET][i], memory_order_relaxed) == 0)
            return true;
    return false;
}

// --- learning ------------------------------------------------------------------------------------

static void measure(struct server *server, uint32_t rtt_us)
{
    if (rtt_us == 0)
        rtt_us = 1; // 0 says that there was no reply
    if (rtt_us > SERVER_RTT_MAX)
        rtt_us = SERVER_RTT_MAX;
    if (server->srtt_us == 0) { // RFC 6298 2.2
        server->srtt_us = rtt_us;
        server->var_us = rtt_us / 2;
        return;
    }
    // RFC 6298 2.3: the variance first, with the old srtt.
    uint32_t away = rtt_us > server->srtt_us ? rtt_us - server->srtt_us : server->srtt_us - rtt_us;
    server->var_us = server->var_us - server->var_us / 4 + away / 4;
    server->srtt_us = server->srtt_us - server->srtt_us / 8 + rtt_us / 8;
    if (server->srtt_us == 0)
        server->srtt_us = 1;
}

void servers_replied(struct servers *servers, const struct address *address, uint32_t rtt_us,
                     uint64_t now_us)
{
    struct writing writing;
    note_answer(servers, address);
    if (!begin(servers, address, now_us, &writing))
        return;
    measure(&writing.server, rtt_us);
    writing.server.timeouts = 0;
    end(&writing);
}

static void make_lame(struct server *server, uint32_t zone, uint32_t now_s)
{
    struct lame *chosen = &server->lame[0];
    for (unsigned i = 0; i < LAME_ZONES; i++) {
        if (server->lame[i].zone == zone) {
            chosen = &server->lame[i];
            break;
        }
        if (server->lame[i].until_s < chosen->until_s)
            chosen = &server->lame[i];
    }
    *chosen = (struct lame){.zone = zone, .until_s = now_s + SERVER_LAME_S};
}

static void miss(struct server *server, uint64_t now_us)
{
    server->timeouts += server->timeouts < UINT8_MAX;
    server->failed_us = now_us;
}

void servers_timed_out(struct servers *servers, const struct address *address, uint64_t sent_us,
                       uint64_t now_us)
{
    struct writing writing;
    note_silence(servers, address);
    if (!begin(servers, address, now_us, &writing))
        return;
    if (sent_us >= writing.server.failed_us)
        miss(&writing.server, now_us);
    end(&writing);
}

void servers_failed(struct servers *servers, const struct address *address, enum server_fault fault,
                    uint64_t zone_hash, uint64_t now_us)
{
    struct writing writing;
    if (fault != SERVER_LAME)
        note_silence(servers, address);
    if (!begin(servers, address, now_us, &writing))
        return;
    struct server *server = &writing.server;
    switch (fault) {
    case SERVER_UNREACHABLE: miss(server, now_us); break;
    case SERVER_LAME: make_lame(server, (uint32_t)zone_hash, (uint32_t)(now_us / SECOND)); break;
    }
    end(&writing);
}

void servers_probing(struct servers *servers, const struct address *address, uint64_t now_us)
{
    struct writing writing;
    if (!begin(servers, address, now_us, &writing))
        return;
    writing.server.failed_us = now_us;
    end(&writing);
}

void servers_learn(struct servers *servers, const struct address *address, enum server_trait trait,
                   uint64_t now_us)
{
    static const uint8_t bits[] = {
        [SERVER_NO_EDNS] = NO_EDNS, [SERVER_NO_CASE] = NO_CASE, [SERVER_TCP_ONLY] = TCP_ONLY};
    struct writing writing;
    if (!begin(servers, address, now_us, &writing))
        return;
    writing.server.traits |= bits[trait];
    end(&writing);
}

void servers_keep_cookie(struct servers *servers, const struct address *address,
                         const uint8_t *cookie, uint8_t size, uint64_t now_us)
{
    struct writing writing;
    assert(size <= sizeof writing.server.cookie);
    if (!begin(servers, address, now_us, &writing))
        return;
    writing.server.cookie_size = size;
    memcpy(writing.server.cookie, cookie, size);
    end(&writing);
}

void servers_revive(struct servers *servers)
{
    atomic_fetch_add_explicit(&servers->generation, 1, memory_order_relaxed);
    for (unsigned family = 0; family < FAMILIES; family++)
        for (unsigned i = 0; i < SERVER_FAMILY_TIMEOUTS; i++)
            atomic_store_explicit(&servers->silent[family][i], 0, memory_order_relaxed);
}
