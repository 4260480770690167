// DELEGATE and CHOOSE: whose servers, and which of them.
#pragma once

#include "resolve/machine.h"

// State DELEGATE: finds the delegation for the goal. True: goes on.
bool delegate_find(struct resolver *resolver, struct task *task) __attribute__((nonnull));
// State CHOOSE: asks the next server, or looks for an address, or gives up.
bool delegate_choose(struct resolver *resolver, struct task *task) __attribute__((nonnull));

// From a parent to the child: what a delegation was packed into, as long as it may be used.
struct delegate_packed {
    const uint8_t *octets;
    size_t size;
    uint16_t source;
    uint32_t ttl_s;
};
// Makes it the task's delegation. False: the task's memory is full, or it is damaged.
bool delegate_place(struct resolver *resolver, struct task *task,
                    const struct delegate_packed *packed) __attribute__((nonnull));

// One ask: to this address of the delegation, in this manner. False: it cannot be sent, since a
// budget is spent or there is no slot.
struct delegate_ask {
    uint8_t address;
    uint8_t resends; // to this server, because of what it said
    bool over_tcp, other_case;
    bool plain;           // without EDNS
    uint32_t patience_us; // before another one is asked beside it; 0: as long as for itself
    const char *why;      // for the trace
};
bool delegate_ask(struct resolver *resolver, struct task *task, const struct delegate_ask *how)
    __attribute__((nonnull));
// The number by which a server is remembered to be lame for this delegation's zone.
uint64_t delegate_zone_hash(const struct task *task) __attribute__((nonnull));
