// The keys resolve, hosts and cache: what they become, and what only several values together show.
#include "told.h"

#include "base/limits.h"
#include "conf/options.h"
#include "conf/schema.h"
#include "conf/show.h"

static struct options *read_told(const char *text, const char *told)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    return options;
}

static void check_bad(const char *text, const char *told)
{
    assert_null(read_told(text, told));
}

static void check_addresses(const struct address_list *list, const char *expected)
{
    struct buffer text = {0};
    for (size_t i = 0; i < list->count; i++) {
        char address[ADDRESS_TEXT_MAX];
        address_print(&list->some[i], address);
        buffer_format(&text, "%s%s", i ? " " : "", address);
    }
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void check_named(const struct named_option *option, const char *name, const char *addresses)
{
    char text[NAME_TEXT_MAX];
    name_print(option->name, text);
    assert_string_equal(text, name);
    check_addresses(&option->addresses, addresses);
}

static void test_defaults(void **state)
{
    struct options *options = read_told("resolve:\nhosts:\ncache:\n", "");
    const struct resolve_options *resolve = &options->resolve;
    (void)state;
    assert_int_equal(resolve->otherwise, RESOLVE_RECURSIVE);
    assert_int_equal(resolve->hint_count + resolve->zone_count + resolve->forward.count, 0);
    assert_true(resolve->minimise && resolve->ipv4 && resolve->ipv6 && resolve->special_names);
    assert_false(resolve->quiet);
    assert_int_equal(resolve->never_ask_count, 4);
    assert_int_equal(resolve->never_ask[1].kind, NETWORK_OWN);
    assert_int_equal(resolve->port, 53);
    assert_int_equal(resolve->packets_max, BUDGET_PACKETS);
    assert_int_equal(resolve->time_max_ms, BUDGET_TIME_MS);
    assert_int_equal(options->hosts.file_count, 1);
    assert_string_equal(options->hosts.files[0].path, "/etc/hosts");
    assert_false(options->hosts.files_given);
    assert_int_equal(options->hosts.name_count, 0);
    assert_int_equal(options->cache.octets, 256 << 20);
    assert_int_equal(options->cache.percent, 0);
    assert_int_equal(options->cache.min_ttl_s, 0);
    assert_int_equal(options->cache.max_ttl_s, 86400);
    assert_int_equal(options->cache.negative_ttl_s, 3600);
    assert_int_equal(options->cache.stale_s, 86400);
    assert_true(options->cache.prefetch && options->cache.keep);
    options_free(options);
}

static void test_resolve(void **state)
{
    struct options *options =
        read_told("resolve:\n"
                  "  hints: {b.test: \"192.0.2.1:5300\", a.test: [192.0.2.2, \"2001:db8::1\"]}\n"
                  "  zones:\n"
                  "    z.test: {forward: [10.0.0.53, \"[2001:db8::1]:5353\"]}\n"
                  "    \"sub.a.test.\": {ask: 10.0.0.54}\n"
                  "    a.test: {ask: 10.0.0.55, forward: }\n"
                  "  minimise: false\n  ipv4: true\n  ipv6: false\n  special_names: false\n"
                  "  never_ask: [loopback, 10.0.0.0/8]\n  quiet: true\n  port: 5300\n"
                  "  budget: {packets: 100, time: 2s 500ms}\n",
                  "");
    const struct resolve_options *resolve = &options->resolve;
    (void)state;
    assert_int_equal(resolve->hint_count, 2);
    check_named(&resolve->hints[0], "b.test.", "192.0.2.1:5300");
    check_named(&resolve->hints[1], "a.test.", "192.0.2.2:0 [2001:db8::1]:0");
    assert_int_equal(resolve->zone_count, 3); // in canonical order
    check_named(&resolve->zones[0], "a.test.", "10.0.0.55:0");
    check_named(&resolve->zones[1], "sub.a.test.", "10.0.0.54:0");
    check_named(&resolve->zones[2], "z.test.", "10.0.0.53:0 [2001:db8::1]:5353");
    assert_false(resolve->zones[1].forward);
    assert_true(resolve->zones[2].forward);
    assert_int_equal(resolve->zones[2].place.line, 4);
    assert_false(resolve->minimise || resolve->ipv6 || resolve->special_names);
    assert_true(resolve->ipv4 && resolve->quiet);
    assert_int_equal(resolve->never_ask_count, 2);
    assert_int_equal(resolve->never_ask[0].kind, NETWORK_LOOPBACK);
    assert_int_equal(resolve->never_ask[1].prefix.bits, 8);
    assert_int_equal(resolve->port, 5300);
    assert_int_equal(resolve->packets_max, 100);
    assert_int_equal(resolve->time_max_ms, 2500);
    options_free(options);
}

static void test_default(void **state)
{
    struct options *options = read_told("resolve: {default: none}\n", "");
    (void)state;
    assert_int_equal(options->resolve.otherwise, RESOLVE_NONE);
    options_free(options);
    options = read_told("resolve: {default: {forward: [10.0.0.53, \"10.0.0.54:5353\"]}}\n", "");
    assert_int_equal(options->resolve.otherwise, RESOLVE_FORWARD);
    check_addresses(&options->resolve.forward, "10.0.0.53:0 10.0.0.54:5353");
    options_free(options);
    check_bad("resolve: {default: {}}\n", "a.yaml:1:20+2 error: 'resolve.default' without "
                                          "'forward' = like this: {forward: [192.0.2.53]}\n");
    check_bad("resolve: {default: {forward: }}\n",
              "a.yaml:1:20+11 error: 'resolve.default' without 'forward' = like this: {forward: "
              "[192.0.2.53]}\n");
    check_bad("resolve: {default: {forward: []}}\n",
              "a.yaml:1:30+2 error: 'forward' is empty = like this: forward: [10.0.0.53, "
              "\"10.0.0.54:5353\"]\n");
    check_bad("resolve: {default: {forward: [10.0.0.530]}}\n",
              "a.yaml:1:31+10 error: '10.0.0.530' is not an address, with a port or without\n");
    check_bad("resolve: {default: recursiv}\n",
              "a.yaml:1:20+8 error: 'recursiv' is not one of recursive, none or a map = did you "
              "mean 'recursive'?\n");
    check_bad("resolve: {default: [10.0.0.53]}\n",
              "a.yaml:1:20+11 error: 'default' must be one of recursive, none or a map, not a list "
              "= like this: default: {forward: [10.0.0.53, \"10.0.0.54:5353\"]}\n");
}

static void test_zones(void **state)
{
    (void)state;
    check_bad("resolve: {zones: {a.test: {}, b.test: , c.test: {ask: }}}\n",
              "a.yaml:1:19+6 error: zone 'a.test' has no servers = give it some, as in {forward: "
              "[192.0.2.53]}\n"
              "a.yaml:1:31+6 error: zone 'b.test' has no servers = give it some, as in {forward: "
              "[192.0.2.53]}\n"
              "a.yaml:1:41+6 error: zone 'c.test' has no servers = give it some, as in {forward: "
              "[192.0.2.53]}\n");
    check_bad("resolve: {zones: {a.test: {ask: 10.0.0.1, forward: 10.0.0.2}}}\n",
              "a.yaml:1:19+6 error: zone 'a.test' has 'forward' and 'ask' = 'forward' is for "
              "resolvers, 'ask' for servers that have the zone\n");
    check_bad("resolve: {zones: {a.test: {ask: []}}}\n",
              "a.yaml:1:33+2 error: 'ask' is empty = like this: ask: [10.0.0.54]\n");
    check_bad("resolve: {zones: {a.test: {ask: 10.0.0.1}, A.test.: {ask: 10.0.0.1}}}\n",
              "a.yaml:1:44+7 error: zone 'A.test.' is given twice = remove one of them\n");
    check_bad("resolve: {zones: {a..b: {ask: 10.0.0.1}}}\n",
              "a.yaml:1:19+4 error: 'a..b' is not the name of a zone: empty label (two dots in a "
              "row, or a dot at the start)\n");
    check_bad("resolve: {zones: {a.test: 10.0.0.1}}\n",
              "a.yaml:1:27+8 error: an entry of 'zones' must be a map, not a text = like this: "
              "zones: {\"corp.test\": {forward: 10.0.0.53}, \"stub.test\": {ask: 10.0.0.54}}\n");
    options_free(
        read_told("zones: {a.test: {file: a}}\n"
                  "resolve: {zones: {a.test: {ask: 10.0.0.1}, b.a.test: {ask: 10.0.0.1}}}\n",
                  "a.yaml:2:19+6 warning: nobody is asked for zone 'a.test': it is one of "
                  "our own, in 'zones' = remove it here or there\n"));
}

static void test_families(void **state)
{
    (void)state;
    check_bad("resolve: {ipv4: false, ipv6: false}\n",
              "a.yaml:1:30+5 error: 'ipv4' and 'ipv6' are both false: no server can be asked = to "
              "ask nobody write 'default: none'\n");
    options_free(read_told("resolve: {ipv4: false, ipv6: false, default: none}\n", ""));
    options_free(read_told("resolve: {default: none, zones: {a.test: {ask: 10.0.0.1}}}\n", ""));
}

// More servers than one delegation has room for.
static void test_servers_max(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct buffer text = {0};
        buffer_add_text(&text, "resolve: {default: {forward: [10.0.0.1");
        for (int i = 1; i < DELEGATION_ADDRESSES_MAX + more; i++)
            buffer_format(&text, ", 10.0.0.%d", i + 1);
        buffer_add_text(&text, "]}}\n");
        struct options *options = read_told(
            buffer_text(&text), more ? "a.yaml:1:30+354 error: more than 32 servers = the "
                                       "nearest ones are enough\n"
                                     : "");
        assert_int_equal(options == NULL, more);
        options_free(options);
        buffer_clear(&text);
        buffer_add_text(&text, "resolve: {hints: {");
        for (int i = 0; i < DELEGATION_HOSTS_MAX + more; i++)
            buffer_format(&text, "%s%c.test: 10.0.0.1", i ? ", " : "", 'a' + i);
        buffer_add_text(&text, "}}\n");
        options = read_told(buffer_text(&text), more ? "a.yaml:1:18+252 error: more than 13 root "
                                                       "servers or 32 addresses of them = the "
                                                       "nearest ones are enough\n"
                                                     : "");
        options_free(options);
        buffer_free(&text);
    }
}

static void test_zones_max(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct buffer text = {0};
        buffer_add_text(&text, "resolve:\n  zones:\n");
        for (int i = 0; i < RESOLVE_ZONES_MAX + more; i++)
            buffer_format(&text, "    z%d.test: {ask: 10.0.0.1}\n", i);
        struct options *options = read_told(
            buffer_text(&text), more ? "a.yaml:3:5+1 error: more than 10000 zones\n" : "");
        assert_true(more || options->resolve.zone_count == RESOLVE_ZONES_MAX);
        options_free(options);
        buffer_free(&text);
    }
}

static void test_words(void **state)
{
#define SERVER "an address, with a port or without"
#define WORDS  "loopback, own, unspecified, multicast, an address or a prefix"
    (void)state;
    check_bad("resolve: {hints: {a.test: \"10.0.0.1@53\"}}\n",
              "a.yaml:1:27+13 error: '10.0.0.1@53' is not " SERVER " = a port stands behind a ':', "
              "as in 192.0.2.53:5353 or [2001:db8::53]:5353\n");
    check_bad("resolve: {hints: {a.test: \"10.0.0.1:0\"}}\n",
              "a.yaml:1:27+12 error: '10.0.0.1:0' is not " SERVER " = write it without a port\n");
    check_bad("resolve: {hints: {a.test: dns.test}}\n",
              "a.yaml:1:27+8 error: 'dns.test' is not " SERVER " = names cannot be looked up here: "
              "write its address\n");
    check_bad("resolve: {hints: {a.test: []}}\n",
              "a.yaml:1:27+2 error: 'hints' has a name whose list is empty\n");
    check_bad("resolve: {hints: {a.test: }}\n",
              "a.yaml:1:19+6 error: 'a.test' has no address = give it one, or remove it\n");
    check_bad("resolve: {never_ask: [lopback]}\n",
              "a.yaml:1:23+7 error: 'lopback' is not " WORDS " = did you mean 'loopback'?\n");
    check_bad("resolve: {never_ask: localhost}\n",
              "a.yaml:1:22+9 error: 'localhost' is not " WORDS " = did you mean 'loopback'?\n");
    check_bad("resolve: {never_ask: none}\n",
              "a.yaml:1:22+4 error: 'none' is not " WORDS " = for no network at all write []\n");
    check_bad("resolve: {never_ask: 10.0.0.1/8}\n",
              "a.yaml:1:22+10 error: '10.0.0.1/8' is not " WORDS " = bits past the length must be "
              "zero: did you mean '10.0.0.0/8'?\n");
    check_bad("resolve: {budget: {time: 2m, packets: 4}}\n",
              "a.yaml:1:26+2 error: '2m' is not a duration like 1h 30m, from 500ms to 1m = the "
              "units are w d h m s ms, the larger ones first\n"
              "a.yaml:1:39+1 error: '4' is not a number from 5 to 1000\n");
    check_bad("resolve: {budget: 60}\n",
              "a.yaml:1:19+2 error: 'budget' must be a map, not a text = "
              "like this: budget: {packets: 60, time: 7s}\n");
    struct options *options = read_told("resolve: {never_ask: []}\n", "");
    assert_int_equal(options->resolve.never_ask_count, 0);
    options_free(options);
}

static void test_hosts(void **state)
{
    struct options *options = read_told("hosts:\n  files: [h, /etc/h]\n  names:\n"
                                        "    nas: [192.168.1.5, \"fd00::5\"]\n    tv: 0.0.0.0\n",
                                        "");
    (void)state;
    assert_true(options->hosts.files_given);
    assert_int_equal(options->hosts.file_count, 2);
    assert_string_equal(options->hosts.files[0].path, "h");
    assert_int_equal(options->hosts.name_count, 2);
    check_named(&options->hosts.names[0], "nas.", "192.168.1.5:0 [fd00::5]:0");
    check_named(&options->hosts.names[1], "tv.", "0.0.0.0:0");
    options_free(options);
    options = read_told("hosts: {files: []}\n", "");
    assert_int_equal(options->hosts.file_count, 0);
    options_free(options);
    check_bad("hosts: {names: {nas: \"192.168.1.5:80\", \"-..-\": 10.0.0.1}}\n",
              "a.yaml:1:22+16 error: '192.168.1.5:80' is not an address without a port = write it "
              "without a port\n"
              "a.yaml:1:40+6 error: '-..-' is not a name: empty label (two dots in a row, or a dot "
              "at the start)\n");
    check_bad(
        "hosts: {domain: \".\"}\n",
        "a.yaml:1:17+3 error: with the root as 'domain' a client could call itself anything = "
        "one of yours, as in lan.example\n");
    check_bad("hosts: {domain: a..b}\n", "a.yaml:1:17+4 error: 'a..b' is not the name of a zone\n");
    check_bad("hosts: {names: [nas]}\n",
              "a.yaml:1:16+5 error: 'names' must be a map of names, not a list = like this: names: "
              "{\"nas.home.arpa\": [192.168.1.5, \"fd00::5\"]}\n");
}

// A file that someone wrote into the configuration should be there; the default need not.
static void test_hosts_files(void **state)
{
    char folder[64];
    struct report report = {0};
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("etc", 0755), 0);
    told_put_file("etc/onym.yaml", "include: more.yaml\nhosts: {files: [here, gone], names: {a: "
                                   "10.0.0.1}}\n");
    told_put_file("etc/more.yaml", "hosts: {names: {a: 10.0.0.2, b: 10.0.0.3}}\n");
    told_put_file("etc/here", "");
    struct options *options = options_read("etc/onym.yaml", &report);
    told_expect(&report,
                "etc/onym.yaml:2:23+4 warning: cannot read 'etc/gone': No such file or directory\n",
                "files");
    assert_string_equal(options->hosts.files[0].path, "etc/here");
    assert_int_equal(options->hosts.name_count, 2); // lists below one name are appended
    check_named(&options->hosts.names[0], "a.", "10.0.0.1:0 10.0.0.2:0");
    options_free(options);
    options = options_read_without_zones("etc/onym.yaml", &report);
    told_expect(&report, "", "without zones");
    options_free(options);
    told_leave_folder(folder);
}

// The system's root hints: used if they are good, passed over with a warning if not; never looked
// at where the configuration has its own, or recursion is not wanted.
static void test_hints_file(void **state)
{
    static const struct {
        const char *config, *told;
        unsigned servers; // of the file, if it is used
    } rows[] = {
        {"resolve: {hints_file: good}\n", "", 2},
        {"resolve: {hints_file: bad}\n",
         "etc/bad:2:13+1 warning: the root hints of this file cannot be used, the built-in ones "
         "are: 'x' is not an IPv4 address ('x' cannot stand in it)\n",
         0},
        {"resolve: {hints_file: none}\n",
         "etc/none warning: the root hints of this file cannot be used, the built-in ones are: no "
         "root server with an address\n",
         0},
        {"resolve: {hints_file: gone}\n",
         "etc/gone warning: cannot be read, so the built-in root hints are used: No such file or "
         "directory\n",
         0},
        {"resolve: {hints_file: \"\"}\n", "", 0},
        {"resolve: {hints_file: bad, hints: {a.test: 192.0.2.1}}\n", "", 0},
        {"resolve: {hints_file: bad, default: none}\n", "", 0},
        {"resolve: {hints_file: bad, default: {forward: 192.0.2.1}}\n", "", 0},
    };
    char folder[64];
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("etc", 0755), 0);
    told_put_file("etc/good", ". 1 NS a.test.\n. 1 NS b.test.\na.test. 1 A 192.0.2.1\n");
    told_put_file("etc/bad", ". 1 NS a.test.\na.test. 1 A x\n");
    told_put_file("etc/none", "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report report = {0};
        told_put_file("etc/onym.yaml", rows[i].config);
        struct options *options = options_read_without_zones("etc/onym.yaml", &report);
        told_expect(&report, rows[i].told, rows[i].config);
        const struct delegation *hints = options->resolve.file_hints;
        assert_int_equal(hints ? hints->host_count : 0, rows[i].servers);
        options_free(options);
    }
    told_leave_folder(folder);
}

static void test_cache(void **state)
{
    struct options *options =
        read_told("cache: {size: 25%, min_ttl: 5s, max_ttl: 1h, negative_ttl: 0, stale: 1w 2d, "
                  "prefetch: false, keep: false}\n",
                  "");
    (void)state;
    assert_int_equal(options->cache.octets, 0);
    assert_int_equal(options->cache.percent, 25);
    assert_int_equal(options->cache.min_ttl_s, 5);
    assert_int_equal(options->cache.max_ttl_s, 3600);
    assert_int_equal(options->cache.negative_ttl_s, 0);
    assert_int_equal(options->cache.stale_s, 9 * 86400);
    assert_false(options->cache.prefetch || options->cache.keep);
    options_free(options);
#define SIZE "a size like 256MiB, from 1MiB to 32GiB, or a share like 25%"
    check_bad("cache: {size: 1KiB}\n",
              "a.yaml:1:15+4 error: '1KiB' is not " SIZE " = the units are B KiB MiB GiB TiB\n");
    check_bad("cache: {size: 101%}\n",
              "a.yaml:1:15+4 error: '101%' is not " SIZE " = the units are B KiB MiB GiB TiB\n");
    check_bad("cache: {min_ttl: 10m, max_ttl: 5m}\n",
              "a.yaml:1:18+3 error: 'min_ttl' is longer than 'max_ttl'\n");
    check_bad("cache: {stale: 31d}\n", "a.yaml:1:16+3 error: '31d' is not a duration like 1h 30m, "
                                       "from 0s to 4w 2d = the units are w d h m s ms, the larger "
                                       "ones first\n");
}

static void test_environment(void **state)
{
    struct report report = {0};
    (void)state;
    setenv("ONYM_RESOLVE__DEFAULT", "none", 1);
    setenv("ONYM_RESOLVE__IPV6", "false", 1);
    setenv("ONYM_CACHE__SIZE", "1GiB", 1);
    struct options *options = options_read(NULL, &report);
    told_expect(&report, "", "environment");
    assert_int_equal(options->resolve.otherwise, RESOLVE_NONE);
    assert_true(options->resolve.ipv4);
    assert_false(options->resolve.ipv6);
    assert_int_equal(options->cache.octets, 1 << 30);
    options_free(options);
    setenv("ONYM_RESOLVE__DEFAULT", "nobody", 1);
    assert_null(options_read(NULL, &report));
    told_expect(&report,
                "ONYM_RESOLVE__DEFAULT error: 'nobody' is not one of recursive, none or a "
                "map\n",
                "bad");
    unsetenv("ONYM_RESOLVE__DEFAULT");
    unsetenv("ONYM_RESOLVE__IPV6");
    unsetenv("ONYM_CACHE__SIZE");
}

// A word and a map, or two words, in two files.
static void test_merged(void **state)
{
    char folder[64];
    struct report report = {0};
    (void)state;
    told_enter_folder(folder);
    told_put_file("a.yaml",
                  "include: b.yaml\nresolve: {default: none, zones: {a: {ask: 10.0.0.1}}}\n");
    told_put_file("b.yaml", "resolve: {default: {forward: 10.0.0.1}, zones: {a: {forward: "
                            "10.0.0.1}}}\n");
    assert_null(options_read("a.yaml", &report));
    told_expect(&report,
                "b.yaml:1:20+19 error: 'resolve.default' is set already, at a.yaml:2 = lists and "
                "maps are merged, single values are not\n"
                "a.yaml:2:34+1 error: zone 'a' has 'forward' and 'ask' = 'forward' is for "
                "resolvers, 'ask' for servers that have the zone\n",
                "merged");
    told_put_file("a.yaml", "include: b.yaml\nresolve: {default: {forward: 10.0.0.2}}\n");
    struct options *options = options_read("a.yaml", &report);
    told_expect(&report, "", "two maps");
    check_addresses(&options->resolve.forward, "10.0.0.2:0 10.0.0.1:0");
    options_free(options);
    told_leave_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),    cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_default),     cmocka_unit_test(test_zones),
        cmocka_unit_test(test_families),    cmocka_unit_test(test_servers_max),
        cmocka_unit_test(test_zones_max),   cmocka_unit_test(test_words),
        cmocka_unit_test(test_hosts),       cmocka_unit_test(test_hosts_files),
        cmocka_unit_test(test_hints_file),  cmocka_unit_test(test_cache),
        cmocka_unit_test(test_environment), cmocka_unit_test(test_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
