// The judge of a zone's records (check.h).
//
// Two passes over the sorted list. The first goes by RRset: one TTL, no duplicates. The second goes
// by owner, and as the order is canonical, all that lies below a name follows it at once: of the
// cuts and DNAMEs above an owner only the highest counts, so ONE `hider` is the whole stack.
//
//   example.test.            SOA NS ...
//   sub.example.test.        NS ns.sub ...    a cut: hider from here ...
//   ns.sub.example.test.     A                  glue, if an NS of the cut names it
//   x.sub.example.test.      TXT                not served: a warning
//   www.example.test.        A                ... to here
//
// An address below a cut that the cut's own NS do not name may still be glue of another cut
// (sibling glue, RFC 9471 2.2). These are set aside and settled by one more pass, if there are any.
#include "zone/check.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "base/memory.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "zone/owner.h"

#define PLACE_TEXT_MAX 320  // " (other: file:line)"
#define NEARBY         8    // records behind an owner that are looked at before all others
#define KNOWN_SLOTS    1024 // name servers remembered: the few that most delegations name

// RFC 2181 10.1's names for what may stand beside a CNAME; long gone, still legal.
enum { TYPE_SIG = 24, TYPE_KEY = 25, TYPE_NXT = 30 };

// Records list[first] to list[end - 1].
struct span {
    size_t first, end;
};

// Where the lines of a source begin, made when the first problem in it is told: zones have up to a
// million lines, and PROBLEMS_MAX searches from the top would take seconds.
struct lines {
    uint32_t *starts; // [line - 1]
    size_t count;
};

struct checker {
    struct records *records;
    struct report *report;
    bool strict;
    size_t errors;
    struct lines *lines; // one for each source, or NULL

    enum { HIDES_NOTHING, HIDES_CUT, HIDES_DNAME } hides;
    struct span hider; // the owner's records, if it hides what is below
    size_t near;       // where look-ups begin: the first record of the owner that is judged

    struct stray {
        size_t index; // of an address at or below a cut
        bool named;   // by an NS of another cut
    } * strays;       // in canonical order, as they were met
    size_t stray_count, stray_room;

    struct name known[KNOWN_SLOTS]; // name servers looked up before, by hash; size 0: none
};

// --- problems ------------------------------------------------------------------------------------

static void find_lines(const struct record_source *source, struct lines *lines)
{
    size_t room = 0;
    const char *at = source->octets, *end = at + source->size;
    while (at) {
        lines->starts = memory_grow(lines->starts, &room, lines->count + 1, sizeof *lines->starts);
        lines->starts[lines->count++] = (uint32_t)(at - source->octets);
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
}

// As records_place, but quick when asked a thousand times. Past PROBLEMS_MAX nobody will see it.
static struct place place_of(struct checker *checker, const struct record *record)
{
    const struct records *records = checker->records;
    if (record->line == 0 || record->file >= records->source_count)
        return (struct place){0};
    const struct record_source *source = &records->sources[record->file];
    struct place place = {.file = source->path, .line = record->line, .column = 1};
    if (!source->octets || source->size > UINT32_MAX || checker->report->count >= PROBLEMS_MAX)
        return place;
    if (!checker->lines)
        checker->lines = memory_get_zeroed(records->source_count, sizeof *checker->lines);
    struct lines *lines = &checker->lines[record->file];
    if (!lines->starts)
        find_lines(source, lines);
    if (record->line <= lines->count) {
        place.source = source->octets + lines->starts[record->line - 1];
        place.source_size = (uint32_t)(source->octets + source->size - place.source);
    }
    return place;
}

__attribute__((format(printf, 5, 6))) static void complain(struct checker *checker,
                                                           enum severity severity,
                                                           const struct record *record,
                                                           const char *hint, const char *format,
                                                           ...)
{
    if (checker->strict)
        severity = SEVERITY_ERROR;
    checker->errors += severity == SEVERITY_ERROR;
    struct buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&message, format, arguments);
    va_end(arguments);
    struct place place = place_of(checker, record);
    report_add(checker->report, severity, &place, hint, "%s", buffer_text(&message));
    buffer_free(&message);
}

// " (other: line 8)", or with its file if that is another one; "" if it came from nowhere.
static const char *tell_other(const struct checker *checker, const struct record *here,
                              const struct record *other, char text[static PLACE_TEXT_MAX])
{
    text[0] = 0;
    if (other->line == 0)
        return text;
    if (other->file == here->file)
        snprintf(text, PLACE_TEXT_MAX, " (other: line %u)", other->line);
    else if (other->file < checker->records->source_count)
        snprintf(text, PLACE_TEXT_MAX, " (other: %s:%u)",
                 checker->records->sources[other->file].path, other->line);
    return text;
}

static bool is_later(const struct record *a, const struct record *b)
{
    return a->file != b->file ? a->file > b->file : a->line > b->line;
}

// --- spans ---------------------------------------------------------------------------------------

static const struct record *record_at(const struct checker *checker, size_t index)
{
    assert(index < checker->records->count);
    return &checker->records->list[index];
}

static uint16_t covered_type(const struct record *record)
{
    return record->rdata_size < 2 ? 0 : bytes_get16(record->rdata);
}

// RRSIGs are one RRset for each type that they cover: they belong to that type's RRset.
static bool shares_rrset(const struct record *a, const struct record *b)
{
    if (a->type != b->type || !owner_is_shared(a, b))
        return false;
    return a->type != TYPE_RRSIG || covered_type(a) == covered_type(b);
}

static struct span owner_span(const struct records *records, size_t first)
{
    size_t end = first + 1;
    while (end < records->count && owner_is_shared(&records->list[first], &records->list[end]))
        end++;
    return (struct span){first, end};
}

static struct span rrset_span(const struct records *records, size_t first)
{
    size_t end = first + 1;
    while (end < records->count && shares_rrset(&records->list[first], &records->list[end]))
        end++;
    return (struct span){first, end};
}

// The records of one type among those of an owner; empty if there are none.
static struct span find_type(const struct checker *checker, struct span owner, uint16_t type)
{
    size_t first = owner.first;
    while (first < owner.end && record_at(checker, first)->type != type)
        first++;
    size_t end = first;
    while (end < owner.end && record_at(checker, end)->type == type)
        end++;
    return (struct span){first, end};
}

static bool has_type(const struct checker *checker, struct span owner, uint16_t type)
{
    struct span found = find_type(checker, owner, type);
    return found.first < found.end;
}

static int compare_at(const struct checker *checker, size_t index, struct name name)
{
    return name_compare(record_owner(record_at(checker, index)), name);
}

// Among the few records from here on, where glue stands behind its cut. A name of another size
// costs next to nothing, and most are.
static bool find_nearby(const struct checker *checker, struct name name, struct span *found)
{
    size_t end = checker->near + NEARBY;
    if (end > checker->records->count)
        end = checker->records->count;
    for (size_t i = checker->near; i < end; i++) {
        if (!name_equal(record_owner(record_at(checker, i)), name))
            continue;
        *found = owner_span(checker->records, i);
        return true;
    }
    return false;
}

// The records of a name; empty if it has none. Hosts are often named by their neighbours, so the
// search starts where we are and widens its steps.
static struct span find_name(const struct checker *checker, struct name name)
{
    struct span nearby;
    if (find_nearby(checker, name, &nearby))
        return nearby;
    size_t count = checker->records->count;
    size_t low = 0, high = count; // what is sought is in [low, high]
    if (compare_at(checker, checker->near, name) < 0) {
        low = checker->near + 1;
        for (size_t step = 1; low + step < count; step *= 2) {
            if (compare_at(checker, low + step, name) >= 0) {
                high = low + step;
                break;
            }
            low += step + 1;
        }
    } else {
        high = checker->near;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_at(checker, middle, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || !name_equal(record_owner(record_at(checker, low)), name))
        return (struct span){low, low};
    return owner_span(checker->records, low);
}

static bool is_empty(struct span span)
{
    return span.first == span.end;
}

// --- first pass: RRsets --------------------------------------------------------------------------

// RFC 2181 5.2: the TTLs of an RRset are equal; where they are not, the lowest counts for all.
static void level_ttls(struct checker *checker, struct span set)
{
    struct record *list = checker->records->list;
    const struct record *lowest = &list[set.first], *highest = lowest;
    for (size_t i = set.first + 1; i < set.end; i++) {
        if (list[i].ttl < lowest->ttl)
            lowest = &list[i];
        if (list[i].ttl > highest->ttl)
            highest = &list[i];
    }
    if (lowest->ttl == highest->ttl)
        return;
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], other[PLACE_TEXT_MAX];
    name_print(record_owner(lowest), owner);
    type_print(lowest->type, type);
    complain(checker, SEVERITY_WARNING, highest, "give all records of one name and type one TTL",
             "TTL %u and TTL %u in one RRset, %s %s%s; %u is used", highest->ttl, lowest->ttl,
             owner, type, tell_other(checker, highest, lowest, other), lowest->ttl);
    uint32_t ttl = lowest->ttl;
    for (size_t i = set.first; i < set.end; i++)
        list[i].ttl = ttl;
}

static void warn_of_duplicate(struct checker *checker, const struct record *record,
                              const struct record *kept)
{
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], other[PLACE_TEXT_MAX];
    name_print(record_owner(record), owner);
    type_print(record->type, type);
    complain(checker, SEVERITY_WARNING, record, NULL, "duplicate of %s %s%s: dropped", owner, type,
             tell_other(checker, record, kept, other));
}

static void tidy_rrsets(struct checker *checker)
{
    struct records *records = checker->records;
    struct record *list = records->list;
    size_t filled = 0;
    for (size_t first = 0; first < records->count;) {
        struct span set = rrset_span(records, first);
        first = set.end;
        if (set.end - set.first > 1)
            level_ttls(checker, set);
        if (filled != set.first) // something was dropped before
            list[filled] = list[set.first];
        filled++;
        for (size_t i = set.first + 1; i < set.end; i++) {
            const struct record *kept = &list[filled - 1];
            if (rdata_compare(kept->type, kept->rdata, kept->rdata_size, list[i].rdata,
                              list[i].rdata_size) == 0)
                warn_of_duplicate(checker, &list[i], kept);
            else
                list[filled++] = list[i];
        }
    }
    records->count = filled;
}

// --- second pass: names in rdata -----------------------------------------------------------------

// mail.example.test.example.test.: a dot was forgotten behind mail.example.test.
static bool repeats_origin(const struct checker *checker, struct name name)
{
    struct name origin = checker->records->origin;
    if (origin.labels == 0 || name.labels < 2 * origin.labels || !name_is_within(name, origin))
        return false;
    const uint8_t *middle = name_suffix(name, 2u * origin.labels).wire;
    for (unsigned i = 0; i + 1 < origin.size; i++) // but for the root; lengths are never letters
        if (byte_fold(middle[i]) != byte_fold(origin.wire[i]))
            return false;
    return true;
}

static const char dot_hint[] = "is the dot missing at its end in the file?";

static struct name *known_slot(struct checker *checker, struct name name)
{
    uint32_t hash = 0;
    for (unsigned i = 0; i < name.size; i++)
        hash = hash * 31 + name.wire[i];
    return &checker->known[(hash ^ hash >> 15) % KNOWN_SLOTS];
}

static bool has_address(const struct checker *checker, struct span owner)
{
    return has_type(checker, owner, TYPE_A) || has_type(checker, owner, TYPE_AAAA);
}

// RFC 4592: a name that does not exist may get its address from a wildcard above it.
static bool may_be_wildcard(const struct checker *checker, struct name name)
{
    static const uint8_t star[] = {1, '*', 0};
    struct name wildcard_label = {star, sizeof star, 1};
    for (unsigned labels = name.labels; labels-- > checker->records->origin.labels;) {
        uint8_t storage[NAME_OCTETS_MAX];
        struct name wildcard;
        if (name_join(wildcard_label, 1, name_suffix(name, labels), storage, &wildcard) &&
            has_address(checker, find_name(checker, wildcard)))
            return true;
    }
    return false;
}

static bool is_at_or_below_cut(const struct checker *checker, struct name name)
{
    for (unsigned labels = checker->records->origin.labels + 1u; labels <= name.labels; labels++)
        if (has_type(checker, find_name(checker, name_suffix(name, labels)), TYPE_NS))
            return true;
    return false;
}

static void warn_of_alias(struct checker *checker, const struct record *record, struct name target,
                          const struct record *alias)
{
    char owner[NAME_TEXT_MAX], name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], other[PLACE_TEXT_MAX];
    name_print(record_owner(record), owner);
    name_print(target, name);
    type_print(record->type, type);
    complain(checker, SEVERITY_WARNING, record, "name the host itself (RFC 2181 10.3)",
             "%s of %s names %s, which is a CNAME%s", type, owner, name,
             tell_other(checker, record, alias, other));
}

static void warn_of_no_address(struct checker *checker, const struct record *record,
                               struct name target, bool glue)
{
    char owner[NAME_TEXT_MAX], name[NAME_TEXT_MAX];
    name_print(record_owner(record), owner);
    name_print(target, name);
    const char *hint = repeats_origin(checker, target) ? dot_hint : NULL;
    if (glue)
        complain(checker, SEVERITY_WARNING, record, hint,
                 "missing glue: no address of %s, the name server of %s that is inside of it", name,
                 owner);
    else
        complain(checker, SEVERITY_WARNING, record, hint,
                 "name server %s of %s has no address in this zone", name, owner);
}

// A server inside of its own cut needs glue there. Of any other one all is said the first time:
// without `known` a zone of a million delegations to one host would be told of it a million times.
static void check_name_server(struct checker *checker, const struct record *record,
                              struct name target)
{
    struct name owner = record_owner(record);
    bool apex = owner.labels == checker->records->origin.labels;
    bool glue = !apex && name_is_within(target, owner);
    if (!glue) {
        struct name *known = known_slot(checker, target);
        if (known->size == target.size && memcmp(known->wire, target.wire, target.size) == 0)
            return;
        *known = target;
    }
    struct span found = find_name(checker, target);
    struct span alias = find_type(checker, found, TYPE_CNAME);
    if (!is_empty(alias)) {
        warn_of_alias(checker, record, target, record_at(checker, alias.first));
        return;
    }
    // Below another cut its address is that zone's affair, and glue for it would be a kindness.
    if (!has_address(checker, found) &&
        (glue || (!is_at_or_below_cut(checker, target) && !may_be_wildcard(checker, target))))
        warn_of_no_address(checker, record, target, glue);
}

static void check_target(struct checker *checker, const struct record *record, struct name target)
{
    if (target.labels == 0 || !name_is_within(target, checker->records->origin))
        return; // "." in MX and SRV: no such service (RFC 7505, RFC 2782)
    if (record->type == TYPE_NS) {
        check_name_server(checker, record, target);
        return;
    }
    bool host = record->type == TYPE_MX || record->type == TYPE_SRV;
    bool twice = repeats_origin(checker, target);
    if (!host && !twice)
        return;
    struct span found = find_name(checker, target);
    struct span alias = find_type(checker, found, TYPE_CNAME);
    if (host && !is_empty(alias))
        warn_of_alias(checker, record, target, record_at(checker, alias.first));
    if (!twice || !is_empty(found))
        return;
    char owner[NAME_TEXT_MAX], name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(record_owner(record), owner);
    name_print(target, name);
    type_print(record->type, type);
    complain(checker, SEVERITY_WARNING, record, dot_hint, "%s of %s names %s, which has no records",
             type, owner, name);
}

// The names that stand in the rdata of an RRset, by the table of types.
static void check_targets(struct checker *checker, struct span set)
{
    uint16_t type = record_at(checker, set.first)->type;
    if (type == TYPE_A || type == TYPE_AAAA || type == TYPE_TXT)
        return; // nearly all records: not even a look into the table
    const struct type_row *row = type_find(type);
    if (!row || row->names == 0)
        return;
    for (size_t i = set.first; i < set.end; i++) {
        const struct record *record = record_at(checker, i);
        size_t at = row->names_at;
        for (unsigned left = row->names; left > 0; left--) {
            struct name target;
            if (at > record->rdata_size ||
                !name_view(record->rdata + at, record->rdata_size - at, &target))
                break;
            check_target(checker, record, target);
            at += target.size;
        }
    }
}

// --- second pass: cuts and what they hide --------------------------------------------------------

static bool names_server(const struct checker *checker, struct span cut, struct name name)
{
    struct span set = find_type(checker, cut, TYPE_NS);
    for (size_t i = set.first; i < set.end; i++) {
        struct name server;
        const struct record *record = record_at(checker, i);
        if (name_view(record->rdata, record->rdata_size, &server) && name_equal(server, name))
            return true;
    }
    return false;
}

static void warn_of_hidden(struct checker *checker, const struct record *record)
{
    const struct record *hider = record_at(checker, checker->hider.first);
    bool dname = checker->hides == HIDES_DNAME;
    struct span cause = find_type(checker, checker->hider, dname ? TYPE_DNAME : TYPE_NS);
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX], top[NAME_TEXT_MAX], other[PLACE_TEXT_MAX];
    name_print(record_owner(record), owner);
    type_print(record->type, type);
    name_print(record_owner(hider), top);
    complain(checker, SEVERITY_WARNING, record, NULL, "%s %s is %s the %s %s%s and is not served",
             owner, type, owner_is_shared(record, hider) ? "at" : "below", dname ? "DNAME" : "cut",
             top, tell_other(checker, record, record_at(checker, cause.first), other));
}

// An address at or below a cut: glue if an NS names it.
static void check_glue(struct checker *checker, size_t index)
{
    if (names_server(checker, checker->hider, record_owner(record_at(checker, index))))
        return;
    checker->strays = memory_grow(checker->strays, &checker->stray_room, checker->stray_count + 1,
                                  sizeof *checker->strays);
    checker->strays[checker->stray_count++] = (struct stray){.index = index};
}

// NSEC3 records stand at hashes, one label below the apex, and are no data of those names (RFC 5155
// 3): a DNAME at the apex does not hide them.
static bool is_nsec3(const struct record *record)
{
    return record->type == TYPE_NSEC3 ||
           (record->type == TYPE_RRSIG && covered_type(record) == TYPE_NSEC3);
}

static void check_hidden_owner(struct checker *checker, struct span owner)
{
    for (struct span set = {0, owner.first}; set.end < owner.end;) {
        set = rrset_span(checker->records, set.end);
        const struct record *record = record_at(checker, set.first);
        bool address = record->type == TYPE_A || record->type == TYPE_AAAA;
        if (checker->hides == HIDES_CUT && address)
            check_glue(checker, set.first);
        else if (!is_nsec3(record))
            warn_of_hidden(checker, record);
    }
}

// RFC 4035 2: at a cut the parent has NS, DS, NSEC and their signatures, and glue.
static void check_cut(struct checker *checker, struct span owner)
{
    for (struct span set = {0, owner.first}; set.end < owner.end;) {
        set = rrset_span(checker->records, set.end);
        const struct record *record = record_at(checker, set.first);
        switch (record->type) {
        case TYPE_NS:
        case TYPE_DS:
        case TYPE_NSEC:
        case TYPE_RRSIG:
        case TYPE_CNAME: break; // is an error elsewhere
        case TYPE_A:
        case TYPE_AAAA: check_glue(checker, set.first); break;
        default: warn_of_hidden(checker, record); break;
        }
    }
}

static void mark_strays(struct checker *checker, struct name name)
{
    size_t low = 0, high = checker->stray_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_at(checker, checker->strays[middle].index, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < checker->stray_count; low++) {
        const struct record *record = record_at(checker, checker->strays[low].index);
        if (!name_equal(record_owner(record), name))
            break;
        checker->strays[low].named = true;
    }
}

static void settle_strays(struct checker *checker)
{
    const struct records *records = checker->records;
    if (checker->stray_count == 0)
        return;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        struct name server;
        if (record->type == TYPE_NS && name_view(record->rdata, record->rdata_size, &server) &&
            name_is_within(server, records->origin))
            mark_strays(checker, server);
    }
    for (size_t i = 0; i < checker->stray_count; i++) {
        if (checker->strays[i].named)
            continue;
        const struct record *record = record_at(checker, checker->strays[i].index);
        char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
        name_print(record_owner(record), owner);
        type_print(record->type, type);
        complain(checker, SEVERITY_WARNING, record, NULL,
                 "%s %s is at or below a cut, no NS names it, and it is not served", owner, type);
    }
}

// --- second pass: owners -------------------------------------------------------------------------

// RFC 1034 3.6.2; the exceptions are RFC 2181 10.1's, and RFC 4034 3 and 4 for their successors.
static bool may_stand_beside_cname(uint16_t type)
{
    switch (type) {
    case TYPE_CNAME:
    case TYPE_RRSIG:
    case TYPE_NSEC:
    case TYPE_SIG:
    case TYPE_KEY:
    case TYPE_NXT: return true;
    default: return false;
    }
}

static void check_cname(struct checker *checker, struct span owner)
{
    struct span found = find_type(checker, owner, TYPE_CNAME);
    if (is_empty(found))
        return;
    const struct record *cname = record_at(checker, found.first);
    for (size_t i = owner.first; i < owner.end; i++) {
        const struct record *record = record_at(checker, i);
        if (may_stand_beside_cname(record->type))
            continue;
        const struct record *here = is_later(record, cname) ? record : cname;
        char text[NAME_TEXT_MAX], other[PLACE_TEXT_MAX];
        name_print(record_owner(record), text);
        complain(checker, SEVERITY_ERROR, here, NULL, "CNAME and %s at %s%s",
                 record->type == TYPE_DNAME ? "DNAME" : "other data", text,
                 tell_other(checker, here, here == cname ? record : cname, other));
        return;
    }
}

// An ALIAS is where the addresses come from, so there are no others; and it leads to another name.
static void check_alias(struct checker *checker, struct span owner)
{
    struct span found = find_type(checker, owner, TYPE_ALIAS);
    char text[NAME_TEXT_MAX], other[PLACE_TEXT_MAX];
    if (is_empty(found))
        return;
    const struct record *alias = record_at(checker, found.first);
    struct span addresses = find_type(checker, owner, TYPE_A);
    if (is_empty(addresses))
        addresses = find_type(checker, owner, TYPE_AAAA);
    name_print(record_owner(alias), text);
    if (name_equal(name_trust(alias->rdata), record_owner(alias)))
        complain(checker, SEVERITY_ERROR, alias, "name the host that has the addresses",
                 "the ALIAS of %s leads to itself", text);
    if (!is_empty(addresses)) {
        const struct record *address = record_at(checker, addresses.first);
        const struct record *here = is_later(address, alias) ? address : alias;
        complain(checker, SEVERITY_ERROR, here, "keep one of them", "ALIAS and addresses at %s%s",
                 text, tell_other(checker, here, here == alias ? address : alias, other));
    }
}

static void check_single(struct checker *checker, struct span set)
{
    const struct record *first = record_at(checker, set.first);
    const struct type_row *row = type_find(first->type);
    if (!row || !row->single)
        return;
    const struct record *second = record_at(checker, set.first + 1);
    const struct record *here = is_later(second, first) ? second : first;
    char owner[NAME_TEXT_MAX], other[PLACE_TEXT_MAX];
    name_print(record_owner(first), owner);
    complain(checker, SEVERITY_ERROR, here, NULL, "two %s records at %s%s", row->mnemonic, owner,
             tell_other(checker, here, here == first ? second : first, other));
}

static void check_place_of_type(struct checker *checker, struct span set, bool apex, bool cut)
{
    const struct record *record = record_at(checker, set.first);
    char owner[NAME_TEXT_MAX];
    if (record->type == TYPE_SOA && !apex) {
        name_print(record_owner(record), owner);
        complain(checker, SEVERITY_ERROR, record, "a zone has one SOA, at its own name",
                 "SOA at %s, which is not the zone's name", owner);
    } else if (record->type == TYPE_DS && !cut) { // RFC 4035 2.4
        name_print(record_owner(record), owner);
        complain(checker, SEVERITY_WARNING, record,
                 apex ? "the DS of a zone belongs into its parent" : NULL,
                 "DS at %s, which is not delegated here", owner);
    }
}

static void check_owner(struct checker *checker, struct span owner)
{
    const struct record *first = record_at(checker, owner.first);
    struct name name = record_owner(first), origin = checker->records->origin;
    if (!name_is_within(name, origin)) {
        char text[NAME_TEXT_MAX];
        name_print(name, text);
        complain(checker, SEVERITY_ERROR, first, NULL, "%s is out of the zone", text);
        return;
    }
    if (checker->hides != HIDES_NOTHING &&
        name_is_within(name, record_owner(record_at(checker, checker->hider.first)))) {
        check_hidden_owner(checker, owner);
        return;
    }
    checker->near = owner.first;
    bool apex = name.labels == origin.labels;
    bool cut = !apex && has_type(checker, owner, TYPE_NS);
    bool dname = has_type(checker, owner, TYPE_DNAME);
    checker->hides = cut ? HIDES_CUT : dname ? HIDES_DNAME : HIDES_NOTHING;
    checker->hider = owner;
    check_cname(checker, owner);
    check_alias(checker, owner);
    for (struct span set = {0, owner.first}; set.end < owner.end;) {
        set = rrset_span(checker->records, set.end);
        if (set.end - set.first > 1)
            check_single(checker, set);
        check_place_of_type(checker, set, apex, cut);
        check_targets(checker, set);
    }
    if (cut)
        check_cut(checker, owner);
}

// RFC 1035 5.2: what every zone has at its name.
static void check_apex(struct checker *checker)
{
    const struct records *records = checker->records;
    checker->near = 0;
    struct span apex = {0, 0};
    if (records->count)
        apex = find_name(checker, records->origin);
    struct record nowhere = {0};
    char origin[NAME_TEXT_MAX];
    name_print(records->origin, origin);
    struct span soa = find_type(checker, apex, TYPE_SOA);
    const struct record *here = is_empty(soa) ? &nowhere : record_at(checker, soa.first);
    if (is_empty(soa))
        complain(checker, SEVERITY_ERROR, here, "is the zone's name right?", "no SOA record at %s",
                 origin);
    if (!has_type(checker, apex, TYPE_NS))
        complain(checker, SEVERITY_ERROR, here, NULL, "no NS record at %s", origin);
}

static void free_checker(struct checker *checker)
{
    for (size_t i = 0; checker->lines && i < checker->records->source_count; i++)
        free(checker->lines[i].starts);
    free(checker->lines);
    free(checker->strays);
}

bool check_records(struct records *records, const struct check_options *options,
                   struct report *report)
{
    struct checker checker = {.records = records, .report = report, .strict = options->strict};
    tidy_rrsets(&checker);
    check_apex(&checker);
    for (struct span owner = {0, 0}; owner.end < records->count;) {
        owner = owner_span(records, owner.end);
        check_owner(&checker, owner);
    }
    settle_strays(&checker);
    free_checker(&checker);
    return checker.errors == 0;
}
