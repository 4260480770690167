// Walking a database of places (mmdb.h).
//
// The tree is read where libmaxminddb has mapped it: node n is two records of 24, 28 or 32 bits. A
// record below the number of nodes is another node, that number itself is "nothing", and above it
// is a place in the data section, 16 octets of separator between. Trees are no trees in one way:
// some addresses that hold an IPv4 address lead into the IPv4 part. Those are passed over, as
// whoever looks up such an address looks up the IPv4 one; and so that a damaged file does not lead
// in circles for ever, no more nodes are visited than there are.
#include "policy/mmdb.h"

#include <assert.h>
#include <maxminddb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "policy/countries.h"

#define SEPARATOR 16 // zero octets between tree and data

// Numbers by the place of their record: open addressing, at most half full.
struct known {
    uint32_t *places, *numbers; // place + 1; 0: free
    size_t count, mask;
};

enum layout { LAYOUT_UNKNOWN, LAYOUT_NESTED, LAYOUT_FLAT };

struct mmdb {
    MMDB_s file;
    enum layout layout;
};

struct walk {
    struct mmdb *mmdb;
    mmdb_number *number;
    void *maker;
    struct runs *runs;
    struct known known;
    uint32_t visits_left;
    uint32_t v4_root; // in a walk of IPv6 it is passed over, and its aliases; UINT32_MAX: none
    unsigned bits;    // of the family
    bool is_damaged;
};

static bool is_too_large(off_t size)
{
    return (uint64_t)size > PLACES_FILE_OCTETS_MAX;
}

// The file as it is now, in memory: the library maps what it reads, and a mapped file that somebody
// makes shorter, as `cp` over it does, would end us. A descriptor or a negative errno.
static int copy_file(const char *path)
{
    struct stat status = {0};
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe is not waited for
    if (from < 0)
        return -errno;
    int error = fstat(from, &status) < 0       ? -errno
                : !S_ISREG(status.st_mode)     ? -EINVAL // without an end, maybe
                : is_too_large(status.st_size) ? -EFBIG
                                               : 0;
    int copy = error ? -1 : memfd_create("places", MFD_CLOEXEC);
    off_t left = status.st_size; // what is written behind that meanwhile is not waited for
    ssize_t sent = 1;
    for (; copy >= 0 && left > 0 && sent > 0; left -= sent > 0 ? sent : 0)
        sent = sendfile(copy, from, NULL, (size_t)left);
    if (!error && (copy < 0 || sent < 0))
        error = -errno;
    close(from);
    if (!error)
        return copy;
    if (copy >= 0)
        close(copy);
    return error;
}

struct mmdb *mmdb_open(const char *path, char **problem)
{
    char copied[32];
    int fd = copy_file(path);
    if (fd < 0) {
        *problem = memory_format("it cannot be read: %s", strerror(-fd));
        return NULL;
    }
    struct mmdb *mmdb = memory_get_zeroed(1, sizeof *mmdb);
    snprintf(copied, sizeof copied, "/proc/self/fd/%d", fd);
    int status = MMDB_open(copied, MMDB_MODE_MMAP, &mmdb->file);
    close(fd);
    if (status == MMDB_SUCCESS)
        return mmdb;
    *problem = memory_copy_text(MMDB_strerror(status));
    free(mmdb);
    return NULL;
}

void mmdb_close(struct mmdb *mmdb)
{
    if (!mmdb)
        return;
    MMDB_close(&mmdb->file);
    free(mmdb);
}

// --- records -------------------------------------------------------------------------------------

static MMDB_entry_s entry_at(const struct mmdb *mmdb, uint32_t offset)
{
    return (MMDB_entry_s){.mmdb = &mmdb->file, .offset = offset};
}

static bool get(MMDB_entry_s *entry, const char *const *path, MMDB_entry_data_s *value)
{
    return MMDB_aget_value(entry, value, path) == MMDB_SUCCESS && value->has_data;
}

static void get_text(MMDB_entry_s *entry, const char *const *path, char *to, size_t room)
{
    MMDB_entry_data_s value;
    *to = 0;
    if (!get(entry, path, &value) || value.type != MMDB_DATA_TYPE_UTF8_STRING ||
        value.data_size == 0 || value.data_size >= room ||
        memchr(value.utf8_string, 0, value.data_size))
        return;
    memcpy(to, value.utf8_string, value.data_size);
    to[value.data_size] = 0;
}

static bool get_degrees(MMDB_entry_s *entry, const char *const *path, float most, float *degrees)
{
    MMDB_entry_data_s value;
    if (!get(entry, path, &value))
        return false;
    if (value.type == MMDB_DATA_TYPE_DOUBLE)
        *degrees = (float)value.double_value;
    else if (value.type == MMDB_DATA_TYPE_FLOAT)
        *degrees = value.float_value;
    else
        return false;
    return *degrees >= -most && *degrees <= most; // false for what is no number, too
}

static uint32_t get_asn(MMDB_entry_s *entry)
{
    static const char *const path[] = {"autonomous_system_number", NULL};
    MMDB_entry_data_s value;
    if (!get(entry, path, &value))
        return 0;
    switch (value.type) {
    case MMDB_DATA_TYPE_UINT16: return value.uint16;
    case MMDB_DATA_TYPE_UINT32: return value.uint32;
    case MMDB_DATA_TYPE_UINT64: return value.uint64 <= UINT32_MAX ? (uint32_t)value.uint64 : 0;
    case MMDB_DATA_TYPE_INT32: return value.int32 > 0 ? (uint32_t)value.int32 : 0;
    default: return 0;
    }
}

static void read_nested(MMDB_entry_s *entry, struct mmdb_record *record)
{
    static const char *const country[] = {"country", "iso_code", NULL};
    static const char *const registered[] = {"registered_country", "iso_code", NULL};
    static const char *const continent[] = {"continent", "code", NULL};
    static const char *const subdivision[] = {"subdivisions", "0", "iso_code", NULL};
    static const char *const latitude[] = {"location", "latitude", NULL};
    static const char *const longitude[] = {"location", "longitude", NULL};
    get_text(entry, country, record->country, sizeof record->country);
    if (!record->country[0]) // where the network is registered: better than nothing
        get_text(entry, registered, record->country, sizeof record->country);
    get_text(entry, continent, record->continent, sizeof record->continent);
    get_text(entry, subdivision, record->subdivision, sizeof record->subdivision);
    record->has_point = get_degrees(entry, latitude, 90, &record->latitude) &&
                        get_degrees(entry, longitude, 180, &record->longitude);
}

static void read_flat(MMDB_entry_s *entry, struct mmdb_record *record)
{
    static const char *const country[] = {"country_code", NULL};
    static const char *const continent[] = {"continent_code", NULL};
    static const char *const subdivision[] = {"state1", NULL};
    static const char *const latitude[] = {"latitude", NULL};
    static const char *const longitude[] = {"longitude", NULL};
    get_text(entry, country, record->country, sizeof record->country);
    get_text(entry, continent, record->continent, sizeof record->continent);
    get_text(entry, subdivision, record->subdivision, sizeof record->subdivision);
    record->has_point = get_degrees(entry, latitude, 90, &record->latitude) &&
                        get_degrees(entry, longitude, 180, &record->longitude);
}

static bool says_something(const struct mmdb_record *record)
{
    return record->country[0] || record->continent[0] || record->has_point;
}

// A database is all of one layout: the first record that says something decides.
static void read_record(struct mmdb *mmdb, uint32_t offset, struct mmdb_record *record)
{
    MMDB_entry_s entry = entry_at(mmdb, offset);
    memset(record, 0, sizeof *record);
    if (mmdb->layout != LAYOUT_FLAT)
        read_nested(&entry, record);
    if (mmdb->layout == LAYOUT_UNKNOWN && says_something(record))
        mmdb->layout = LAYOUT_NESTED;
    if (mmdb->layout != LAYOUT_NESTED)
        read_flat(&entry, record);
    if (mmdb->layout == LAYOUT_UNKNOWN && says_something(record))
        mmdb->layout = LAYOUT_FLAT;
    record->asn = get_asn(&entry);
    const struct country *country = countries_find(record->country);
    if (country && !record->continent[0])
        memcpy(record->continent, country->continent, sizeof record->continent);
}

// --- numbers of records --------------------------------------------------------------------------

static void grow(struct known *known)
{
    struct known old = *known;
    size_t room = old.places ? 2 * (old.mask + 1) : 1024;
    known->places = memory_get_zeroed(room, sizeof *known->places);
    known->numbers = memory_get(room * sizeof *known->numbers);
    known->mask = room - 1;
    for (size_t i = 0; old.places && i <= old.mask; i++) {
        if (!old.places[i])
            continue;
        size_t at = old.places[i] * 0x9e3779b1u & known->mask;
        while (known->places[at])
            at = (at + 1) & known->mask;
        known->places[at] = old.places[i];
        known->numbers[at] = old.numbers[i];
    }
    free(old.places);
    free(old.numbers);
}

static uint32_t number_of(struct walk *walk, uint32_t offset)
{
    struct known *known = &walk->known;
    if (2 * known->count >= known->mask)
        grow(known);
    size_t at = (offset + 1) * 0x9e3779b1u & known->mask;
    while (known->places[at] && known->places[at] != offset + 1)
        at = (at + 1) & known->mask;
    if (!known->places[at]) {
        struct mmdb_record record;
        read_record(walk->mmdb, offset, &record);
        known->places[at] = offset + 1;
        known->numbers[at] = walk->number(walk->maker, &record);
        known->count++;
    }
    return known->numbers[at];
}

// --- the tree ------------------------------------------------------------------------------------

static uint32_t read_side(const struct mmdb *mmdb, uint32_t node, unsigned side)
{
    unsigned bits = mmdb->file.metadata.record_size;
    const uint8_t *at = mmdb->file.file_content + (size_t)node * bits / 4;
    const uint8_t *half = at + side * (bits / 8);
    if (bits == 24)
        return (uint32_t)half[0] << 16 | (uint32_t)half[1] << 8 | half[2];
    if (bits == 32)
        return (uint32_t)half[0] << 24 | (uint32_t)half[1] << 16 | (uint32_t)half[2] << 8 | half[3];
    // 28: the middle octet has the top four bits of both.
    uint32_t top = side ? at[3] & 15u : at[3] >> 4;
    half = side ? at + 4 : at;
    return top << 24 | (uint32_t)half[0] << 16 | (uint32_t)half[1] << 8 | half[2];
}

static void add_leaf(struct walk *walk, runs_address start, uint32_t record)
{
    const MMDB_s *file = &walk->mmdb->file;
    uint32_t nodes = file->metadata.node_count, value = 0;
    if (record > nodes) {
        uint32_t offset = record - nodes;
        if (offset < SEPARATOR || offset - SEPARATOR >= file->data_section_size) {
            walk->is_damaged = true;
            return;
        }
        value = number_of(walk, offset - SEPARATOR);
    }
    runs_add(walk->runs, start, value);
}

// All below one record, which covers the addresses that share their first `depth` bits.
static void walk_down(struct walk *walk, uint32_t record, runs_address start, unsigned depth)
{
    uint32_t nodes = walk->mmdb->file.metadata.node_count;
    if (walk->is_damaged)
        return;
    if (record == walk->v4_root && record < nodes && depth > 0) {
        runs_add(walk->runs, start, 0); // addresses that hold an IPv4 address, wherever
        return;
    }
    if (record >= nodes) {
        add_leaf(walk, start, record);
        return;
    }
    if (depth == walk->bits || walk->visits_left == 0) {
        walk->is_damaged = true;
        return;
    }
    walk->visits_left--;
    depth++;
    walk_down(walk, read_side(walk->mmdb, record, 0), start, depth);
    walk_down(walk, read_side(walk->mmdb, record, 1),
              start | (runs_address)1 << (walk->bits - depth), depth);
}

// The record that stands for ::/96, where a tree of IPv6 keeps IPv4; it may end before that.
static uint32_t find_v4_root(const struct mmdb *mmdb)
{
    uint32_t record = 0, nodes = mmdb->file.metadata.node_count;
    if (mmdb->file.metadata.ip_version == 4)
        return 0;
    for (unsigned depth = 0; depth < 96 && record < nodes; depth++)
        record = read_side(mmdb, record, 0);
    return record;
}

static bool walk_from(struct walk *walk, uint32_t record)
{
    walk->visits_left = walk->mmdb->file.metadata.node_count;
    walk_down(walk, record, 0, 0);
    free(walk->known.places);
    free(walk->known.numbers);
    return !walk->is_damaged;
}

bool mmdb_walk_v4(struct mmdb *mmdb, mmdb_number *number, void *maker, struct runs *runs)
{
    struct walk walk = {.mmdb = mmdb,
                        .number = number,
                        .maker = maker,
                        .runs = runs,
                        .v4_root = UINT32_MAX,
                        .bits = 32};
    return walk_from(&walk, find_v4_root(mmdb));
}

bool mmdb_walk_v6(struct mmdb *mmdb, mmdb_number *number, void *maker, struct runs *runs)
{
    struct walk walk = {.mmdb = mmdb, .number = number, .maker = maker, .runs = runs, .bits = 128};
    if (mmdb->file.metadata.ip_version == 4) {
        runs_add(runs, 0, 0);
        return true;
    }
    walk.v4_root = find_v4_root(mmdb);
    return walk_from(&walk, 0);
}

// --- for people ----------------------------------------------------------------------------------

bool mmdb_find(const struct mmdb *mmdb, const struct address *address, struct mmdb_record *record)
{
    int status;
    struct mmdb *reader = (struct mmdb *)mmdb; // what it learns of the layout stays true
    if (mmdb->file.metadata.ip_version == 4 && address->any.sa_family == AF_INET6)
        return false;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&mmdb->file, &address->any, &status);
    if (status != MMDB_SUCCESS || !found.found_entry)
        return false;
    read_record(reader, found.entry.offset, record);
    return true;
}

static void list_keys(MMDB_entry_data_list_s *list, struct buffer *to)
{
    const char *comma = "";
    unsigned left =
        list && list->entry_data.type == MMDB_DATA_TYPE_MAP ? list->entry_data.data_size : 0;
    for (list = left ? list->next : NULL; left && list; left--) {
        if (list->entry_data.type != MMDB_DATA_TYPE_UTF8_STRING)
            return;
        buffer_format(to, "%s%.*s", comma, (int)list->entry_data.data_size,
                      list->entry_data.utf8_string);
        comma = ", ";
        list = list->next; // the value
        if (!list || list->entry_data.type == MMDB_DATA_TYPE_MAP ||
            list->entry_data.type == MMDB_DATA_TYPE_ARRAY)
            return; // what is in it is not counted here
        list = list->next;
    }
}

void mmdb_fields(const struct mmdb *mmdb, struct buffer *to)
{
    MMDB_entry_s entry = entry_at(mmdb, 0);
    MMDB_entry_data_list_s *list = NULL;
    if (MMDB_get_entry_data_list(&entry, &list) == MMDB_SUCCESS)
        list_keys(list, to);
    MMDB_free_entry_data_list(list);
}
