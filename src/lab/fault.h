// What a server of the lab does wrong, and how: ONE table of faults, which the description is read
// by, the counters are named by and the manual is printed from.
//
//   fault_draw(faults, dice, asked, &fate)     which of them strike this query
//   ...the true reply is written over the query...
//   fault_change(&fate, sense, &message)       what became of it
//
// Each fault strikes with a chance of its own; the dice of a server are its own too, so that the
// same queries in the same order meet the same fate. Of the faults that replace the reply the first
// one of the table that strikes is the only one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

enum fault {
    // No reply at all.
    FAULT_SILENT,
    FAULT_LOSS,
    FAULT_EDNS_DROP,
    FAULT_NO_TCP,
    // The query is read otherwise.
    FAULT_EDNS_IGNORE,
    // Another reply.
    FAULT_EDNS_FORMERR,
    FAULT_SERVFAIL,
    FAULT_REFUSED,
    FAULT_FORMERR,
    FAULT_NOTIMP,
    FAULT_LAME,
    FAULT_TRUNCATE,
    FAULT_REFERRAL_UP,
    FAULT_REFERRAL_SELF,
    FAULT_REFERRAL_ASIDE,
    // The reply with a mistake, or something beside it.
    FAULT_WRONG_ID,
    FAULT_WRONG_QUESTION,
    FAULT_WRONG_SOURCE,
    FAULT_FOLD_CASE,
    FAULT_POISON,
    FAULT_SPOOF,
};
#define FAULTS (FAULT_SPOOF + 1)

// Rows behind those of enum fault, which are times and no chances.
enum { FAULT_ROW_DELAY = FAULTS, FAULT_ROW_JITTER, FAULT_ROWS };

struct fault_row {
    const char *word;
    const char *help;
};
// FAULT_ROWS of them.
const struct fault_row *fault_table(void);

#define CHANCE_ALWAYS ((uint64_t)1 << 32)

struct faults {
    uint64_t chances[FAULTS]; // 0 to CHANCE_ALWAYS
    uint32_t delay_ms, jitter_ms;
};

// "2%", "0.5%", "true", "false". False: it is none.
bool fault_parse_chance(const char *text, uint64_t *chance)
    __attribute__((nonnull, warn_unused_result));
// Takes over what `given` (bit n: row n of the table) names.
void faults_merge(struct faults *to, const struct faults *from, uint64_t given)
    __attribute__((nonnull));
// False: it does everything right, and at once.
bool faults_any(const struct faults *faults) __attribute__((nonnull));

// What a fault needs to know of a query.
struct fault_query {
    uint16_t question_end; // offset behind the one question; 0: there is none that can be read
    bool edns;             // an OPT record follows
    bool stream;           // TCP
};
void fault_read(const uint8_t *octets, size_t size, bool stream, struct fault_query *query)
    __attribute__((nonnull));

struct fate {
    uint32_t strikes; // bit n: enum fault
    uint32_t delay_ms;
    uint32_t luck; // for what needs a number more
    struct fault_query query;
};
static inline bool fate_has(const struct fate *fate, enum fault fault)
{
    return fate->strikes >> fault & 1;
}
// True: no reply will come.
static inline bool fate_is_silence(const struct fate *fate)
{
    return fate->strikes &
           (1u << FAULT_SILENT | 1u << FAULT_LOSS | 1u << FAULT_EDNS_DROP | 1u << FAULT_NO_TCP);
}
void fault_draw(const struct faults *faults, struct dice *dice, const struct fault_query *query,
                struct fate *fate) __attribute__((nonnull));
// Whether a connection that has come is closed at once.
bool fault_refuses_stream(const struct faults *faults, struct dice *dice)
    __attribute__((nonnull, warn_unused_result));

struct fault_message {
    uint8_t *octets;
    uint32_t size;
    uint32_t room; // at least UDP_PAYLOAD_MAX
};
// Names for bad referrals, wire and without a zero inside: who serves the root, the zone that was
// asked (NULL: none) and its server.
struct fault_sense {
    const uint8_t *root_host, *zone, *zone_host;
};
// Before the server reads the query: FAULT_EDNS_IGNORE cuts its OPT record off.
void fault_blind(const struct fate *fate, struct fault_message *query) __attribute__((nonnull));
// Makes of the true reply what strikes.
void fault_change(const struct fate *drawn, const struct fault_sense *sense,
                  struct fault_message *reply) __attribute__((nonnull));
// Writes a forged reply to the question of `reply` into `forged`: an address of the forger's, and
// another ID. Size 0: there is no question, or no room.
void fault_forge(const struct fate *drawn, const struct fault_message *reply,
                 struct fault_message *forged) __attribute__((nonnull));
