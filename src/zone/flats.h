// What ALIAS records lead to: the addresses of their targets, kept ready by others, so that a
// question for an alias is answered at once and never begins a walk.
//
//   flats (of a house)   target -> struct flat_target (shared by houses that have it)
//                                    A     -> struct flat (immutable, replaced as a whole)
//                                    AAAA  -> struct flat
//
// Whoever keeps them swaps a pointer, and the old flat goes when no worker can still read it
// (base/epoch.h). Times are seconds of CLOCK_BOOTTIME.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/rrset.h"

enum flat_state {
    FLAT_RECORDS,
    FLAT_NODATA,   // the target has no such type
    FLAT_NXDOMAIN, // there is no target
};

struct flat {
    enum flat_state state;
    uint32_t expires_s; // good until then
    uint32_t stale_s;   // if nothing newer is known, good until then (RFC 8767)
    struct rrset rrset; // FLAT_RECORDS; the last member, as it goes on
};

enum flat_type { FLAT_A, FLAT_AAAA };
#define FLAT_TYPES (FLAT_AAAA + 1)

struct flat_target {
    atomic_uint holders;
    struct name name; // folded, in `wire`
    uint64_t hash;
    _Atomic(struct flat *) flats[FLAT_TYPES]; // NULL: not known yet, or it cannot be found
    uint8_t wire[NAME_OCTETS_MAX];
};

struct flat_target *flat_target_make(struct name name, const struct hash_key *secret)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
struct flat_target *flat_target_hold(struct flat_target *target)
    __attribute__((nonnull, returns_nonnull));
void flat_target_release(struct flat_target *target) __attribute__((nonnull));
// Puts `flat` (malloc'ed, or NULL) in the place of what is there, which is retired.
void flat_target_set(struct flat_target *target, enum flat_type type, struct flat *flat)
    __attribute__((nonnull(1)));
static inline const struct flat *flat_target_get(const struct flat_target *target,
                                                 enum flat_type type)
{
    return atomic_load_explicit(&target->flats[type], memory_order_acquire);
}

struct flats;

// Takes the list over (malloc'ed), and a count in each of its members. No two have one name.
struct flats *flats_make(struct flat_target **list, size_t count, const struct hash_key *secret)
    __attribute__((nonnull(3), returns_nonnull, warn_unused_result));
void flats_free(struct flats *flats); // NULL is fine
// NULL: it is nobody's target.
struct flat_target *flats_find(const struct flats *flats, struct name name)
    __attribute__((nonnull));
size_t flats_count(const struct flats *flats) __attribute__((nonnull));
struct flat_target *flats_at(const struct flats *flats, size_t index) __attribute__((nonnull));
