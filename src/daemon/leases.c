// Lease files (leases.h).
#include "daemon/leases.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

#define BLANKS      " \t\r\v\f"
#define NEVER       UINT64_MAX
#define COLUMNS_MAX 32
#define KEA_HEAD    "address,"
#define ISC_LEASE   "lease "

// The next line, ended by a NUL; NULL: there is none.
static char *take_line(char **at, char *end)
{
    if (*at >= end)
        return NULL;
    char *line = *at, *next = memchr(line, '\n', (size_t)(end - line));
    next = next ? next : end;
    *next = 0;
    *at = next + 1;
    return line;
}

// The next word of the line, ended by a NUL; NULL: there is none.
static char *take_word(char **at)
{
    char *word = *at + strspn(*at, BLANKS);
    size_t size = strcspn(word, BLANKS);
    *at = word + size + (word[size] != 0);
    word[size] = 0;
    return size ? word : NULL;
}

static bool read_number(const char *text, uint64_t *number)
{
    size_t size = strspn(text, "0123456789");
    *number = strtoull(text, NULL, 10);
    return size > 0 && size < 19 && text[size] == 0;
}

// An address without a port or a zone.
static bool read_address(const char *text, struct address *address)
{
    struct address other;
    return !strpbrk(text, "[%") && address_parse(text, 0, address) &&
           address_parse(text, 1, &other) && address_port(&other) == 1;
}

// `name` NULL: what was said of the address before is over.
static void add(struct leases *leases, const struct address *address, const char *name,
                uint64_t expires_s)
{
    leases->list =
        memory_grow(leases->list, &leases->room, leases->count + 1, sizeof *leases->list);
    leases->list[leases->count++] =
        (struct lease){.address = *address, .name = name, .expires_s = expires_s};
}

// --- dnsmasq

static bool read_dnsmasq_line(struct leases *leases, char *line)
{
    uint64_t expires_s;
    struct address address;
    char *first = take_word(&line), *who = take_word(&line), *where = take_word(&line);
    const char *name = take_word(&line);
    if (!first || (strcmp(first, "duid") == 0 && who && !where))
        return true; // empty, or what our side of DHCPv6 is called
    if (!name || !read_number(first, &expires_s) || !read_address(where, &address))
        return false;
    add(leases, &address, strcmp(name, "*") == 0 ? NULL : name, expires_s ? expires_s : NEVER);
    return true;
}

// --- Kea

// Splits a line at its commas. Returns how many columns there are.
static size_t split(char *line, char *columns[static COLUMNS_MAX])
{
    size_t count = 0;
    line[strcspn(line, "\r")] = 0;
    while (count < COLUMNS_MAX) {
        columns[count++] = line;
        line += strcspn(line, ",");
        if (!*line)
            break;
        *line++ = 0;
    }
    return count;
}

struct kea { // where these columns stand; COLUMNS_MAX: nowhere
    size_t address, lifetime, expire, name, state;
};

static size_t find_column(char *const *columns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i], name) == 0)
            return i;
    return COLUMNS_MAX;
}

static struct kea read_kea_head(char *line)
{
    char *columns[COLUMNS_MAX];
    size_t count = split(line, columns);
    return (struct kea){
        find_column(columns, count, "address"), find_column(columns, count, "valid_lifetime"),
        find_column(columns, count, "expire"), find_column(columns, count, "hostname"),
        find_column(columns, count, "state")};
}

static bool read_kea_line(struct leases *leases, const struct kea *kea, char *line)
{
    char *columns[COLUMNS_MAX];
    size_t count = split(line, columns);
    uint64_t expires_s, lifetime_s, state = 0;
    struct address address;
    if (count == 1 && !*columns[0])
        return true;
    if (kea->address >= count || kea->lifetime >= count || kea->expire >= count ||
        kea->name >= count || !read_address(columns[kea->address], &address) ||
        !read_number(columns[kea->lifetime], &lifetime_s) ||
        !read_number(columns[kea->expire], &expires_s) ||
        (kea->state < count && !read_number(columns[kea->state], &state)))
        return false;
    bool given = state == 0 && lifetime_s > 0 && *columns[kea->name];
    bool never = lifetime_s == UINT32_MAX; // RFC 2131 3.3
    add(leases, &address, given ? columns[kea->name] : NULL, never ? NEVER : expires_s);
    return true;
}

// --- ISC dhcpd

struct isc {
    bool open; // within a lease
    struct address address;
    const char *name;
    uint64_t expires_s;
    bool active;
};

// "ends 4 2023/11/16 10:00:00;", "ends epoch 1700128800;", "ends never;": in UTC.
static bool read_end(char *words, uint64_t *expires_s)
{
    struct tm parts = {0};
    char *kind = take_word(&words), *day = take_word(&words), *hour = take_word(&words);
    if (kind && strcmp(kind, "never;") == 0) {
        *expires_s = NEVER;
        return true;
    }
    if (!kind || !day)
        return false;
    if (strcmp(kind, "epoch") == 0) {
        day[strcspn(day, ";")] = 0;
        return read_number(day, expires_s);
    }
    if (!hour || !strptime(day, "%Y/%m/%d", &parts) || !strptime(hour, "%H:%M:%S", &parts))
        return false;
    time_t date = timegm(&parts);
    *expires_s = date > 0 ? (uint64_t)date : 0;
    return true;
}

static bool read_isc_member(struct isc *isc, char *line)
{
    char *word = take_word(&line);
    if (!word)
        return true;
    if (strcmp(word, "ends") == 0)
        return read_end(line, &isc->expires_s);
    if (strcmp(word, "binding") == 0) {
        char *state = take_word(&line), *which = take_word(&line);
        if (state && which && strcmp(state, "state") == 0)
            isc->active = strcmp(which, "active;") == 0;
    } else if (strcmp(word, "client-hostname") == 0) {
        char *name = line + strspn(line, BLANKS);
        if (*name++ != '"')
            return false;
        name[strcspn(name, "\"")] = 0;
        isc->name = name;
    }
    return true;
}

static bool read_isc_line(struct leases *leases, struct isc *isc, char *line)
{
    line += strspn(line, BLANKS);
    if (isc->open && *line == '}') {
        add(leases, &isc->address, isc->active ? isc->name : NULL, isc->expires_s);
        isc->open = false;
        return true;
    }
    if (isc->open)
        return read_isc_member(isc, line);
    if (strncmp(line, ISC_LEASE, strlen(ISC_LEASE)) != 0)
        return true; // a comment, or what other things are kept in such a file
    line += strlen(ISC_LEASE);
    *isc = (struct isc){.expires_s = NEVER, .active = true};
    char *where = take_word(&line), *brace = take_word(&line);
    isc->open = where && brace && *brace == '{' && read_address(where, &isc->address);
    return isc->open;
}

// --- the newest of each

static int compare_addresses(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return a->any.sa_family < b->any.sa_family ? -1 : 1;
    return a->any.sa_family == AF_INET
               ? memcmp(&a->v4.sin_addr, &b->v4.sin_addr, sizeof a->v4.sin_addr)
               : memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr);
}

static int compare(const void *left, const void *right)
{
    const struct lease *const *a = left, *const *b = right;
    int order = compare_addresses(&(*a)->address, &(*b)->address);
    return order ? order : *a < *b ? -1 : 1; // where they stand in the list
}

static void keep_newest(struct leases *leases, uint64_t date_s)
{
    size_t count = leases->count, kept = 0;
    const struct lease **order = memory_get((count + 1) * sizeof *order);
    struct lease *newest = memory_get((count + 1) * sizeof *newest);
    for (size_t i = 0; i < count; i++)
        order[i] = &leases->list[i];
    qsort(order, count, sizeof *order, compare);
    for (size_t i = 0; i < count; i++) {
        bool last =
            i + 1 == count || compare_addresses(&order[i]->address, &order[i + 1]->address) != 0;
        if (last && order[i]->name && *order[i]->name && order[i]->expires_s > date_s)
            newest[kept++] = *order[i];
    }
    free(order);
    free(leases->list);
    *leases = (struct leases){newest, kept, count + 1, leases->bad, leases->first_bad};
}

// --- all of them

static bool begins_with(const char *text, size_t size, const char *word)
{
    return size >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

// A line of dnsmasq's begins with a date, which no address is.
static bool is_dnsmasq(const char *text, size_t size)
{
    size_t digits = 0;
    while (digits < size && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return begins_with(text, size, "duid ") || (digits > 0 && digits < size && text[digits] == ' ');
}

static bool is_isc(const char *text, size_t size)
{
    for (const char *end = text + size; text < end;) {
        if (begins_with(text, (size_t)(end - text), ISC_LEASE) ||
            begins_with(text, (size_t)(end - text), "authoring-byte-order "))
            return true;
        if (*text != '#' && *text != '\n' && *text != '\r')
            return false;
        const char *next = memchr(text, '\n', (size_t)(end - text));
        text = next ? next + 1 : end;
    }
    return false;
}

bool leases_are(const char *text, size_t size)
{
    return begins_with(text, size, KEA_HEAD) || is_dnsmasq(text, size) || is_isc(text, size);
}

void leases_read(char *text, size_t size, uint64_t date_s, struct leases *leases)
{
    char *at = text, *end = text + size, *line;
    bool is_kea = begins_with(text, size, KEA_HEAD), dnsmasq = is_dnsmasq(text, size);
    struct kea kea = {0};
    struct isc isc = {0};
    *leases = (struct leases){0};
    for (size_t number = 1; (line = take_line(&at, end)); number++) {
        bool good = true;
        if (is_kea && number == 1)
            kea = read_kea_head(line);
        else if (is_kea)
            good = read_kea_line(leases, &kea, line);
        else if (dnsmasq)
            good = read_dnsmasq_line(leases, line);
        else
            good = read_isc_line(leases, &isc, line);
        if (!good && leases->bad++ == 0)
            leases->first_bad = number;
    }
    keep_newest(leases, date_s);
}
