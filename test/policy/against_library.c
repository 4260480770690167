// The table of places against the library's own look-ups:
//
//   against-library [--points] COUNT FILE...
//
// These databases are compiled for rules that ask for every country, every continent and, with
// --points, the nearest. Then COUNT addresses, IPv4 and IPv6 by turns - any at all, and the ends of
// prefixes with their neighbours - are looked up in the table, and in the files by libmaxminddb:
// both must say the same. And all addresses that share the table's scope must have the same place.
// Driven by test/system/test_places_library.py, which has real databases.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "policy/countries.h"
#include "policy/mmdb.h"
#include "policy/places.h"

#define FILES_MAX 4

typedef unsigned __int128 number;

static struct mmdb *files[FILES_MAX];
static int file_count;
static struct fact facts[400];
static size_t fact_count;
static struct dice dice;
static unsigned long wrong, known;
static bool points;

static void make_facts(void)
{
    static const char *const continents[] = {"AF", "AN", "AS", "EU", "NA", "OC", "SA"};
    for (size_t i = 0; i < countries_count(); i++)
        facts[fact_count++] = (struct fact){.kind = FACT_COUNTRY, .text = countries_at(i)->code};
    for (size_t i = 0; i < sizeof continents / sizeof *continents; i++)
        facts[fact_count++] = (struct fact){.kind = FACT_CONTINENT, .text = continents[i]};
}

// --- addresses

static struct address address_of(number value, bool v4)
{
    struct address address;
    memset(&address, 0, sizeof address);
    uint8_t *octets = v4 ? (uint8_t *)&address.v4.sin_addr : address.v6.sin6_addr.s6_addr;
    unsigned size = v4 ? 4 : 16;
    for (unsigned i = 0; i < size; i++)
        octets[i] = (uint8_t)(value >> 8 * (size - 1 - i));
    if (v4) {
        address.v4.sin_family = AF_INET;
        address.size = sizeof address.v4;
    } else {
        address.v6.sin6_family = AF_INET6;
        address.size = sizeof address.v6;
    }
    return address;
}

static number any_number(bool v4)
{
    if (v4)
        return dice_roll(&dice);
    number value = 0;
    for (unsigned i = 0; i < 4; i++)
        value = value << 32 | dice_roll(&dice);
    number top = (number)7 << 125; // where addresses are given out: 2000::/3, and most 2a00::/12
    value = (value & ~top) | (number)1 << 125;
    if (dice_roll(&dice) % 2)
        value = (value & (((number)1 << 116) - 1)) | (number)0x2a0 << 116;
    return value;
}

// 6to4, Teredo, and whatever else a tree may lead into IPv4: the library follows it there.
static bool holds_v4(number value)
{
    return value >> 112 == 0x2002 || value >> 96 == 0x20010000 || value >> 32 == 0 ||
           value >> 32 == 0xffff;
}

// --- comparing

static void complain(const struct address *address, const char *what)
{
    char text[ADDRESS_TEXT_MAX];
    address_print_host(address, text);
    if (++wrong <= 20)
        fprintf(stderr, "%s: %s\n", text, what);
}

static bool has_fact(const struct location *location, enum fact_kind kind, const char *text)
{
    for (size_t i = 0; i < location->facts.count; i++) {
        const struct fact *fact = &facts[location->facts.list[i]];
        if (fact->kind == kind && strcmp(fact->text, text) == 0)
            return true;
    }
    return false;
}

static void compare(const struct places *places, const struct address *address)
{
    struct location location;
    struct mmdb_record record = {{0}};
    for (int i = 0; i < file_count && !record.country[0] && !record.continent[0]; i++)
        if (!mmdb_find(files[i], address, &record))
            memset(&record, 0, sizeof record);
    places_find(places, address, &location);
    bool country = countries_find(record.country), continent = continents_find(record.continent);
    known += country;
    if (location.facts.count != (size_t)country + continent ||
        (country && !has_fact(&location, FACT_COUNTRY, record.country)) ||
        (continent && !has_fact(&location, FACT_CONTINENT, record.continent)))
        complain(address, "another country or continent");
    if (location.is_placed != (points && record.has_point)) {
        complain(address, "coordinates, or none");
    } else if (location.is_placed) {
        double latitude = (double)record.latitude * M_PI / 180,
               longitude = (double)record.longitude * M_PI / 180;
        if (fabs((double)location.point.x - cos(latitude) * cos(longitude)) > 1e-5 ||
            fabs((double)location.point.y - cos(latitude) * sin(longitude)) > 1e-5 ||
            fabs((double)location.point.z - sin(latitude)) > 1e-5)
            complain(address, "other coordinates");
    }
}

// The ends of the prefix that decided, and one within it.
static void check_scope(const struct places *places, number value, bool v4, unsigned scope)
{
    unsigned bits = v4 ? 32 : 128;
    struct address address = address_of(value, v4);
    struct location here, there;
    number rest = scope == 0 ? ~(number)0 : ((number)1 << (bits - scope)) - 1;
    if (v4)
        rest &= UINT32_MAX;
    const number others[] = {value & ~rest, value | rest, value ^ (any_number(v4) & rest)};
    places_find(places, &address, &here);
    for (unsigned i = 0; i < 3; i++) {
        struct address other = address_of(others[i], v4);
        places_find(places, &other, &there);
        if (there.set != here.set || there.scope != here.scope ||
            there.is_placed != here.is_placed ||
            memcmp(&there.point, &here.point, sizeof here.point) != 0)
            complain(&address, "its scope has several places");
    }
}

static void check(const struct places *places, number value, bool v4)
{
    struct address address = address_of(value, v4);
    struct location location;
    if (!v4 && holds_v4(value))
        return;
    compare(places, &address);
    places_find(places, &address, &location);
    if (location.scope > (v4 ? 32 : 128))
        complain(&address, "an impossible scope");
    else
        check_scope(places, value, v4, location.scope);
}

// An address, and the next ones on both sides of the prefix that it is in.
static unsigned long check_around(const struct places *places, bool v4)
{
    number value = any_number(v4);
    struct address address = address_of(value, v4);
    struct location location;
    places_find(places, &address, &location);
    unsigned bits = v4 ? 32 : 128;
    number rest = location.scope == 0 ? ~(number)0 : ((number)1 << (bits - location.scope)) - 1;
    number first = value & ~rest, last = value | rest;
    if (v4)
        last &= UINT32_MAX;
    check(places, value, v4);
    check(places, first, v4);
    check(places, last, v4);
    check(places, first - 1, v4);
    check(places, last + 1, v4);
    return 5;
}

int main(int count, char **words)
{
    struct report report = {0};
    points = count > 1 && strcmp(words[1], "--points") == 0;
    words += points;
    count -= points;
    unsigned long checked = 0, most = count > 2 ? strtoul(words[1], NULL, 10) : 0;
    if (most == 0 || count > 2 + FILES_MAX) {
        fputs("usage: against-library [--points] COUNT FILE...\n", stderr);
        return 2;
    }
    make_facts();
    struct places_wants wanted = {.facts = facts, .count = fact_count, .points = points};
    dice = dice_seed(5);
    struct places *places =
        places_compile((const char *const *)words + 2, (size_t)(count - 2), &wanted, &report);
    report_print(&report, stderr, false);
    report_free(&report);
    if (!places)
        return EXIT_FAILURE;
    for (; file_count < count - 2; file_count++) {
        char *problem;
        files[file_count] = mmdb_open(words[2 + file_count], &problem);
        if (!files[file_count])
            return EXIT_FAILURE;
    }
    for (bool v4 = true; checked < most; v4 = !v4)
        checked += check_around(places, v4);
    printf("%lu addresses, %lu in a known country, %lu wrong\n", checked, known, wrong);
    for (int i = 0; i < file_count; i++)
        mmdb_close(files[i]);
    places_release(places);
    return wrong || known < checked / 4;
}
