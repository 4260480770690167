// A scenario as it stands in an .rpl file: what is configured, who answers what at which step, and
// what the client asks and should be told.
//
//   config lines          stub-addr: 193.0.14.129            Unbound's words, or flat keys
//   CONFIG_END
//   SCENARIO_BEGIN title
//   RANGE_BEGIN 0 100     ADDRESS ip, then entries           what servers say at these steps
//   STEP 1 QUERY          an entry                           what the client asks
//   STEP 10 CHECK_ANSWER  an entry                           what it must be told
//   STEP 20 TIME_PASSES ELAPSE 3600
//   SCENARIO_END
//
// Reading stops at the first thing that is not understood, with "file:line: what is wrong".
// Everything lives until script_free().
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "dns/name.h"
#include "zone/records.h"

// Words of MATCH and ADJUST, as bits.
enum script_match {
    MATCH_OPCODE = 1 << 0,
    MATCH_QTYPE = 1 << 1,
    MATCH_QNAME = 1 << 2,
    MATCH_QCASE = 1 << 3,
    MATCH_SUBDOMAIN = 1 << 4,
    MATCH_FLAGS = 1 << 5,
    MATCH_RCODE = 1 << 6,
    MATCH_QUESTION = 1 << 7,
    MATCH_ANSWER = 1 << 8,
    MATCH_AUTHORITY = 1 << 9,
    MATCH_ADDITIONAL = 1 << 10,
    MATCH_EDNS = 1 << 11,
    MATCH_TTL = 1 << 12,
    MATCH_UDP = 1 << 13,
    MATCH_TCP = 1 << 14,
    MATCH_DO = 1 << 15,
    MATCH_NOEDNS = 1 << 16,
    MATCH_ALL = MATCH_OPCODE | MATCH_QTYPE | MATCH_QNAME | MATCH_FLAGS | MATCH_RCODE |
                MATCH_ANSWER | MATCH_AUTHORITY | MATCH_ADDITIONAL,
};
enum script_adjust {
    ADJUST_COPY_ID = 1 << 0,
    ADJUST_COPY_QUERY = 1 << 1,
    ADJUST_RAW_ID = 1 << 2,
    ADJUST_DO_NOT_ANSWER = 1 << 3,
};

struct script_entry {
    struct script_entry *next; // of the same range
    uint32_t line;
    unsigned match;    // enum script_match
    unsigned adjust;   // enum script_adjust
    uint64_t sleep_us; // before the reply goes out
    uint16_t flags;    // enum header_flag and the opcode
    uint16_t rcode;
    bool dnssec_ok;
    bool has_question;
    struct name name;
    uint16_t type;
    struct records sections[4]; // by enum section; of the question nothing
};

struct script_address {
    struct script_address *next;
    struct address address; // port 53
};

struct script_range {
    struct script_range *next;
    unsigned first, last;
    struct script_address *addresses; // none: any
    struct script_entry *entries, **end;
};

enum script_act { ACT_QUERY, ACT_CHECK_ANSWER, ACT_TIME_PASSES, ACT_NOTHING };

struct script_step {
    struct script_step *next;
    uint32_t line;
    unsigned number;
    enum script_act act;
    uint64_t elapse_us;
    struct address client; // size 0: none said
    struct script_entry *entry;
};

struct script_zone {
    struct script_zone *next;
    struct name name; // wire NULL: not said yet
    bool forward;
    struct script_address *addresses;
};

struct script {
    struct arena memory;
    char *path;
    char *octets;
    char *title;
    char *problem; // "file:line: what"; NULL: none
    // The configuration.
    bool unbound; // its dialect: a question is answered as of the NEXT step
    bool validates;
    bool minimise, ipv4, ipv6, asks_localhost;
    struct name root_name;
    struct script_zone *zones;
    struct script_range *ranges;
    struct script_step *steps;
};

// False: `problem` says why. Either way script_free() takes it all back. `path` is also the name in
// problems.
bool script_read(struct script *script, const char *path)
    __attribute__((nonnull, warn_unused_result));
// The same from a text that is not a file.
bool script_read_text(struct script *script, const char *path, const char *text)
    __attribute__((nonnull, warn_unused_result));
void script_free(struct script *script) __attribute__((nonnull));
