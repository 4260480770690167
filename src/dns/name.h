// Domain names: a view on wire octets, by value, that never owns.
//
// RFC 1035 3.1, RFC 2181 11 (any octet may stand in a label), RFC 4343 (ASCII case is kept on the
// wire and folded when compared). A `struct name` is always valid: the makers below are the only
// way in from foreign bytes, so nothing behind them checks again.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"

struct name {
    const uint8_t *wire; // labels with their length octets, the root's zero last; not compressed
    uint8_t size;        // octets, 1 (the root) to 255
    uint8_t labels;      // without the root: 0 to 127
};

#define NAME_ROOT ((struct name){(const uint8_t *)"", 1, 0})

// Looks at `wire`, which must hold an uncompressed name at its start. False: it does not (runs past
// `size`, over 255 octets, a label type other than 00).
bool name_view(const uint8_t *wire, size_t size, struct name *name)
    __attribute__((nonnull, warn_unused_result));
// The same for octets known to be a valid name (our own images and RRsets).
struct name name_trust(const uint8_t *wire) __attribute__((nonnull));

enum name_text_result {
    NAME_TEXT_OK,
    NAME_TEXT_EMPTY,       // no text at all
    NAME_TEXT_EMPTY_LABEL, // two dots in a row, or a dot at the start
    NAME_TEXT_LONG_LABEL,  // over 63 octets
    NAME_TEXT_LONG,        // over 255 octets
    NAME_TEXT_BAD_ESCAPE,  // \ at the end, \256 to \999, \1x
    NAME_TEXT_RELATIVE,    // no dot at the end and no origin given
};

// Reads text (RFC 1035 5.1: \X, \DDD, "@" is the origin) into `storage` and looks at it there.
// `origin` completes a relative name; NULL: a relative name is refused as RELATIVE.
enum name_text_result name_parse(const char *text, size_t size, const struct name *origin,
                                 uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
    __attribute__((nonnull(1, 4, 5), warn_unused_result));
// What to tell a person about a result other than OK ("label over 63 octets").
const char *name_text_problem(enum name_text_result result);

// The text form, absolute, with the last dot; specials and unprintables escaped. Returns its
// length.
size_t name_print(struct name name, char text[static NAME_TEXT_MAX]);

// Equal, letters folded.
bool name_equal(struct name a, struct name b);
// Equal to octets that are folded already, as those of a name_key are: comparing them as they are
// settles nearly all, since zones are mostly written in lower case.
bool name_equal_in_any_case(struct name a, struct name b); // the same as name_equal, octet by octet
static inline bool name_equal_folded(struct name name, struct name folded)
{
    return name.size == folded.size &&
           (bytes_equal(name.wire, folded.wire, name.size) || name_equal_in_any_case(name, folded));
}
// Canonical order (RFC 4034 6.1): below 0, 0, above 0.
int name_compare(struct name a, struct name b);
// True for `name` itself and for everything under `top`.
bool name_is_within(struct name name, struct name top);
// The last `labels` labels of it: name_suffix(n, n.labels - 1) is the parent. labels <=
// name.labels.
struct name name_suffix(struct name name, unsigned labels);
bool name_is_wildcard(struct name name); // its first label is "*"
// How many labels, from the root down, two names share.
unsigned name_shared_labels(struct name a, struct name b);
// Copies with letters folded; `to` may be the same memory. Returns the copy.
struct name name_fold(struct name name, uint8_t to[static NAME_OCTETS_MAX]);
// prefix (its first `labels` labels) put in front of `suffix`, into `storage`. False: over 255.
bool name_join(struct name prefix, unsigned labels, struct name suffix,
               uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
    __attribute__((nonnull, warn_unused_result));

// A name made ready for looking up: folded, and hashed at every depth in one pass from the root.
// About 1.3 kB: lives on the stack or in a slot, and only the used part is ever touched.
struct name_key {
    uint8_t size;
    uint8_t labels;
    uint8_t folded[NAME_OCTETS_MAX];    // wire form in lower case
    uint8_t start[NAME_LABELS_MAX + 1]; // [i]: where label i starts, the first is 0; the root last
    uint64_t hash[NAME_LABELS_MAX + 1]; // [d]: hash of the suffix of d labels; [0] the root's
};
void name_key_make(struct name name, const struct hash_key *secret, struct name_key *key)
    __attribute__((nonnull));
// name_view and name_key_make in one pass, for the name of every query. False: not a name.
bool name_key_read(const uint8_t *wire, size_t size, const struct hash_key *secret,
                   struct name_key *key) __attribute__((nonnull, warn_unused_result));
// Where the suffix of `depth` labels starts in the key's (and the name's) octets.
static inline unsigned name_key_offset(const struct name_key *key, unsigned depth)
{
    return key->start[key->labels - depth];
}
// The suffix of `depth` labels, a view into the key.
static inline struct name name_key_suffix(const struct name_key *key, unsigned depth)
{
    unsigned at = name_key_offset(key, depth);
    return (struct name){key->folded + at, (uint8_t)(key->size - at), (uint8_t)depth};
}
