// The root hints (hints.h), as IANA's named.root has them.
#include "resolve/hints.h"

#include <assert.h>
#include <string.h>

#include "base/address.h"
#include "dns/type.h"
#include "zone/parse.h"

struct hint {
    const char *wire; // of the name
    const char *ipv4, *ipv6;
};

static const struct hint hints[] = {
    {"\1a\14root-servers\3net", "198.41.0.4", "2001:503:ba3e::2:30"},
    {"\1b\14root-servers\3net", "170.247.170.2", "2801:1b8:10::b"},
    {"\1c\14root-servers\3net", "192.33.4.12", "2001:500:2::c"},
    {"\1d\14root-servers\3net", "199.7.91.13", "2001:500:2d::d"},
    {"\1e\14root-servers\3net", "192.203.230.10", "2001:500:a8::e"},
    {"\1f\14root-servers\3net", "192.5.5.241", "2001:500:2f::f"},
    {"\1g\14root-servers\3net", "192.112.36.4", "2001:500:12::d0d"},
    {"\1h\14root-servers\3net", "198.97.190.53", "2001:500:1::53"},
    {"\1i\14root-servers\3net", "192.36.148.17", "2001:7fe::53"},
    {"\1j\14root-servers\3net", "192.58.128.30", "2001:503:c27::2:30"},
    {"\1k\14root-servers\3net", "193.0.14.129", "2001:7fd::1"},
    {"\1l\14root-servers\3net", "199.7.83.42", "2001:500:9f::42"},
    {"\1m\14root-servers\3net", "202.12.27.33", "2001:dc3::35"},
};

void hints_fill(struct delegation *root)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        int host = delegation_add_host(root, name_trust((const uint8_t *)hints[i].wire));
        assert(host >= 0);
        struct address v4, v6;
        bool good = address_parse(hints[i].ipv4, 0, &v4) && address_parse(hints[i].ipv6, 0, &v6) &&
                    delegation_add_address(root, &v4, (uint8_t)host) &&
                    delegation_add_address(root, &v6, (uint8_t)host);
        assert(good);
        (void)good;
    }
}

// --- from a file ---------------------------------------------------------------------------------

static int find_host(const struct delegation *root, struct name name)
{
    for (unsigned i = 0; i < root->host_count; i++)
        if (name_equal(root->hosts[i].name, name))
            return (int)i;
    return -1;
}

static void add_server(const struct record *record, struct arena *memory, struct delegation *root)
{
    struct name name = name_trust(record->rdata);
    if (find_host(root, name) < 0)
        (void)delegation_add_host(root, name_trust(arena_copy(memory, name.wire, name.size)));
}

static void add_address(const struct record *record, struct delegation *root)
{
    struct address address = {0};
    int host = find_host(root, record_owner(record));
    if (host < 0)
        return;
    if (record->type == TYPE_A) {
        address.v4.sin_family = AF_INET;
        memcpy(&address.v4.sin_addr, record->rdata, 4);
        address.size = sizeof address.v4;
    } else {
        address.v6.sin6_family = AF_INET6;
        memcpy(&address.v6.sin6_addr, record->rdata, 16);
        address.size = sizeof address.v6;
    }
    (void)delegation_add_address(root, &address, (uint8_t)host);
}

// Servers first: a file may have its addresses above them.
static void take_records(const struct records *records, struct arena *memory,
                         struct delegation *root)
{
    for (size_t i = 0; i < records->count; i++)
        if (records->list[i].type == TYPE_NS && records->list[i].owner_labels == 0)
            add_server(&records->list[i], memory, root);
    for (size_t i = 0; i < records->count; i++)
        if (records->list[i].type == TYPE_A || records->list[i].type == TYPE_AAAA)
            add_address(&records->list[i], root);
}

bool hints_read(const char *path, const char *text, size_t size, struct arena *memory,
                struct delegation *root, struct report *report)
{
    static const struct parse_options options = {.ttl_default = 3600000};
    struct records records;
    delegation_begin(root, NAME_ROOT);
    records_begin(&records, NAME_ROOT);
    bool good = parse_text(path, text, size, &records, &options, report);
    if (good)
        take_records(&records, memory, root);
    records_free(&records);
    if (good && root->address_count == 0) {
        report_add(report, SEVERITY_ERROR, &(struct place){.file = path}, NULL,
                   "no root server with an address");
        return false;
    }
    return good;
}
