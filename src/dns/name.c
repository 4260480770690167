// Domain names (name.h). Every loop here ends because a name's wire form does: 255 octets at most,
// checked once by the makers name_view and name_parse.
#include "dns/name.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

bool name_view(const uint8_t *wire, size_t size, struct name *name)
{
    size_t at = 0;
    unsigned labels = 0;
    for (;;) {
        if (at >= size || at >= NAME_OCTETS_MAX)
            return false;
        unsigned label = wire[at];
        if (label == 0)
            break;
        if (label > LABEL_OCTETS_MAX)
            return false;
        at += 1 + label;
        labels++;
    }
    *name = (struct name){wire, (uint8_t)(at + 1), (uint8_t)labels};
    return true;
}

struct name name_trust(const uint8_t *wire)
{
    unsigned at = 0, labels = 0;
    while (wire[at]) {
        at += 1u + wire[at];
        labels++;
    }
    assert(at < NAME_OCTETS_MAX);
    return (struct name){wire, (uint8_t)(at + 1), (uint8_t)labels};
}

// One octet of text, plain or escaped. Returns how many characters it took, 0: a bad escape.
static size_t take_octet(const char *text, size_t size, uint8_t *octet)
{
    if (text[0] != '\\') {
        *octet = (uint8_t)text[0];
        return 1;
    }
    if (size < 2)
        return 0;
    unsigned first = (unsigned)text[1] - '0';
    if (first > 9) {
        *octet = (uint8_t)text[1];
        return 2;
    }
    if (size < 4)
        return 0;
    unsigned second = (unsigned)text[2] - '0', third = (unsigned)text[3] - '0';
    unsigned value = first * 100 + second * 10 + third;
    if (second > 9 || third > 9 || value > 255)
        return 0;
    *octet = (uint8_t)value;
    return 4;
}

// The top bit of each octet that is zero.
static uint64_t zero_octets(uint64_t word)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    return ~(((word & low) + low) | word | low);
}

// How many of 8 octets stand before the first dot or backslash.
static unsigned count_plain(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t ends = zero_octets(word ^ '.' * ones) | zero_octets(word ^ '\\' * ones);
    return ends ? (unsigned)__builtin_clzll(bytes_order(ends)) / 8 : 8;
}

// Puts the origin behind `at` octets of labels.
static enum name_text_result complete(const struct name *origin, uint8_t *storage, unsigned at,
                                      unsigned labels, struct name *name)
{
    if (!origin)
        return NAME_TEXT_RELATIVE;
    if (at + origin->size > NAME_OCTETS_MAX)
        return NAME_TEXT_LONG;
    memmove(storage + at, origin->wire, origin->size);
    *name =
        (struct name){storage, (uint8_t)(at + origin->size), (uint8_t)(labels + origin->labels)};
    return NAME_TEXT_OK;
}

enum name_text_result name_parse(const char *text, size_t size, const struct name *origin,
                                 uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
{
    if (size == 0)
        return NAME_TEXT_EMPTY;
    if (size == 1 && text[0] == '@')
        return complete(origin, storage, 0, 0, name);
    if (size == 1 && text[0] == '.') {
        storage[0] = 0;
        *name = (struct name){storage, 1, 0};
        return NAME_TEXT_OK;
    }
    unsigned start = 0, at = 1, labels = 0; // `start`: the length octet of the label being read
    for (size_t i = 0; i < size;) {
        if (size - i >= 8 && at + 8 <= NAME_OCTETS_MAX) { // what is plain, 8 octets at a time
            uint64_t word;
            memcpy(&word, text + i, sizeof word);
            memcpy(storage + at, &word, sizeof word);
            unsigned plain = count_plain(word);
            at += plain;
            i += plain;
            if (at - start > LABEL_OCTETS_MAX + 1)
                return NAME_TEXT_LONG_LABEL;
            if (plain == 8)
                continue;
        }
        if (text[i] == '.') {
            if (at == start + 1)
                return NAME_TEXT_EMPTY_LABEL;
            storage[start] = (uint8_t)(at - start - 1);
            labels++;
            start = at++;
            i++;
            continue;
        }
        if (at - start > LABEL_OCTETS_MAX)
            return NAME_TEXT_LONG_LABEL;
        if (at >= NAME_OCTETS_MAX)
            return NAME_TEXT_LONG;
        size_t taken = take_octet(text + i, size - i, &storage[at++]);
        if (taken == 0)
            return NAME_TEXT_BAD_ESCAPE;
        i += taken;
    }
    if (at > start + 1) { // no dot at the end
        storage[start] = (uint8_t)(at - start - 1);
        return complete(origin, storage, at, labels + 1, name);
    }
    if (start >= NAME_OCTETS_MAX)
        return NAME_TEXT_LONG;
    storage[start] = 0;
    *name = (struct name){storage, (uint8_t)(start + 1), (uint8_t)labels};
    return NAME_TEXT_OK;
}

const char *name_text_problem(enum name_text_result result)
{
    switch (result) {
    case NAME_TEXT_OK: return "no problem";
    case NAME_TEXT_EMPTY: return "empty name";
    case NAME_TEXT_EMPTY_LABEL: return "empty label (two dots in a row, or a dot at the start)";
    case NAME_TEXT_LONG_LABEL: return "label over 63 octets";
    case NAME_TEXT_LONG: return "name over 255 octets";
    case NAME_TEXT_BAD_ESCAPE: return "bad escape (use \\X, or \\DDD from \\000 to \\255)";
    case NAME_TEXT_RELATIVE:
        return "relative name where there is no origin (a last dot is missing)";
    }
    return "no problem";
}

// One octet as text: RFC 1035 5.1, RFC 4343 2.1. Returns the characters written.
static size_t put_octet(uint8_t octet, char *text)
{
    if (octet <= ' ' || octet >= 127) {
        text[0] = '\\';
        text[1] = (char)('0' + octet / 100);
        text[2] = (char)('0' + octet / 10 % 10);
        text[3] = (char)('0' + octet % 10);
        return 4;
    }
    if (strchr(".\\\"();@$", octet)) {
        text[0] = '\\';
        text[1] = (char)octet;
        return 2;
    }
    text[0] = (char)octet;
    return 1;
}

size_t name_print(struct name name, char text[static NAME_TEXT_MAX])
{
    size_t size = 0;
    if (name.labels == 0)
        text[size++] = '.';
    for (const uint8_t *label = name.wire; *label; label += 1 + *label) {
        for (unsigned i = 1; i <= *label; i++)
            size += put_octet(label[i], text + size);
        text[size++] = '.';
    }
    text[size] = 0;
    assert(size < NAME_TEXT_MAX);
    return size;
}

// Length octets are under 64 and never letters, so whole names are compared octet by octet.
static bool equal_octets(const uint8_t *a, const uint8_t *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i] && byte_fold(a[i]) != byte_fold(b[i]))
            return false;
    return true;
}

bool name_equal_in_any_case(struct name a, struct name b)
{
    return a.size == b.size && a.labels == b.labels && equal_octets(a.wire, b.wire, a.size);
}

bool name_equal(struct name a, struct name b)
{
    return a.labels == b.labels && name_equal_folded(a, b);
}

// Where each label starts, the first label first.
static void find_labels(struct name name, uint8_t starts[static NAME_LABELS_MAX])
{
    unsigned at = 0;
    for (unsigned i = 0; i < name.labels; i++) {
        starts[i] = (uint8_t)at;
        at += 1u + name.wire[at];
    }
}

static int compare_labels(const uint8_t *a, const uint8_t *b)
{
    unsigned shorter = *a < *b ? *a : *b;
    for (unsigned i = 1; i <= shorter; i++) {
        int difference = byte_fold(a[i]) - byte_fold(b[i]);
        if (difference)
            return difference;
    }
    return *a - *b;
}

int name_compare(struct name a, struct name b)
{
    uint8_t a_starts[NAME_LABELS_MAX], b_starts[NAME_LABELS_MAX];
    find_labels(a, a_starts);
    find_labels(b, b_starts);
    unsigned fewer = a.labels < b.labels ? a.labels : b.labels;
    for (unsigned i = 1; i <= fewer; i++) {
        int order =
            compare_labels(a.wire + a_starts[a.labels - i], b.wire + b_starts[b.labels - i]);
        if (order)
            return order;
    }
    return a.labels - b.labels;
}

bool name_is_within(struct name name, struct name top)
{
    if (name.labels < top.labels)
        return false;
    const uint8_t *wire = name.wire;
    for (unsigned above = name.labels - top.labels; above > 0; above--)
        wire += 1 + *wire;
    name.size = (uint8_t)(name.size - (wire - name.wire));
    name.wire = wire;
    name.labels = top.labels;
    return name_equal_folded(name, top); // or in any case, as that goes on to ask
}

struct name name_suffix(struct name name, unsigned labels)
{
    assert(labels <= name.labels);
    const uint8_t *wire = name.wire;
    for (unsigned i = name.labels; i > labels; i--)
        wire += 1 + *wire;
    return (struct name){wire, (uint8_t)(name.size - (wire - name.wire)), (uint8_t)labels};
}

bool name_is_wildcard(struct name name)
{
    return name.wire[0] == 1 && name.wire[1] == '*';
}

unsigned name_shared_labels(struct name a, struct name b)
{
    uint8_t a_starts[NAME_LABELS_MAX], b_starts[NAME_LABELS_MAX];
    find_labels(a, a_starts);
    find_labels(b, b_starts);
    unsigned fewer = a.labels < b.labels ? a.labels : b.labels;
    unsigned shared = 0;
    while (shared < fewer && compare_labels(a.wire + a_starts[a.labels - shared - 1],
                                            b.wire + b_starts[b.labels - shared - 1]) == 0)
        shared++;
    return shared;
}

bool name_join(struct name prefix, unsigned labels, struct name suffix,
               uint8_t storage[static NAME_OCTETS_MAX], struct name *name)
{
    assert(labels <= prefix.labels);
    size_t head = (size_t)(name_suffix(prefix, prefix.labels - labels).wire - prefix.wire);
    if (head + suffix.size > NAME_OCTETS_MAX)
        return false;
    memmove(storage + head, suffix.wire, suffix.size);
    memmove(storage, prefix.wire, head);
    *name =
        (struct name){storage, (uint8_t)(head + suffix.size), (uint8_t)(labels + suffix.labels)};
    return true;
}

typedef uint8_t octets16 __attribute__((vector_size(16)));

// 16 octets at once, in whatever vectors the machine has.
static void fold_16(const uint8_t *wire, uint8_t *to)
{
    octets16 octets;
    memcpy(&octets, wire, sizeof octets);
    octets += (octets16)((octets - 'A') < 26) & 0x20;
    memcpy(to, &octets, sizeof octets);
}

static void fold_8(const uint8_t *wire, uint8_t *to)
{
    uint64_t word;
    memcpy(&word, wire, sizeof word);
    word = hash_fold(word);
    memcpy(to, &word, sizeof word);
}

// A folded copy. Names of 8 octets and more end with a piece that overlaps the one before.
static void fold_copy(const uint8_t *wire, unsigned size, uint8_t *to)
{
    if (size >= 16) {
        for (unsigned i = 0; i < size - 16; i += 16)
            fold_16(wire + i, to + i);
        fold_16(wire + size - 16, to + size - 16);
    } else if (size >= 8) {
        fold_8(wire, to);
        fold_8(wire + size - 8, to + size - 8);
    } else {
        for (unsigned i = 0; i < size; i++)
            to[i] = byte_fold(wire[i]);
    }
}

// In place, too: what a last piece folds a second time stays as it is.
struct name name_fold(struct name name, uint8_t to[static NAME_OCTETS_MAX])
{
    fold_copy(name.wire, name.size, to);
    return (struct name){to, name.size, name.labels};
}

// Hashes and folds a name whose labels' starts are in the key already.
static void finish_key(const uint8_t *wire, const struct hash_key *secret, struct name_key *key)
{
    const struct hash_key words = *secret; // in registers: octets written below might alias it
    unsigned labels = key->labels;
    uint64_t hash = hash_root(&words);
    key->hash[0] = hash;
    for (unsigned i = labels; i-- > 0;) {
        const uint8_t *label = wire + key->start[i];
        hash = hash_label(&words, hash, label + 1, *label);
        key->hash[labels - i] = hash;
    }
    fold_copy(wire, key->size, key->folded);
}

void name_key_make(struct name name, const struct hash_key *secret, struct name_key *key)
{
    unsigned at = 0;
    for (unsigned i = 0; i <= name.labels; i++) {
        key->start[i] = (uint8_t)at;
        at += 1u + name.wire[at];
    }
    key->size = name.size;
    key->labels = name.labels;
    finish_key(name.wire, secret, key);
}

bool name_key_read(const uint8_t *wire, size_t size, const struct hash_key *secret,
                   struct name_key *key)
{
    size_t room = size < NAME_OCTETS_MAX ? size : NAME_OCTETS_MAX, at = 0;
    unsigned labels = 0;
    for (;; labels++) {
        if (at >= room || wire[at] > LABEL_OCTETS_MAX)
            return false;
        key->start[labels] = (uint8_t)at;
        if (wire[at] == 0)
            break;
        at += 1u + wire[at];
    }
    key->size = (uint8_t)(at + 1);
    key->labels = (uint8_t)labels;
    finish_key(wire, secret, key);
    return true;
}
