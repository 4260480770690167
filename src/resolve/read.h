// READ: a reply comes for an ask.
#pragma once

#include "resolve/machine.h"

// Matches, classifies, scrubs and stores it; the task goes on from where that leads, and is ready.
enum reply_verdict read_reply(struct resolver *resolver, struct ask_slot *ask, uint8_t *octets,
                              size_t size) __attribute__((nonnull));
// Its letters came back in another case over UDP, and over TCP it cannot be asked what it does with
// them: those that fold letters and have no TCP are believed, or they could not be asked at all.
void read_no_case(struct resolver *resolver, const struct ask_slot *ask) __attribute__((nonnull));
// It could not be asked, or its stream broke.
void read_failure(struct resolver *resolver, struct ask_slot *ask, enum ask_failure failure)
    __attribute__((nonnull));
