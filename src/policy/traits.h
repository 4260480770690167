// Traits: what is known of a place while a table is compiled. Each is a number; equal ones are one.
//
// A trait says which facts hold, which kinds of facts are known (a country that no rule mentions is
// known, too: a later database does not get to say another one), and the point, if one is wanted.
// Trait 0 knows nothing.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "policy/mmdb.h"
#include "policy/places.h"

struct traits;

struct traits *traits_open(const struct places_wants *wants)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void traits_close(struct traits *traits) __attribute__((nonnull));

uint32_t traits_of_record(struct traits *traits, const struct mmdb_record *record)
    __attribute__((nonnull));
// Of networks: `list` has the numbers of the facts that hold, ascending.
uint32_t traits_of_nets(struct traits *traits, const uint16_t *list, size_t count)
    __attribute__((nonnull(1)));
// Both; where both know a kind of thing, `a` counts.
uint32_t traits_join(struct traits *traits, uint32_t a, uint32_t b) __attribute__((nonnull));

// The end: traits that differ only in what no rule asks for become one, with a number of its own.
uint32_t traits_final(struct traits *traits, uint32_t trait) __attribute__((nonnull));
size_t traits_final_count(const struct traits *traits) __attribute__((nonnull));
// The set of facts and the point of a final number. False: it has no point.
bool traits_place(const struct traits *traits, size_t number, uint32_t *set, struct point *point)
    __attribute__((nonnull));
size_t traits_set_count(const struct traits *traits) __attribute__((nonnull));
// Set 0 is empty. Lives as long as the traits.
struct facts traits_set(const struct traits *traits, size_t number) __attribute__((nonnull));
