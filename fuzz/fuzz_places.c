// A database of places from anywhere: it is refused with words, or compiled into a table whose
// every address has a place that the rules know, and whose scopes hold what they say.
//
//   input: a file in MaxMind's format
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/places.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static const struct prefix net = {.family = AF_INET, .bits = 25, .octets = {192, 0, 2, 0}};
static const struct fact facts[] = {
    {.kind = FACT_COUNTRY, .text = "SG"},   {.kind = FACT_COUNTRY, .text = "US"},
    {.kind = FACT_CONTINENT, .text = "AS"}, {.kind = FACT_SUBDIVISION, .text = "US-CA"},
    {.kind = FACT_ASN, .asn = 64500},       {.kind = FACT_NETS, .nets = &net, .net_count = 1},
};

static void find(const struct places *places, const struct address *address,
                 struct location *location)
{
    unsigned bits = address->any.sa_family == AF_INET ? 32 : 128;
    places_find(places, address, location);
    assert(location->scope <= bits && location->set < places_sets(places));
    for (size_t i = 0; i < location->facts.count; i++) {
        assert(location->facts.list[i] < COUNT(facts));
        assert(i == 0 || location->facts.list[i - 1] < location->facts.list[i]);
    }
}

// An address, and the last one that shares its scope: the same place. (Not so near ::ffff:0:0/96,
// which counts as IPv4.)
static void judge(const struct places *places, const char *text)
{
    struct address address;
    struct location here, there;
    bool good = address_parse(text, 0, &address);
    assert(good);
    find(places, &address, &here);
    bool v4 = address.any.sa_family == AF_INET;
    uint8_t *to = v4 ? (uint8_t *)&address.v4.sin_addr : address.v6.sin6_addr.s6_addr;
    for (unsigned bit = here.scope; bit < (v4 ? 32 : 128); bit++)
        to[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    find(places, &address, &there);
    assert(there.set == here.set && there.scope == here.scope && there.is_placed == here.is_placed);
}

static void try_compile(const char *path, bool points)
{
    static const char *const addresses[] = {
        "0.0.0.0", "1.0.0.0",     "192.0.2.1",       "192.0.2.129",     "255.255.255.255",
        "1::1",    "2001:db8::1", "2001:db8:ffff::", "2002:c000:201::", "ffff:ffff::ffff"};
    const struct places_wants wants = {.facts = facts, .count = COUNT(facts), .points = points};
    struct report report = {0};
    struct places *places = places_compile(&path, 1, &wants, &report);
    assert(!places == (report.errors > 0));
    report_free(&report);
    for (size_t i = 0; places && i < COUNT(addresses); i++)
        judge(places, addresses[i]);
    places_release(places);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    char path[64];
    int fd = memfd_create("places", 0);
    if (fd < 0 || write(fd, octets, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    try_compile(path, false);
    try_compile(path, true);
    close(fd);
    return 0;
}
