// What is known of the servers that we ask, by address and port: how fast they answer, what they
// understand, whether they answer at all. One table for all workers; lock-free for readers, and a
// write is a few relaxed stores: a value lost in a race is a value of a packet, nothing more.
//
// RTT as RFC 6298: srtt with gain 1/8, variance with 1/4; the time to wait is srtt + 4 var, within
// SERVER_WAIT_MIN_MS and SERVER_WAIT_MAX_MS; each time-out in a row doubles it. The usual
// time, after which another server is asked beside it, has no such floor but SERVER_HEDGE_MIN_MS
// above srtt: a lost packet to a near server costs little then. What is known is forgotten
// SERVER_TTL_S after the address was first heard of, so that everything is tried anew.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/hash.h"

struct servers;

// A copy of what is known of one address.
struct server_known {
    bool known;       // false: never heard of; the rest are start values
    uint32_t srtt_us; // 0: no reply yet
    uint32_t var_us;
    uint32_t wait_us;    // how long to wait for a reply now
    uint32_t usual_us;   // its replies come sooner, nearly all; 0: not known, or it was silent
    uint8_t timeouts;    // in a row
    bool dead;           // SERVER_DEAD_TIMEOUTS in a row, and no probe is due yet
    bool probe;          // so many, and one is due: say servers_probing() before it is asked
    bool no_edns;        // answers FORMERR or NOTIMP to EDNS, or nothing
    bool no_case;        // does not give our mixed case back (0x20)
    bool tcp_only;       // UDP is not to be believed for now: a near miss was seen
    uint8_t cookie_size; // of its server cookie, 0: none (RFC 7873)
    uint8_t cookie[32];
};

enum server_fault {
    SERVER_UNREACHABLE,
    SERVER_LAME, // for a zone: answers without authority, upward referrals, REFUSED, SERVFAIL
};
enum server_trait { SERVER_NO_EDNS, SERVER_NO_CASE, SERVER_TCP_ONLY };

// `slots`: addresses remembered at most, a power of two of at least 4; the one longest not heard of
// makes room. NULL: no memory.
struct servers *servers_open(unsigned slots, const struct hash_key *secret)
    __attribute__((nonnull, warn_unused_result));
void servers_close(struct servers *servers);

void servers_get(const struct servers *servers, const struct address *address, uint64_t now_us,
                 struct server_known *known) __attribute__((nonnull));
// A server with `probe` is going to be asked: to all others it is dead for SERVER_PROBE_MS more.
void servers_probing(struct servers *servers, const struct address *address, uint64_t now_us)
    __attribute__((nonnull));
// It answered, `rtt_us` after we asked.
void servers_replied(struct servers *servers, const struct address *address, uint32_t rtt_us,
                     uint64_t now_us) __attribute__((nonnull));
// It did not, in time. Of those that were asked at once and are silent together, one counts: a
// time-out is one more in a row only if its ask, sent at `sent_us`, came after the last that did.
void servers_timed_out(struct servers *servers, const struct address *address, uint64_t sent_us,
                       uint64_t now_us) __attribute__((nonnull));
// It cannot be asked, or not so that we could use it. `zone_hash`: the zone that a lame server is
// lame for; it is not looked at for the other fault, which counts as a time-out.
void servers_failed(struct servers *servers, const struct address *address, enum server_fault fault,
                    uint64_t zone_hash, uint64_t now_us) __attribute__((nonnull));
// Lame for this zone within the last SERVER_LAME_S?
bool servers_is_lame(const struct servers *servers, const struct address *address,
                     uint64_t zone_hash, uint64_t now_us) __attribute__((nonnull));
void servers_learn(struct servers *servers, const struct address *address, enum server_trait trait,
                   uint64_t now_us) __attribute__((nonnull));
void servers_keep_cookie(struct servers *servers, const struct address *address,
                         const uint8_t *cookie, uint8_t size, uint64_t now_us)
    __attribute__((nonnull));
// The network changed, or all servers of a set are dead at once: they may be tried anew.
void servers_revive(struct servers *servers) __attribute__((nonnull));
// Does a family of addresses answer at all? False after SERVER_FAMILY_TIMEOUTS different networks
// (/48, /24) have failed to answer and none has answered since; true again with the first reply.
bool servers_family_works(const struct servers *servers, int family) __attribute__((nonnull));
