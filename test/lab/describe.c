// Descriptions: what they become, and every error with its place.
#include "told.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

#define ROOT "\".\": {servers: {a.root: 127.0.0.1}}"

static void test_world(void **state)
{
    (void)state;
    struct world world;
    char text[ADDRESS_TEXT_MAX];
    told_read("seed: 7\nport: 53\nzones:\n"
              "  " ROOT "\n"
              "  Test: {servers: {NS1.nic.test: [127.53.1.1, '::1']}, ttl: 1m, negative_ttl: 5s,\n"
              "         records: ['www A 192.0.2.1', 'x 60 TXT \"a\"'],\n"
              "         generate: {count: 3, name: n%d, type: TXT, rdata: 'no %d'}}\n"
              "faults:\n"
              "  127.53.1.1: {delay: 20ms, jitter: 1s, loss: 2%, lame: true}\n"
              "  127.53.0.0/16: {loss: 50%}\n",
              &world);
    assert_int_equal(world.seed, 7);
    assert_int_equal(world.port, 53);
    assert_int_equal(world.zone_count, 2);
    const struct world_zone *zone = &world.zones[1];
    assert_string_equal(zone->name, "test.");
    assert_ptr_equal(world_find_zone(&world, "test."), zone);
    assert_int_equal(zone->ttl_s, 60);
    assert_int_equal(zone->negative_ttl_s, 5);
    assert_int_equal(world.zones[0].ttl_s, 3600);
    assert_int_equal(zone->host_count, 1);
    assert_string_equal(zone->hosts[0].name, "ns1.nic.test.");
    assert_int_equal(zone->hosts[0].count, 2);
    address_print_host(&zone->hosts[0].addresses[1], text);
    assert_string_equal(text, "::1");
    assert_int_equal(zone->record_count, 2);
    assert_string_equal(zone->records[1], "x 60 TXT \"a\"");
    assert_int_equal(zone->generate.count, 3);
    assert_string_equal(zone->generate.rdata, "no %d");
    assert_int_equal(world.fault_count, 2);
    assert_int_equal(world.faults[0].prefix.bits, 16); // the widest first
    assert_int_equal(world.faults[1].faults.delay_ms, 20);
    world_free(&world);
}

static void test_defaults(void **state)
{
    (void)state;
    struct world world;
    told_read("zones: {" ROOT "}", &world);
    assert_int_equal(world.seed, 1);
    assert_int_equal(world.port, DESCRIBE_PORT);
    assert_int_equal(world.fault_count, 0);
    assert_int_equal(world.zones[0].generate.count, 0);
    world_free(&world);
    told_read("zones: {" ROOT ", t: {servers: {n: 127.0.0.1}, generate: {count: 1}}}", &world);
    assert_string_equal(world.zones[1].generate.name, "host%d");
    assert_string_equal(world.zones[1].generate.type, "A");
    assert_null(world.zones[1].generate.rdata);
    world_free(&world);
}

static void test_repeat(void **state)
{
    (void)state;
    struct world world;
    char text[ADDRESS_TEXT_MAX];
    told_read(
        "zones:\n  " ROOT "\n"
        "  z%d.test: {repeat: 5, servers: {ns.z%d.test: 127.53.16.0/31, o.test: 127.9.9.9}}\n",
        &world);
    assert_int_equal(world.zone_count, 6);
    assert_string_equal(world.zones[1].name, "z0.test.");
    assert_string_equal(world.zones[5].name, "z4.test.");
    assert_string_equal(world.zones[4].hosts[0].name, "ns.z3.test.");
    assert_string_equal(world.zones[4].hosts[1].name, "o.test.");
    assert_int_equal(world.zones[4].number, 3);
    for (unsigned i = 0; i < 5; i++) {
        address_print_host(&world.zones[1 + i].hosts[0].addresses[0], text);
        assert_string_equal(text, i % 2 ? "127.53.16.1" : "127.53.16.0");
    }
    world_free(&world);
}

static void test_bad(void **state)
{

    (void)state;
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"", "1:1 the file must be a map, not nothing\n"},
        {"[]", "1:1 the file must be a map, not a list\n"},
        {"seed: 1", "1:1 there are no 'zones' = as \".\": {servers: {a.root-servers.net: "
                    "127.53.0.1}}\n"},
        {"zones: {}", "1:8 there is no root zone = as \".\": {servers: {a.root-servers.net: "
                      "127.53.0.1}}\n"},
        {"zones: {" ROOT "}\nsed: 1", "2:1 the file has no key 'sed' = did you mean 'seed'?\n"},
        {"zones: {" ROOT "}\nport: 0", "2:7 'port' must be a number from 1 to 65535, not '0'\n"},
        {"zones: {" ROOT "}\nseed: x", "2:7 'seed' must be a number from 0 to 4294967295, not "
                                       "'x'\n"},
        {"zones: {" ROOT "}\nseed: []", "2:7 'seed' must be one value, not a list\n"},
        {"zones: {" ROOT ", a: 1}", "1:49 a zone must be a map, not a text\n"},
        {"zones: {" ROOT ", a: {}}", "1:49 zone a. has no servers = as servers: "
                                     "{ns1.example.test: 127.53.2.1}\n"},
        {"zones: {" ROOT ", a: {servers: {}}}", "1:59 zone a. has no servers\n"},
        {"zones: {" ROOT ", a: {servers: {n: []}}}", "1:63 a server needs an address\n"},
        {"zones: {" ROOT ", a: {servers: {n: [127.0.0.1, [2]]}}}",
         "1:75 an address must be one value, not a list\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1:53}}}",
         "1:63 '127.0.0.1:53' is no address for a server = write an address without a port, as "
         "127.53.2.1 or \"::1\"\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.0/24}}}",
         "1:63 '127.0.0.0/24' is no address for a server = write an address without a port, as "
         "127.53.2.1 or \"::1\"\n"},
        {"zones: {" ROOT ", a%d: {repeat: 2, servers: {n: 127.0.0.0/8}}}",
         "1:76 '127.0.0.0/8' is no address for a server = write an address, or a prefix from /20 "
         "to /32 to be dealt out\n"},
        {"zones: {" ROOT ", a: {servers: {n..a: 127.0.0.1}}}",
         "1:60 'n..a' is no domain name: empty label (two dots in a row, or a dot at the start)\n"},
        {"zones: {" ROOT ", a%x: {repeat: 1, servers: {n: 127.0.0.1}}}",
         "1:46 'a%x' is no domain name: a '%' that is no %d\n"},
        {"zones: {" ROOT ", a%d: {servers: {n: 127.0.0.1}}}",
         "1:46 a zone with a %d in its name needs 'repeat' = as repeat: 1000\n"},
        {"zones: {" ROOT ", a: {repeat: 2, servers: {n: 127.0.0.1}}}",
         "1:46 a zone that is repeated needs a %d in its name = as \"z%d.test\"\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}}, A.: {servers: {n: 127.0.0.1}}}",
         "1:8 zone a. is described twice\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, record: []}}",
         "1:75 a zone has no key 'record' = did you mean 'records'?\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, records: ['x A 1', $TTL 1, x.y. A "
         "127.0.0.1]}}",
         "1:85 '1' is not an IPv4 address (1 octet where 4 belong)\n"
         "1:94 '$TTL 1' is no record = put it into a zone file and name that as 'file'\n"
         "1:102 x.y. is out of the zone = the zone is a.\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, ttl: 5}}",
         "1:80 'ttl' must be a duration of at most 2147483647 s, not '5' = write the unit, as "
         "20ms, 2s or 1h\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, file: /nowhere/x}}",
         "1:81 '/nowhere/x' cannot be read\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, file: 'a\"b'}}",
         "1:81 a file's name is without quotes here\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, generate: {}}}",
         "1:85 'generate' has no 'count' = as count: 1000\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, generate: {count: 2, name: x}}}",
         "1:85 'name' has no %d = as name: \"host%d\"\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, generate: {count: 2, type: MX}}}",
         "1:85 type 'MX' needs 'rdata' = as rdata: \"number %d\"\n"},
        {"zones: {" ROOT ", a: {servers: {n: 127.0.0.1}, generate: {count: 1, name: a..%d}}}",
         "1:85 'generate' makes 'a..0 A 10.0.0.1': bad name 'a..0': empty label (two dots in a "
         "row, or a "
         "dot at the start)\n"},
        {"zones: {" ROOT "}\nfaults: {127.1: {}, 127.0.0.1: {los: 1%, loss: 101%, delay: 5}}",
         "2:10 '127.1' is no address or prefix = as 127.53.2.1 or 127.53.0.0/16\n"
         "2:33 there is no fault 'los' = did you mean 'loss'?\n"
         "2:48 'loss' cannot be '101%' = write a chance, as 2%, or true\n"
         "2:61 'delay' must be a duration of at most 60 s, not '5' = write the unit, as 20ms, 2s "
         "or 1h\n"},
        {"zones: {" ROOT "}\nfaults: {127.0.0.1: {jitter: 61s, loss: [], loss: 1%}}",
         "2:45 key 'loss' is given twice, first in line 2\n"
         "2:30 'jitter' must be a duration of at most 60 s, not '61s'\n"
         "2:41 'loss' must be one value, not a list\n"},
        {"zones: [", "1:9 the text ends inside of [ ] or { } = close what is open\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct report report = {0};
        struct world world;
        assert_false(
            describe_read("lab.yaml", rows[i].text, strlen(rows[i].text), &world, &report));
        assert_null(world.zones);
        told_expect(&report, rows[i].told);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct world world;
    struct report report = {0};
    struct buffer text = {0};
    buffer_format(&text, "zones: {" ROOT ", a%%d: {repeat: %d, servers: {n: 127.0.0.1}}}",
                  LAB_ZONES_MAX);
    assert_false(describe_read("l", text.text, text.size, &world, &report));
    told_expect(&report, "1:46 more than 100000 zones in all\n");
    buffer_clear(&text);
    buffer_format(&text,
                  "zones: {" ROOT ", a%%d: {repeat: 2, servers: {n: 127.0.0.1}, generate: "
                  "{count: %d}}}",
                  LAB_NAMES_MAX / 2 + 1);
    assert_false(describe_read("l", text.text, text.size, &world, &report));
    told_expect(&report, "1:98 more than 10000000 names in all\n");
    buffer_free(&text);
}

// Everything that may be said is explained, there and in the document.
static void test_explained(void **state)
{
    (void)state;
    struct buffer text = {0};
    char *octets, word[100];
    size_t size;
    assert_int_equal(file_read(SOURCE_ROOT "/docs/lab.md", 100000, &octets, &size), 0);
    describe_explain(&text);
    for (const struct describe_row *row = describe_table(); row->key; row++) {
        snprintf(word, sizeof word, "\n  %s ", row->key);
        assert_non_null(strstr(text.text, word));
        snprintf(word, sizeof word, "| `%s` |", row->key);
        assert_non_null(strstr(octets, word));
    }
    for (unsigned i = 0; i < FAULT_ROWS; i++) {
        snprintf(word, sizeof word, "\n  %s ", fault_table()[i].word);
        assert_non_null(strstr(text.text, word));
        snprintf(word, sizeof word, "| `%s` | %s |", fault_table()[i].word, fault_table()[i].help);
        assert_non_null(strstr(octets, word));
    }
    buffer_free(&text);
    free(octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_world),  cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_repeat), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
