// Trees held against the table: each rule with what passes and what does not, and where.
#include "told.h"

#include "conf/syntax.h"
#include "conf/validate.h"

// Without the file's name, which is the same for all.
static void check(const char *text, const char *told)
{
    struct source source = {.path = "-", .text = text, .size = strlen(text)};
    struct arena arena = {0};
    struct report report = {0};
    struct value root;
    assert_true(syntax_read(&source, &arena, &report, &root));
    validate_tree(&root, &report);
    told_expect(&report, told, text);
    arena_free(&arena);
}

static void test_good(void **state)
{
    static const char *const texts[] = {
        "",
        "# nothing\n",
        "{}",
        "version: 1\n",
        "version: '1'\n", // the schema decides, not the quotes
        "user: onym\n",
        "user: 0123\n",
        "user: true\n",
        "user: \"null\"\n",
        "workers: 0\n",
        "workers: 256\n",
        "identity: {name: '', version: 1.0, nsid: 0x00ff}\n",
        "identity:\n",
        "identity: ~\n",
        "listen:\n", // all of it in comments
        "listen: [{addr: 127.0.0.1}]\n",
        "listen: [{addr: [127.0.0.1, \"::1\", eth0], port: 65535, kinds: [udp, tcp]}]\n",
        "listen:\n  - addr: eth0\n    kinds: udp\n", // one alone is a list of one
        "access: {recurse: [localhost, private, any, 192.0.2.1, \"2001:db8::/32\"]}\n",
        "access: {recurse: any, transfer: []}\n",
        "access: {recurse: none, transfer: [\"key:secondary1\", 192.0.2.0/24]}\n",
        "answers: {minimal: true, rotate: \"false\"}\n",
        "zones:\n",
        "zones: {}\n",
        "zones:\n  example.test: {file: a.zone}\n  \"b\u00fccher.test.\": {file: b}\n",
        "zones: {.: {file: c}}\n",
        "zone_folders: zones\n",
        "zone_folders: [zones, /etc/onym/zones/]\n",
        "zone_folders: [zones, {path: /etc/onym/zones/, zonemd: true}]\n",
        "zone_folders:\n  - path: zones\n  - path: z\n    zonemd: false\n",
        "include: onym.d/*.yaml\n",
        "include: [a.yaml, b.yaml]\n",
        "log: {level: error, queries: true}\n",
        "resolve: {default: none}\n",
        "resolve: {default: {forward: 10.0.0.1}}\n",
        "resolve: {default: }\n",
        "resolve: {hints: }\n",
        "resolve: {hints: {a: [\"[::1]:53\", 10.0.0.1]}, never_ask: own, budget: }\n",
        "resolve: {zones: {a: {ask: 10.0.0.1}, b: {forward: [10.0.0.1]}}}\n",
        "hosts: {files: a, names: {a: 10.0.0.1, b: [\"::1\"]}}\n",
        "cache: {size: 100%, stale: 0, max_ttl: 7d}\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        check(texts[i], "");
}

static void test_keys(void **state)
{
    (void)state;
    check("acces: {}\n", "-:1:1+5 error: unknown key 'acces' = did you mean 'access'?\n");
    check("version: 1\nlgo: {}\n", "-:2:1+3 error: unknown key 'lgo' = did you mean 'log'?\n");
    check("log:\n  levle: debug\n", "-:2:3+5 error: unknown key 'levle' = did you mean 'level'?\n");
    check("listen: [{adr: eth0}]\n", "-:1:11+3 error: unknown key 'adr' = did you mean 'addr'?\n");
    check("zones: {example.test: {fiel: a}}\n",
          "-:1:24+4 error: unknown key 'fiel' = did you mean 'file'?\n");
    check("level: debug\n", "-:1:1+5 error: unknown key 'level' = 'level' is a key of 'log'\n");
    check("port: 53\n", "-:1:1+4 error: unknown key 'port' = 'port' is a key of 'listen'\n");
    check("log.level: debug\n",
          "-:1:1+9 error: unknown key 'log.level' = 'level' is a key of 'log'\n");
    check("answers: {rotate:true}\n",
          "-:1:11+11 error: unknown key 'rotate:true' = put a space after the ':'\n");
    check("log: {Level: debug}\n", "-:1:7+5 error: unknown key 'Level' = did you mean 'level'?\n");
    check("log: {xyz: 1}\n",
          "-:1:7+3 error: unknown key 'xyz' = the keys here are level, queries\n");
    check("rrl: {}\n",
          "-:1:1+3 error: unknown key 'rrl' = the keys here are version, user, workers, state, "
          "control, identity, listen, keys, access, answers, zones, zone_folders, places, checks, "
          "resolve, hosts, "
          "cache, views, include, history, log\n");
    check("resolve: {forward: 10.0.0.1}\n",
          "-:1:11+7 error: unknown key 'forward' = 'forward' is a key of 'resolve.default'\n");
    check("min_ttl: 1d\n",
          "-:1:1+7 error: unknown key 'min_ttl' = 'min_ttl' is a key of 'cache'\n");
    check("log: {zones: 1}\n",
          "-:1:7+5 error: unknown key 'zones' = 'zones' belongs to the top of the file\n");
    // Of what is below an unknown key nothing is said.
    check("lgo: {levle: 1}\n", "-:1:1+3 error: unknown key 'lgo' = did you mean 'log'?\n");
}

static void test_kinds(void **state)
{
    (void)state;
    check("a text\n", "-:1:1+6 error: the file must be a map of keys, not a text = write "
                      "'key: value', with a space after the ':'\n");
    check("- a\n", "-:1:1+1 error: the file must be a map of keys, not a list = write "
                   "'key: value', with a space after the ':'\n");
    check("log: debug\n", "-:1:6+5 error: 'log' must be a map, not a text = like this: log: "
                          "{level: debug}\n");
    check("log: [level]\n", "-:1:6+7 error: 'log' must be a map, not a list = like this: log: "
                            "{level: debug}\n");
    check("user: [onym]\n", "-:1:7+6 error: 'user' must be a text of 1 to 255 octets, not a list "
                            "= like this: user: onym\n");
    check("listen: {addr: eth0}\n",
          "-:1:9+12 error: 'listen' must be a list, not a map = like this: listen: [{addr: "
          "[192.0.2.53, \"2001:db8::53\"]}, {addr: eth0, port: 5300}]\n");
    check("listen: eth0\n",
          "-:1:9+4 error: 'listen' must be a list, not a text = like this: listen: [{addr: "
          "[192.0.2.53, \"2001:db8::53\"]}, {addr: eth0, port: 5300}]\n");
    check("listen: [eth0]\n",
          "-:1:10+4 error: an entry of 'listen' must be a map, not a text = like this: listen: "
          "[{addr: [192.0.2.53, \"2001:db8::53\"]}, {addr: eth0, port: 5300}]\n");
    check("listen: [{addr: [[eth0]]}]\n",
          "-:1:18+6 error: 'addr' must be an address or the name of an interface, not a list = "
          "like this: addr: [127.0.0.1, \"::1\", eth0]\n");
    check("zones: [a.zone]\n",
          "-:1:8+8 error: 'zones' must be a map of names, not a list = like this: zones: "
          "{\"example.test\": {file: example.test.zone}}\n");
    check("zones: {example.test: a.zone}\n",
          "-:1:23+6 error: an entry of 'zones' must be a map, not a text = like this: zones: "
          "{\"example.test\": {file: example.test.zone}}\n");
    check("zone_folders: {a: b}\n", "-:1:15+6 error: 'zone_folders' must be a list, not a map = "
                                    "like this: zone_folders: [/etc/onym/zones, {path: "
                                    "/etc/onym/verified, zonemd: true}]\n");
}

// An item that is a path, or a map with one.
static void test_brief(void **state)
{
    (void)state;
    check("zone_folders: [{path: a, zonmd: true}]\n",
          "-:1:26+5 error: unknown key 'zonmd' = did you mean 'zonemd'?\n");
    check("zone_folders: [{path: a, zonemd: 2}]\n",
          "-:1:34+1 error: '2' is not true or false = write true or false\n");
    check("zone_folders: [{path: [a]}]\n", "-:1:23+3 error: 'path' must be a path, not a list = "
                                           "like this: path: /etc/onym/zones\n");
    check("zone_folders: [[a]]\n", "-:1:16+3 error: 'path' must be a path, not a list = "
                                   "like this: path: /etc/onym/zones\n");
    check("zone_folders: [\"\"]\n", "-:1:16+2 error: '' is not a path\n");
    check("zone_folders: \"\"\n", "-:1:15+2 error: '' is not a path\n");
    check("zone_folders: [~]\n", "-:1:16+1 error: 'path' has no value: ~ means none = put quotes "
                                 "around it if you mean the word\n");
}

static void test_nothing(void **state)
{
    (void)state;
    check("user:\nlog: {}\n",
          "-:1:1+4 error: 'user' has no value = write one, or remove the key\n");
    check("log:\n  level:\n",
          "-:2:3+5 error: 'level' has no value = write one, or remove the key\n");
    check("user: null\n", "-:1:7+4 error: 'user' has no value: null means none = put quotes "
                          "around it if you mean the word\n");
    check("user: ~\n", "-:1:7+1 error: 'user' has no value: ~ means none = put quotes around it if "
                       "you mean the word\n");
    check("user: ''\n", "-:1:7+2 error: '' is not a text of 1 to 255 octets\n");
    check("listen: []\n",
          "-:1:9+2 error: 'listen' is empty = remove the key to have the default\n");
    check("listen: [{addr: []}]\n",
          "-:1:17+2 error: 'addr' is empty = like this: addr: [127.0.0.1, \"::1\", eth0]\n");
    check("listen: [{addr: a, kinds: []}]\n",
          "-:1:27+2 error: 'kinds' is empty = remove the key to have the default\n");
    check("zone_folders:\n  -\n  - a\n", "-:2:4+1 error: an empty item in 'zone_folders' = remove "
                                         "the '-', or write something behind it\n");
    check("access: {recurse: [null]}\n", "-:1:20+4 error: 'recurse' has no value: null means none "
                                         "= put quotes around it if you mean the word\n");
}

static void test_scalars(void **state)
{
    (void)state;
    check("version: 2\n", "-:1:10+1 error: '2' is not the number 1\n");
    check("workers: many\n", "-:1:10+4 error: 'many' is not a number from 0 to 256\n");
    check("workers: -1\n", "-:1:10+2 error: '-1' is not a number from 0 to 256\n");
    check("workers: 257\n", "-:1:10+3 error: '257' is not a number from 0 to 256\n");
    check("workers: 04\n", "-:1:10+2 error: '04' is not a number from 0 to 256 = write it without "
                           "a zero in front\n");
    check("answers: {minimal: yes, rotate: On}\n",
          "-:1:20+3 error: 'yes' is not true or false = write true or false\n"
          "-:1:33+2 error: 'On' is not true or false = write true or false\n");
    check("log: {level: debgu}\n", "-:1:14+5 error: 'debgu' is not one of error, warning, info, "
                                   "debug = did you mean 'debug'?\n");
    check("log: {level: loud}\n",
          "-:1:14+4 error: 'loud' is not one of error, warning, info, debug\n");
    check("listen: [{addr: a, kinds: [udp, dot]}]\n",
          "-:1:33+3 error: 'dot' is not one of udp, tcp\n");
    check("identity: {nsid: 0x1}\n", "-:1:18+3 error: '0x1' is not 1 to 128 octets: a text, or 0x "
                                     "and pairs of hexadecimal digits\n");
    check("listen: [{addr: a, port: 0}]\n",
          "-:1:26+1 error: '0' is not a number from 1 to 65535\n");
    check("listen: [{addr: a, port: 65536}]\n",
          "-:1:26+5 error: '65536' is not a number from 1 to 65535\n");
}

static void test_hosts(void **state)
{
    (void)state;
    check("listen: [{addr: 192.0.2.300}]\n",
          "-:1:17+11 error: '192.0.2.300' is not an address or the name of an interface\n");
    check("listen: [{addr: \"127.0.0.1:5300\"}]\n",
          "-:1:17+16 error: '127.0.0.1:5300' has a port in it = write the port in 'port'\n");
    check("listen: [{addr: [eth0, \"*\"]}]\n",
          "-:1:24+3 error: '*' is not an address or the name of an interface = for all addresses "
          "write [0.0.0.0, \"::\"]\n");
    check("listen: [{addr: any}]\n", "-:1:17+3 error: 'any' is not the name of an interface = for "
                                     "all addresses write [0.0.0.0, \"::\"]\n");
    check("listen: [{addr: localhost}]\n",
          "-:1:17+9 error: 'localhost' is not the name of an interface = for this machine alone "
          "write [127.0.0.1, \"::1\"]\n");
    check("listen: [{addr: 192.0.2.0/24}]\n",
          "-:1:17+12 error: '192.0.2.0/24' is not an address or the name of an interface = write "
          "an address without a length\n");
    check("listen: [{addr: \"fe80::1%no-such\"}]\n",
          "-:1:17+17 error: 'fe80::1%no-such' is not an address or the name of an interface = is "
          "there an interface 'no-such' on this machine?\n");
}

static void test_access(void **state)
{
#define WORDS "localhost, private, any, none, an address, a prefix or key:NAME"
    (void)state;
    check("access: {recurse: [privat]}\n",
          "-:1:20+6 error: 'privat' is not " WORDS " = did you mean 'private'?\n");
    check("access: {recurse: all}\n",
          "-:1:19+3 error: 'all' is not " WORDS " = did you mean 'any'?\n");
    check("access: {recurse: 192.168.1.7/16}\n",
          "-:1:19+14 error: '192.168.1.7/16' is not " WORDS " = bits past the length must be zero: "
          "did you mean '192.168.0.0/16'?\n");
    check("access: {recurse: 2001:db8::1/33}\n",
          "-:1:19+14 error: '2001:db8::1/33' is not " WORDS " = bits past the length must be zero: "
          "did you mean '2001:db8::/33'?\n");
    check("access: {transfer: 10.0.0.0/33}\n",
          "-:1:20+11 error: '10.0.0.0/33' is not " WORDS " = the length is at most 32\n");
    check("access: {transfer: \"192.0.2.1:53\"}\n",
          "-:1:20+14 error: '192.0.2.1:53' is not " WORDS " = write the address without a port\n");
    check("access: {transfer: \"key:\"}\n", "-:1:20+6 error: 'key:' is not " WORDS "\n");
    check("access: {transfer: example.test}\n",
          "-:1:20+12 error: 'example.test' is not " WORDS "\n");
}

static void test_names(void **state)
{
    (void)state;
    check("zones: {a..b: {file: c}}\n", "-:1:9+4 error: 'a..b' is not the name of a zone: empty "
                                        "label (two dots in a row, or a dot at the start)\n");
    check("zones: {\"@\": {file: c}}\n", "-:1:9+3 error: '@' is not the name of a zone: '@' is no "
                                         "name here; the root is '.'\n");
    check("zones: {a..b: {fiel: c}}\n", "-:1:9+4 error: 'a..b' is not the name of a zone: empty "
                                        "label (two dots in a row, or a dot at the start)\n"
                                        "-:1:16+4 error: unknown key 'fiel' = did you mean "
                                        "'file'?\n");
}

// A value that many aliases share is told once.
static void test_aliases(void **state)
{
    (void)state;
    check("zones: {a: &x {fiel: b}, c: *x, d: *x}\n",
          "-:1:16+4 error: unknown key 'fiel' = did you mean 'file'?\n");
}

static void test_marks(void **state)
{
    const char *text = "user: []\nlgo: 1\nworkers: 1\nlisten: [{addr: [eth0, \"*\"]}, 1]\n";
    struct source source = {.path = "-", .text = text, .size = strlen(text)};
    struct arena arena = {0};
    struct report report = {0};
    struct buffer tree = {0};
    struct value root;
    (void)state;
    assert_true(syntax_read(&source, &arena, &report, &root));
    validate_tree(&root, &report);
    told_value(&root, &tree);
    assert_string_equal(buffer_text(&tree), "{'user': ![], !'lgo': '1', 'workers': '1', 'listen': "
                                            "[{'addr': ['eth0', !'*']}, !'1']}");
    size_t errors = report.errors;
    validate_tree(&root, &report); // nothing is told twice
    assert_int_equal(report.errors, errors);
    buffer_free(&tree);
    report_free(&report);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),  cmocka_unit_test(test_keys),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_brief), cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_hosts), cmocka_unit_test(test_access),
        cmocka_unit_test(test_names), cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
