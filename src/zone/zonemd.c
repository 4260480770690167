// ZONEMD: the SIMPLE scheme, and the verdict (zonemd.h).
//
// The digest is one over all records of the zone in canonical form (RFC 4034 6.2), put one behind
// another:
//
//     owner, folded | type | class | TTL | size of rdata | rdata, names folded
//
//     in the order of owners (RFC 4034 6.1), then types, then rdata (6.3)
//
// check_records left the list in nearly this order and without duplicates. Only RRSIGs stand behind
// all else of their owner there, so an owner's records are taken in three pieces:
//
//     A NS SOA | SVCB CAA | RRSIG RRSIG      the list:    1  3  2
//     A NS SOA | RRSIG RRSIG | SVCB CAA      the digest:  1  2  3
//
// Left out are the ZONEMD records of the apex and the RRSIGs over them, and nothing else: glue and
// what is hidden below a cut are in, and ZONEMD records elsewhere are records like others
// (RFC 8976 2.1, 3.3.1).
//
// TTLs are those that we would serve. Where the TTLs of an RRset differ, which RFC 2181 5.2
// forbids, check_records has warned and taken the lowest for all, so such a zone is verified only
// by a digest that was made after the same correction: what does not go out as it was written does
// not pass.
#include "zone/zonemd.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "dns/encode.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/owner.h"

#define SCHEME_SIMPLE   1                                  // RFC 8976 2.2.2
#define DIGEST_SIZE_MIN 12                                 // RFC 8976 2.2.4
#define RDATA_HEAD      6                                  // serial, scheme, hash algorithm
#define RECORD_MAX      (NAME_OCTETS_MAX + 10 + RDATA_MAX) // in canonical form
#define CHUNK_OCTETS    (16 * 1024) // hashed at once: fits a first cache, and calls cost nothing

// RFC 8976 2.2.3.
static const struct {
    uint8_t number;
    enum digest_kind kind;
    const char *word;
} algorithms[] = {{ZONEMD_HASH_SHA384, DIGEST_SHA384, "SHA-384"},
                  {ZONEMD_HASH_SHA512, DIGEST_SHA512, "SHA-512"}};

const char *const zonemd_hash_words[] = {"none", "sha384", "sha512", NULL};

// --- the digest ----------------------------------------------------------------------------------

struct summing {
    struct digest digest;
    const uint8_t *owner; // whose folded form is in `folded`
    uint8_t folded[NAME_OCTETS_MAX];
    size_t filled;
    uint8_t chunk[CHUNK_OCTETS + RECORD_MAX];
};

static void add_record(struct summing *summing, const struct record *record)
{
    if (record->owner != summing->owner) {
        name_fold(record_owner(record), summing->folded);
        summing->owner = record->owner;
    }
    uint8_t *at = summing->chunk + summing->filled;
    memcpy(at, summing->folded, record->owner_size);
    at += record->owner_size;
    bytes_put16(at, record->type);
    bytes_put16(at + 2, CLASS_IN);
    bytes_put32(at + 4, record->ttl);
    bytes_put16(at + 8, record->rdata_size);
    rdata_fold(record->type, record->rdata, record->rdata_size, at + 10);
    summing->filled = (size_t)(at + 10 + record->rdata_size - summing->chunk);
    if (summing->filled < CHUNK_OCTETS)
        return;
    digest_add(&summing->digest, summing->chunk, summing->filled);
    summing->filled = 0;
}

static bool covers(const struct record *record, uint16_t type)
{
    return record->type == TYPE_RRSIG && record->rdata_size >= 2 &&
           bytes_get16(record->rdata) == type;
}

static void add_records(struct summing *summing, const struct record *list, size_t count, bool apex)
{
    for (size_t i = 0; i < count; i++)
        if (!apex || (list[i].type != TYPE_ZONEMD && !covers(&list[i], TYPE_ZONEMD)))
            add_record(summing, &list[i]);
}

static void add_owner(struct summing *summing, const struct record *list, size_t count, bool apex)
{
    size_t signatures = count, above = 0;
    while (signatures > 0 && list[signatures - 1].type == TYPE_RRSIG)
        signatures--;
    while (above < signatures && list[above].type < TYPE_RRSIG)
        above++;
    add_records(summing, list, above, apex);
    add_records(summing, list + signatures, count - signatures, apex);
    add_records(summing, list + above, signatures - above, apex);
}

static size_t find_owner_end(const struct records *records, size_t first)
{
    size_t end = first + 1;
    while (end < records->count && owner_is_shared(&records->list[first], &records->list[end]))
        end++;
    return end;
}

void zonemd_digest(const struct records *records, enum digest_kind kind,
                   uint8_t digest[static DIGEST_SIZE_MAX])
{
    struct summing *summing = memory_get(sizeof *summing);
    summing->owner = NULL;
    summing->filled = 0;
    digest_open(&summing->digest, kind);
    for (size_t first = 0, end; first < records->count; first = end) {
        end = find_owner_end(records, first);
        add_owner(summing, &records->list[first], end - first, first == 0); // the apex comes first
    }
    digest_add(&summing->digest, summing->chunk, summing->filled);
    digest_end(&summing->digest, digest);
    digest_close(&summing->digest);
    free(summing);
}

// --- made ----------------------------------------------------------------------------------------

static const struct record *find_apex(const struct records *records, uint16_t type)
{
    for (size_t i = 0; i < records->count; i++) {
        if (!owner_is_shared(&records->list[0], &records->list[i]))
            break;
        if (records->list[i].type == type)
            return &records->list[i];
    }
    return NULL;
}

void zonemd_compose(const struct records *records, enum zonemd_hash hash, struct arena *to,
                    struct record *record)
{
    uint8_t rdata[RDATA_HEAD + DIGEST_SIZE_MAX];
    const struct record *soa = find_apex(records, TYPE_SOA);
    assert(soa && soa->rdata_size >= 20 && hash != ZONEMD_HASH_NONE);
    enum digest_kind kind = algorithms[hash - ZONEMD_HASH_SHA384].kind;
    memcpy(rdata, soa->rdata + soa->rdata_size - 20, 4);
    rdata[4] = SCHEME_SIMPLE;
    rdata[5] = (uint8_t)hash;
    zonemd_digest(records, kind, rdata + RDATA_HEAD);
    *record = (struct record){
        .owner = arena_copy(to, soa->owner, soa->owner_size),
        .owner_size = soa->owner_size,
        .owner_labels = soa->owner_labels,
        .ttl = soa->ttl,
        .type = TYPE_ZONEMD,
        .rdata_size = (uint16_t)(RDATA_HEAD + digest_size(kind)),
    };
    record->rdata = arena_copy(to, rdata, record->rdata_size);
}

bool zonemd_put(struct records *records, enum zonemd_hash hash, struct report *report)
{
    struct record made;
    const struct record *signature = find_apex(records, TYPE_RRSIG);
    if (signature) {
        struct place place = records_place(records, signature);
        report_add(report, SEVERITY_ERROR, &place, "have its signer make it, and set 'none' here",
                   "a ZONEMD record is to be made, but the zone is signed");
        return false;
    }
    zonemd_compose(records, hash, &records->arena, &made);
    size_t kept = 0;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        if (record->type != TYPE_ZONEMD || !owner_is_shared(&records->list[0], record))
            records->list[kept++] = *record;
    }
    records->count = kept;
    *records_add(records) = made;
    records_sort(records);
    return true;
}

// --- the verdict ---------------------------------------------------------------------------------

// One ZONEMD record being verified, and what was found out.
struct trial {
    const struct records *records;
    const struct record *record;
    uint32_t serial; // the SOA's
    bool repeated;
    const char *algorithm; // its word, where it is known
    enum digest_kind kind;
    uint8_t digest[DIGEST_SIZE_MAX]; // of the zone
};

static uint32_t zonemd_serial(const struct trial *trial)
{
    return bytes_get32(trial->record->rdata);
}

static unsigned zonemd_scheme(const struct trial *trial)
{
    return trial->record->rdata[4];
}

static unsigned zonemd_algorithm(const struct trial *trial)
{
    return trial->record->rdata[5];
}

static size_t zonemd_size(const struct trial *trial)
{
    return (size_t)trial->record->rdata_size - RDATA_HEAD;
}

static bool find_algorithm(struct trial *trial)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (algorithms[i].number != zonemd_algorithm(trial))
            continue;
        trial->kind = algorithms[i].kind;
        trial->algorithm = algorithms[i].word;
        return true;
    }
    return false;
}

// RFC 8976 4, steps 4 and 5.
static enum zonemd_verdict judge(struct trial *trial)
{
    if (trial->repeated)
        return ZONEMD_REPEATED;
    if (zonemd_serial(trial) != trial->serial)
        return ZONEMD_OTHER_SERIAL;
    if (zonemd_scheme(trial) != SCHEME_SIMPLE)
        return ZONEMD_UNKNOWN_SCHEME;
    if (!find_algorithm(trial))
        return ZONEMD_UNKNOWN_ALGORITHM;
    static_assert(DIGEST_SIZE_MIN < 48, "what has SHA-384's size is not too short");
    if (zonemd_size(trial) != digest_size(trial->kind))
        return ZONEMD_WRONG_SIZE;
    zonemd_digest(trial->records, trial->kind, trial->digest);
    bool same = memcmp(trial->record->rdata + RDATA_HEAD, trial->digest, zonemd_size(trial)) == 0;
    return same ? ZONEMD_VERIFIED : ZONEMD_MISMATCH;
}

static void tell_mismatch(const struct trial *trial, const struct place *place,
                          struct report *report)
{
    struct buffer there = {0}, ours = {0};
    encode_hex(trial->record->rdata + RDATA_HEAD, zonemd_size(trial), &there);
    encode_hex(trial->digest, zonemd_size(trial), &ours);
    report_add(report, SEVERITY_ERROR, place,
               "the zone was changed after its digest was made, or a part of it is missing",
               "the %s digest of the zone is %s, but ZONEMD says %s", trial->algorithm,
               buffer_text(&ours), buffer_text(&there));
    buffer_free(&there);
    buffer_free(&ours);
}

static void tell(const struct trial *trial, enum zonemd_verdict verdict, struct report *report)
{
    struct place place = records_place(trial->records, trial->record);
    unsigned scheme = zonemd_scheme(trial), algorithm = zonemd_algorithm(trial);
    switch (verdict) {
    case ZONEMD_UNCHECKED:
    case ZONEMD_NONE:
    case ZONEMD_VERIFIED: return;
    case ZONEMD_REPEATED:
        report_add(report, SEVERITY_ERROR, &place, "keep the one that belongs to this zone",
                   "another ZONEMD has scheme %u and hash algorithm %u too, so neither counts",
                   scheme, algorithm);
        return;
    case ZONEMD_OTHER_SERIAL:
        report_add(report, SEVERITY_ERROR, &place, "make the digest anew when the zone changes",
                   "ZONEMD is for serial %" PRIu32 ", but the SOA has %" PRIu32,
                   zonemd_serial(trial), trial->serial);
        return;
    case ZONEMD_UNKNOWN_SCHEME:
        report_add(report, SEVERITY_ERROR, &place, NULL,
                   "scheme %u of ZONEMD is not known; it is %d (SIMPLE) that can be verified",
                   scheme, SCHEME_SIMPLE);
        return;
    case ZONEMD_UNKNOWN_ALGORITHM:
        report_add(report, SEVERITY_ERROR, &place, NULL,
                   "hash algorithm %u of ZONEMD is not known; 1 (SHA-384) and 2 (SHA-512) are",
                   algorithm);
        return;
    case ZONEMD_WRONG_SIZE:
        report_add(report, SEVERITY_ERROR, &place, NULL,
                   "the digest in ZONEMD has %zu octets; a digest by %s has %zu",
                   zonemd_size(trial), trial->algorithm, digest_size(trial->kind));
        return;
    case ZONEMD_MISMATCH: tell_mismatch(trial, &place, report); return;
    }
}

// How often each scheme and hash algorithm is there: a table, since a zone may have 65536 of them.
static uint8_t *count_pairs(const struct record *list, size_t count)
{
    uint8_t *times = memory_get_zeroed(65536, sizeof *times);
    for (size_t i = 0; i < count; i++) {
        uint8_t *here = &times[bytes_get16(list[i].rdata + 4)];
        *here += *here < 2;
    }
    return times;
}

static enum zonemd_verdict try_each(struct trial *trial, size_t count, struct report *report)
{
    enum zonemd_verdict farthest = ZONEMD_NONE;
    const struct record *list = trial->record;
    uint8_t *times = count_pairs(list, count);
    for (size_t i = 0; i < count && farthest < ZONEMD_VERIFIED; i++) {
        trial->record = &list[i];
        trial->repeated = times[bytes_get16(list[i].rdata + 4)] > 1;
        enum zonemd_verdict verdict = judge(trial);
        tell(trial, verdict, report);
        farthest = verdict > farthest ? verdict : farthest;
    }
    free(times);
    return farthest;
}

enum zonemd_verdict zonemd_check(const struct records *records, struct report *report)
{
    struct trial trial = {.records = records};
    const struct record *soa = NULL;
    size_t end = records->count ? find_owner_end(records, 0) : 0, count = 0;
    for (size_t i = 0; i < end; i++) {
        const struct record *record = &records->list[i];
        if (record->type == TYPE_SOA)
            soa = record;
        if (record->type == TYPE_ZONEMD && count++ == 0)
            trial.record = record;
    }
    assert(soa && soa->rdata_size >= 20);
    if (count == 0) {
        struct place place = records_place(records, soa);
        report_add(report, SEVERITY_ERROR, &place, NULL,
                   "the zone has no ZONEMD record that it could be verified by");
        return ZONEMD_NONE;
    }
    trial.serial = bytes_get32(soa->rdata + soa->rdata_size - 20);
    struct report failures = {0};
    enum zonemd_verdict verdict = try_each(&trial, count, &failures);
    if (verdict != ZONEMD_VERIFIED)
        report_move(report, &failures);
    report_free(&failures);
    return verdict;
}

const char *zonemd_word(enum zonemd_verdict verdict)
{
    static const char *const words[ZONEMD_VERDICTS] = {
        [ZONEMD_UNCHECKED] = "unchecked",
        [ZONEMD_NONE] = "none",
        [ZONEMD_REPEATED] = "repeated",
        [ZONEMD_OTHER_SERIAL] = "other_serial",
        [ZONEMD_UNKNOWN_SCHEME] = "unknown_scheme",
        [ZONEMD_UNKNOWN_ALGORITHM] = "unknown_algorithm",
        [ZONEMD_WRONG_SIZE] = "wrong_size",
        [ZONEMD_MISMATCH] = "mismatch",
        [ZONEMD_VERIFIED] = "verified",
    };
    assert(verdict < ZONEMD_VERDICTS);
    return words[verdict];
}
