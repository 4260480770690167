// Writes a message into memory: sticky overflow, mark and roll back, name compression.
//
// Write ten things, check once: after an overflow nothing more is written and `overflow` stays set
// until a roll back to a mark from before. Compression (RFC 1035 4.1.4) finds earlier names by a
// short hash of each suffix in a small table that is only made when a name is written that needs
// it: an address answer never does. What stands before a suffix of the question, and the hashed
// owners of NSEC3, find that suffix without the table.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "dns/name.h"
#include "dns/rrset.h"

#define BUILDER_HEAD_BITS 5
#define BUILDER_HEADS     (1 << BUILDER_HEAD_BITS)

// A suffix that stands in the message: a label, and the suffix behind it. Those of the question
// need no entry: they are known by their depth.
struct builder_suffix {
    uint16_t offset; // of its first label in the message
    uint16_t parent; // what is behind it: index + 1, or one of the question's; 0: the root
    uint16_t next;   // index + 1 of the next with the same head; 0: the last
    uint8_t head;    // whose list it is in
};
#define BUILDER_QUESTION 0x8000 // with a depth: a suffix of the question's name

// A name that was written, by where it lives: the hosts that NS records name are the owners of the
// addresses that follow.
#define BUILDER_KNOWN 16
struct builder_known {
    const uint8_t *wire;
    uint16_t pointer; // to it in the message
};

struct builder {
    uint8_t *octets;
    uint32_t size;
    uint32_t limit; // nothing is written past it
    bool overflow;
    bool begun;                      // `heads` is made
    uint16_t class;                  // of the records
    uint16_t suffixes;               // used entries of `table`
    const struct name_key *question; // its octets stand at HEADER_SIZE; NULL: no question
    uint64_t multiplier; // spreads labels over `heads` in a way that strangers do not know
    uint16_t known;      // used entries of `names`
    struct builder_known names[BUILDER_KNOWN];
    uint16_t heads[BUILDER_HEADS]; // index + 1 into `table`
    struct builder_suffix table[COMPRESSION_SLOTS];
};

struct builder_mark {
    uint32_t size;
    uint16_t suffixes, known;
};

// What is there already when a builder begins: header and question.
struct builder_start {
    uint8_t *octets;
    uint32_t size;                   // of header and question
    uint32_t limit;                  // of the whole message
    uint16_t class;                  // of all records
    const struct name_key *question; // what stands at HEADER_SIZE; NULL if nothing does
    const struct hash_key *secret;   // what strangers do not know
};
void builder_begin(struct builder *builder, const struct builder_start *start)
    __attribute__((nonnull));

static inline struct builder_mark builder_mark(const struct builder *builder)
{
    return (struct builder_mark){builder->size, builder->suffixes, builder->known};
}
// Forgets everything since the mark, an overflow too.
void builder_roll_back(struct builder *builder, struct builder_mark mark) __attribute__((nonnull));

void builder_put_name(struct builder *builder, struct name name) __attribute__((nonnull));
void builder_put_name_plain(struct builder *builder, struct name name) __attribute__((nonnull));
void builder_put_octets(struct builder *builder, const void *octets, size_t size)
    __attribute__((nonnull));

// The records of an RRset, all or (overflow) not. `start`: the record to begin with, for rotation;
// it is taken modulo the count.
struct builder_rrset {
    struct name owner;
    const struct rrset *rrset;
    uint32_t ttl;
    uint32_t start;
    bool data;       // the records
    bool signatures; // their RRSIGs
};
// Returns how many records were written.
unsigned builder_put_rrset(struct builder *builder, const struct builder_rrset *rrset)
    __attribute__((nonnull));

// Names are known by where they live: to be called before that memory holds another one.
static inline void builder_forget_known(struct builder *builder)
{
    builder->known = 0;
}

// One record of an RRset, or of its signatures: what a transfer splits, when all of them are more
// than a message holds. `entry` is one of the block's (rrset.h).
struct builder_record {
    struct name owner;
    uint16_t type;
    uint32_t ttl;
    const uint8_t *entry;
};
void builder_put_record(struct builder *builder, const struct builder_record *record)
    __attribute__((nonnull));

static inline void builder_put16(struct builder *builder, uint16_t value)
{
    if (builder->overflow || builder->limit - builder->size < 2) {
        builder->overflow = true;
        return;
    }
    bytes_put16(builder->octets + builder->size, value);
    builder->size += 2;
}
