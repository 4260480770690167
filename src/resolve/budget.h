// What a question may still spend: packets, octets, new beginnings.
//
// A task has one budget, from its first step to its last, and nothing ever refills it. What a child
// spends is charged to everybody above it as well, so that a question costs no more than its budget
// however many other questions it brings up: one rule against NXNSAttack, CAMP, TsuNAME and floods
// of aliases. Reaching the limit is an answer: SERVFAIL, with the limit's name in the text.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    uint32_t packets, octets, restarts; // that are left
    const char *spent;                  // which one ran out, in words; NULL: none
};

void budget_begin(struct budget *budget, uint32_t packets) __attribute__((nonnull));
// Each takes its part. False: there is not enough left, and `spent` says of what.
bool budget_take_packet(struct budget *budget) __attribute__((nonnull));
bool budget_take_octets(struct budget *budget, size_t size) __attribute__((nonnull));
bool budget_take_restart(struct budget *budget) __attribute__((nonnull));
