// TSIG (tsig.h). The record, RFC 8945 4.2:
//
//   key name | TSIG ANY 0 RDLENGTH | algorithm | time 48 | fudge 16 | MAC size 16, MAC |
//   original ID 16 | error 16 | other size 16, other
//
// What is signed, RFC 8945 4.3.3:
//
//   [size 16, MAC of the message before] | message without the record | key name, ANY, 0,
//   algorithm, time, fudge, error, other size, other
//
// with the original ID and one record less in the message's header, and names in lower case. From
// the second message of a reply on only time and fudge stand at the end (5.3.1).
#include "dns/tsig.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "dns/message.h"
#include "dns/type.h"

#define FUDGE_S    300 // RFC 8945 10: recommended
#define RDATA_HEAD 10  // time, fudge, MAC size
#define RDATA_TAIL 6   // original ID, error, other size
#define OTHER_SIZE 6   // BADTIME: our time

const char *tsig_error_word(enum tsig_error error)
{
    switch (error) {
    case TSIG_BADSIG: return "BADSIG";
    case TSIG_BADKEY: return "BADKEY";
    case TSIG_BADTIME: return "BADTIME";
    case TSIG_BADTRUNC: return "BADTRUNC";
    case TSIG_NO_ERROR: break;
    }
    return NULL;
}

// --- algorithms

static const struct algorithm {
    const char *word;
    uint8_t wire[27]; // lower case
} algorithms[MAC_KINDS] = {
    [MAC_MD5] = {"hmac-md5", "\10hmac-md5\7sig-alg\3reg\3int"},
    [MAC_SHA1] = {"hmac-sha1", "\11hmac-sha1"},
    [MAC_SHA224] = {"hmac-sha224", "\13hmac-sha224"},
    [MAC_SHA256] = {"hmac-sha256", "\13hmac-sha256"},
    [MAC_SHA384] = {"hmac-sha384", "\13hmac-sha384"},
    [MAC_SHA512] = {"hmac-sha512", "\13hmac-sha512"},
};

bool tsig_algorithm_parse(const char *word, enum mac_kind *kind)
{
    for (unsigned i = 0; i < MAC_KINDS; i++) {
        if (strcasecmp(word, algorithms[i].word) == 0) {
            *kind = (enum mac_kind)i;
            return true;
        }
    }
    *kind = MAC_MD5;
    return strcasecmp(word, "hmac-md5.sig-alg.reg.int") == 0;
}

const char *tsig_algorithm_word(enum mac_kind kind)
{
    assert(kind < MAC_KINDS);
    return algorithms[kind].word;
}

size_t tsig_mac_least(enum mac_kind kind)
{
    size_t half = mac_size(kind) / 2;
    return half > 10 ? half : 10;
}

// --- keys

const struct tsig_key *tsig_keys_find(const struct tsig_keys *keys, struct name name)
{
    size_t low = 0, high = keys->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_compare(name, keys->list[middle].name);
        if (order == 0)
            return &keys->list[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct tsig_keys *tsig_keys_make(size_t count)
{
    struct tsig_keys *keys = memory_get_zeroed(1, sizeof *keys + count * sizeof keys->list[0]);
    atomic_init(&keys->holders, 1);
    keys->count = count;
    return keys;
}

struct tsig_keys *tsig_keys_hold(struct tsig_keys *keys)
{
    if (keys)
        atomic_fetch_add_explicit(&keys->holders, 1, memory_order_relaxed);
    return keys;
}

void tsig_keys_release(struct tsig_keys *keys)
{
    if (!keys || atomic_fetch_sub_explicit(&keys->holders, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < keys->count; i++)
        mac_key_free(keys->list[i].mac);
    free(keys);
}

// --- reading

struct record {
    struct name name, algorithm;
    uint64_t time_s;
    uint16_t fudge_s, mac_size, id, error, other_size;
    const uint8_t *mac, *other;
    uint8_t name_wire[NAME_OCTETS_MAX], algorithm_wire[NAME_OCTETS_MAX];
};

// False: malformed, or not the end of the message.
static bool read_record(const uint8_t *message, size_t size, size_t at, struct record *record)
{
    if (!message_name(message, size, &at, record->name_wire, &record->name) || size - at < 10)
        return false;
    // Class and TTL are fixed (RFC 8945 4.2).
    if (bytes_get16(message + at) != TYPE_TSIG || bytes_get16(message + at + 2) != CLASS_ANY ||
        bytes_get32(message + at + 4) != 0 || size - at - 10 != bytes_get16(message + at + 8))
        return false;
    at += 10;
    if (!message_name(message, size, &at, record->algorithm_wire, &record->algorithm) ||
        size - at < RDATA_HEAD)
        return false;
    record->time_s = bytes_get48(message + at);
    record->fudge_s = bytes_get16(message + at + 6);
    record->mac_size = bytes_get16(message + at + 8);
    at += RDATA_HEAD;
    record->mac = message + at;
    if (size - at < (size_t)record->mac_size + RDATA_TAIL)
        return false;
    at += record->mac_size;
    record->id = bytes_get16(message + at);
    record->error = bytes_get16(message + at + 2);
    record->other_size = bytes_get16(message + at + 4);
    at += RDATA_TAIL;
    record->other = message + at;
    return size - at == record->other_size;
}

static void keep(struct tsig *tsig, const struct record *record)
{
    *tsig = (struct tsig){.time_s = record->time_s,
                          .fudge_s = record->fudge_s,
                          .id = record->id,
                          .name_size = record->name.size,
                          .algorithm_size = record->algorithm.size};
    memcpy(tsig->name, record->name.wire, record->name.size);
    memcpy(tsig->algorithm, record->algorithm.wire, record->algorithm.size);
}

// --- MACs

// Key name, class, TTL, algorithm, time, fudge, error, other size and other.
#define VARIABLES_MAX (2 * NAME_OCTETS_MAX + 6 + 8 + 4 + OTHER_SIZE)

struct variables {
    uint64_t time_s;
    uint16_t fudge_s, error, other_size;
    const uint8_t *other;
};

static void add_variables(struct mac *mac, const struct tsig *tsig,
                          const struct variables *variables)
{
    uint8_t octets[VARIABLES_MAX], *next = octets;
    bool whole = !tsig->begun;
    if (whole) {
        next += name_fold((struct name){tsig->name, tsig->name_size, 0}, next).size;
        bytes_put16(next, CLASS_ANY);
        bytes_put32(next + 2, 0);
        next += 6;
        next += name_fold((struct name){tsig->algorithm, tsig->algorithm_size, 0}, next).size;
    }
    bytes_put48(next, variables->time_s);
    bytes_put16(next + 6, variables->fudge_s);
    next += 8;
    if (whole) {
        bytes_put16(next, variables->error);
        bytes_put16(next + 2, variables->other_size);
        next += 4;
    }
    mac_add(mac, octets, (size_t)(next - octets));
    if (whole && variables->other_size)
        mac_add(mac, variables->other, variables->other_size);
}

// The MAC of the message before goes first, if there is one, and then what was passed since.
static void begin_mac(struct mac *mac, struct tsig *tsig)
{
    uint8_t size[2];
    if (tsig->passed) {
        *mac = tsig->ahead;
        tsig->passed = 0;
        return;
    }
    mac_begin(mac, tsig->key->mac);
    if (tsig->mac_size == 0)
        return;
    bytes_put16(size, tsig->mac_size);
    mac_add(mac, size, sizeof size);
    mac_add(mac, tsig->mac, tsig->mac_size);
}

// The MAC of what was received, before the record at `at`.
static void sign_received(struct tsig *tsig, const uint8_t *message, size_t at,
                          const struct record *record, uint8_t out[static MAC_SIZE_MAX])
{
    uint8_t header[HEADER_SIZE];
    struct mac mac;
    memcpy(header, message, HEADER_SIZE);
    bytes_put16(header, record->id);
    bytes_put16(header + 10, (uint16_t)(bytes_get16(message + 10) - 1));
    begin_mac(&mac, tsig);
    mac_add(&mac, header, HEADER_SIZE);
    mac_add(&mac, message + HEADER_SIZE, at - HEADER_SIZE);
    add_variables(&mac, tsig,
                  &(struct variables){record->time_s, record->fudge_s, record->error,
                                      record->other_size, record->other});
    mac_end(&mac, out);
}

static enum tsig_verdict refuse(struct tsig *tsig, enum tsig_error error)
{
    tsig->error = error;
    return TSIG_REFUSED;
}

static void keep_mac(struct tsig *tsig, const struct record *record)
{
    tsig->mac_size = (uint8_t)record->mac_size;
    memcpy(tsig->mac, record->mac, record->mac_size);
}

static bool is_out_of_time(const struct record *record, uint64_t date_s)
{
    uint64_t apart_s = date_s > record->time_s ? date_s - record->time_s : record->time_s - date_s;
    return apart_s > record->fudge_s;
}

enum tsig_verdict tsig_receive(struct tsig *tsig, const struct tsig_keys *keys,
                               const uint8_t *message, size_t size, size_t at, uint64_t date_s)
{
    struct record record;
    uint8_t mac[MAC_SIZE_MAX];
    if (at < HEADER_SIZE || !read_record(message, size, at, &record))
        return TSIG_MALFORMED;
    keep(tsig, &record);
    const struct tsig_key *key = keys ? tsig_keys_find(keys, record.name) : NULL;
    // RFC 8945 5.2.1: a key is one with its algorithm.
    if (!key || !name_equal(record.algorithm, name_trust(algorithms[key->kind].wire)))
        return refuse(tsig, TSIG_BADKEY);
    // RFC 8945 5.2.2.1: sizes that no one may send.
    if (record.mac_size > mac_size(key->kind) || record.mac_size < tsig_mac_least(key->kind))
        return TSIG_MALFORMED;
    tsig->key = key;
    sign_received(tsig, message, at, &record, mac);
    if (!mac_is_same(mac, record.mac, record.mac_size))
        return refuse(tsig, TSIG_BADSIG);
    keep_mac(tsig, &record);
    if (is_out_of_time(&record, date_s))
        return refuse(tsig, TSIG_BADTIME);
    if (record.mac_size < key->mac_least)
        return refuse(tsig, TSIG_BADTRUNC);
    return TSIG_GOOD;
}

// --- writing

static bool is_signed(const struct tsig *tsig)
{
    return tsig->key && tsig->error != TSIG_BADSIG;
}

size_t tsig_size(const struct tsig *tsig)
{
    size_t size = (size_t)tsig->name_size + 10 + tsig->algorithm_size + RDATA_HEAD + RDATA_TAIL;
    if (is_signed(tsig))
        size += mac_size(tsig->key->kind);
    return tsig->error == TSIG_BADTIME ? size + OTHER_SIZE : size;
}

static void sign(struct tsig *tsig, const uint8_t *message, size_t size,
                 const struct variables *variables)
{
    struct mac mac;
    begin_mac(&mac, tsig);
    mac_add(&mac, message, size);
    add_variables(&mac, tsig, variables);
    mac_end(&mac, tsig->mac);
    tsig->mac_size = (uint8_t)mac_size(tsig->key->kind);
    tsig->begun = true;
}

// What the reply's record says: at BADTIME the client's time, so that it can check it, and ours
// beside it (RFC 8945 5.2.3); with nothing signed all is the client's.
static void choose_variables(const struct tsig *tsig, uint64_t date_s,
                             uint8_t other[static OTHER_SIZE], struct variables *variables)
{
    bool ours = is_signed(tsig) && tsig->error != TSIG_BADTIME;
    *variables = (struct variables){.time_s = ours ? date_s : tsig->time_s,
                                    .fudge_s = ours ? FUDGE_S : tsig->fudge_s,
                                    .error = (uint16_t)tsig->error,
                                    .other = other};
    if (tsig->error != TSIG_BADTIME)
        return;
    bytes_put48(other, date_s);
    variables->other_size = OTHER_SIZE;
}

size_t tsig_append(struct tsig *tsig, uint8_t *message, size_t size, uint64_t date_s)
{
    uint8_t other[OTHER_SIZE];
    struct variables variables;
    size_t added = tsig_size(tsig), written = is_signed(tsig) ? mac_size(tsig->key->kind) : 0;
    choose_variables(tsig, date_s, other, &variables);
    if (written)
        sign(tsig, message, size, &variables);
    uint8_t *next = message + size;
    memcpy(next, tsig->name, tsig->name_size);
    next += tsig->name_size;
    bytes_put16(next, TYPE_TSIG);
    bytes_put16(next + 2, CLASS_ANY);
    bytes_put32(next + 4, 0);
    bytes_put16(next + 8, (uint16_t)(added - tsig->name_size - 10));
    next += 10;
    memcpy(next, tsig->algorithm, tsig->algorithm_size);
    next += tsig->algorithm_size;
    bytes_put48(next, variables.time_s);
    bytes_put16(next + 6, variables.fudge_s);
    bytes_put16(next + 8, (uint16_t)written);
    next += RDATA_HEAD;
    memcpy(next, tsig->mac, written);
    next += written;
    memcpy(next, message, 2); // the original ID
    bytes_put16(next + 2, variables.error);
    bytes_put16(next + 4, variables.other_size);
    memcpy(next + RDATA_TAIL, other, variables.other_size);
    next += RDATA_TAIL + variables.other_size;
    bytes_put16(message + 10, (uint16_t)(bytes_get16(message + 10) + 1));
    assert((size_t)(next - message) == size + added);
    return (size_t)(next - message);
}

// --- what is not signed

bool tsig_pass(struct tsig *tsig, const uint8_t *message, size_t size)
{
    struct mac mac;
    unsigned passed = tsig->passed;
    if (!tsig->begun || passed >= TSIG_PASSED_MAX)
        return false;
    begin_mac(&mac, tsig);
    mac_add(&mac, message, size);
    tsig->ahead = mac;
    tsig->passed = (uint8_t)(passed + 1);
    return true;
}

void tsig_abandon(struct tsig *tsig)
{
    uint8_t nobody[MAC_SIZE_MAX];
    if (tsig->passed)
        mac_end(&tsig->ahead, nobody);
    tsig->passed = 0;
}

// --- requests of ours

size_t tsig_ask(struct tsig *tsig, const struct tsig_key *key, uint8_t *message, size_t size,
                uint64_t date_s)
{
    struct name algorithm = name_trust(algorithms[key->kind].wire);
    *tsig =
        (struct tsig){.key = key, .name_size = key->name.size, .algorithm_size = algorithm.size};
    memcpy(tsig->name, key->name.wire, key->name.size);
    memcpy(tsig->algorithm, algorithm.wire, algorithm.size);
    size = tsig_append(tsig, message, size, date_s);
    tsig->begun = false; // the reply's first message is signed whole
    return size;
}

bool tsig_confirm(struct tsig *tsig, const uint8_t *message, size_t size, size_t at,
                  uint64_t date_s)
{
    struct record record;
    uint8_t mac[MAC_SIZE_MAX];
    const struct tsig_key *key = tsig->key;
    if (at < HEADER_SIZE || !read_record(message, size, at, &record) ||
        !name_equal(record.name, key->name) ||
        !name_equal(record.algorithm, name_trust(algorithms[key->kind].wire)))
        return false;
    tsig->error = (enum tsig_error)record.error;
    if (record.mac_size > mac_size(key->kind) || record.mac_size < key->mac_least)
        return false;
    sign_received(tsig, message, at, &record, mac);
    if (!mac_is_same(mac, record.mac, record.mac_size) || is_out_of_time(&record, date_s))
        return false;
    keep_mac(tsig, &record);
    tsig->begun = true;
    return true;
}
