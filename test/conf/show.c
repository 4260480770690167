// The effective configuration as YAML.
#include "told.h"

#include "conf/show.h"

static void check(const char *text, struct show_style style, const char *expected)
{
    struct report report = {0};
    struct buffer shown = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, "", text);
    options_show(options, style, &shown);
    assert_string_equal(buffer_text(&shown), expected);
    buffer_free(&shown);
    options_free(options);
}

static void test_plain(void **state)
{
    struct show_style style = {0};
    (void)state;
    check("", style, "");
    check("log:\nzones: {}\nidentity: {}\n", style, "");
    check("version: 1\nuser: onym\n", style, "version: 1\nuser: onym\n");
    check("zones: {b.test: {file: b}, A.test: {file: /x/a.zone}}\n", style,
          "zones:\n  \"A.test.\": {file: /x/a.zone}\n  \"b.test.\": {file: b}\n");
    check("zones: {a.test: {zonemd: true, file: a}, b.test: {file: b, zonemd: false}}\n", style,
          "zones:\n  \"a.test.\": {file: a, zonemd: true}\n  \"b.test.\": {file: b}\n");
    check(
        "log: {queries: true}\nidentity: {nsid: ns1, name: ''}\nanswers: {rotate: false}\n", style,
        "identity:\n  name: \"\"\n  nsid: ns1\nanswers:\n  rotate: false\nlog:\n  queries: true\n");
    check("listen: [{addr: [eth0, \"::\"], kinds: udp}, {addr: 192.0.2.1, port: 5300}]\n", style,
          "listen:\n"
          "  - {addr: eth0, port: 53, kinds: [udp]}\n"
          "  - {addr: \"::\", port: 53, kinds: [udp]}\n"
          "  - {addr: 192.0.2.1, port: 5300, kinds: [udp, tcp]}\n");
    check("access: {recurse: [any, \"key:a\", 192.0.2.0/24], transfer: []}\n"
          "keys: {a: {secret: \"file:s\", alg: hmac-sha512, bits: 256}}\n",
          style,
          "keys:\n  \"a\": {alg: hmac-sha512, secret: \"file:s\", bits: 256}\naccess:\n  recurse: "
          "[any, \"key:a\", 192.0.2.0/24]\n  transfer: []\n");
    check("keys: {a: {secret: YWJj}}\n", style,
          "keys:\n  \"a\": {alg: hmac-sha256, secret: \"(not shown)\"}\n");
    check("zone_folders: z\n", style, "zone_folders: [z]\n");
    check("keys: {k: {alg: hmac-sha256, secret: \"env:HOME\"}}\n"
          "zones: {a.test: {file: a, notify: [10.0.0.1, \"[::1]:53  key:k\"]}}\n"
          "zone_folders: [{path: z, notify: 10.0.0.1}]\n",
          style,
          "keys:\n  \"k\": {alg: hmac-sha256, secret: \"env:HOME\"}\n"
          "zones:\n  \"a.test.\": {file: a, notify: [10.0.0.1, \"[::1]:53  key:k\"]}\n"
          "zone_folders: [{path: z, notify: [10.0.0.1]}]\n");
    check("zone_folders: [{path: z, zonemd: false}, {zonemd: true, path: \"a b\"}]\n", style,
          "zone_folders: [z, {path: \"a b\", zonemd: true}]\n");
}

// What is shown reads as the same.
static void test_resolve(void **state)
{
    static const char *const texts[] = {
        "resolve:\n  default: none\n",
        "resolve:\n  default: {forward: [10.0.0.53, \"10.0.0.54:5353\", \"[2001:db8::1]:53\"]}\n",
        "resolve:\n  hints:\n    \"a.test.\": [192.0.2.1, \"2001:db8::1\"]\n"
        "    \"b.test.\": [\"192.0.2.2:5300\"]\n",
        "resolve:\n  hints_file: /etc/named.root\n  root_copy: /etc/root.zone\n"
        "  root_copy_zonemd: false\n",
        "resolve:\n  zones:\n    \"a.test.\": {forward: [10.0.0.1]}\n"
        "    \"b.test.\": {ask: [10.0.0.2, 10.0.0.3]}\n  ipv6: false\n"
        "  never_ask: [own, 10.0.0.0/8, \"2001:db8::/32\"]\n  port: 5300\n",
        "resolve:\n  never_ask: []\n  budget:\n    time: 2s 500ms\n",
        "hosts:\n  files: [/a, /b]\n  names:\n    \"nas.\": [192.168.1.5, \"fd00::5\"]\n",
        "hosts:\n  files: []\n",
        "cache:\n  size: 25%\n  min_ttl: 1m 5s\n  stale: 0s\n  keep: false\n",
        "cache:\n  size: 1GiB\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        check(texts[i], (struct show_style){0}, texts[i]);
    check("resolve:\n  budget: {time: 5s}\n  zones:\n    a: {ask: [10.0.0.1]}\n"
          "hosts: {files: [/a]}\n",
          (struct show_style){.origin = true},
          "resolve:\n  zones:\n    \"a.\": {ask: [10.0.0.1]}  # a.yaml:4\n  budget:\n"
          "    time: 5s  # a.yaml:2\nhosts:\n  files: [/a]  # a.yaml:5\n");
}

static void test_all(void **state)
{
    struct show_style style = {.all = true};
    (void)state;
    check("user: onym\n", style,
          "version: 1\n"
          "user: onym\n"
          "workers: 0\n"
          "state: /var/lib/onym\n"
          "control: /run/onym/ctl\n"
          "#identity:\n"
          "#  name: not told\n"
          "#  version: not told\n"
          "#  nsid: not told\n"
          "listen:\n"
          "  - {addr: 127.0.0.1, port: 53, kinds: [udp, tcp]}\n"
          "  - {addr: \"::1\", port: 53, kinds: [udp, tcp]}\n"
          "keys: {}\n"
          "access:\n"
          "  recurse: [localhost, private]\n"
          "  transfer: []\n"
          "  ecs: []\n"
          "answers:\n"
          "  minimal: true\n"
          "  rotate: true\n"
          "zones: {}\n"
          "zone_folders: []\n"
          "places:\n"
          "  databases: []\n"
          "checks: {}\n"
          "resolve:\n"
          "  default: recursive\n"
          "#  hints: the thirteen root servers of the Internet\n"
          "  hints_file: /usr/share/dns/root.hints\n"
          "#  root_copy: none\n"
          "  root_copy_zonemd: true\n"
          "  zones: {}\n"
          "  minimise: true\n"
          "  ipv4: true\n"
          "  ipv6: true\n"
          "  special_names: true\n"
          "  never_ask: [loopback, own, unspecified, multicast]\n"
          "  quiet: false\n"
          "  port: 53\n"
          "  budget:\n"
          "    packets: 60\n"
          "    time: 7s\n"
          "hosts:\n"
          "  files: [/etc/hosts]\n"
          "  names: {}\n"
          "  domain: \"home.arpa.\"\n"
          "cache:\n"
          "  size: 256MiB\n"
          "  min_ttl: 0s\n"
          "  max_ttl: 1d\n"
          "  negative_ttl: 1h\n"
          "  stale: 1d\n"
          "  prefetch: true\n"
          "  keep: true\n"
          "views: {}\n"
          "history:\n"
          "  keep: 52w 1d\n"
          "  size: 1GiB\n"
          "log:\n"
          "  level: info\n"
          "  queries: false\n");
}

#define ORIGIN_OF_REST                                                                             \
    "views: {}\n"                                                                                  \
    "history:\n"                                                                                   \
    "  keep: 52w 1d  # default\n"                                                                  \
    "  size: 1GiB  # default\n"                                                                    \
    "log:\n"                                                                                       \
    "  level: info  # default\n"                                                                   \
    "  queries: false  # default\n"
#define ORIGIN_OF_CACHE                                                                            \
    "cache:\n"                                                                                     \
    "  size: 256MiB  # default\n"                                                                  \
    "  min_ttl: 0s  # default\n"                                                                   \
    "  max_ttl: 1d  # default\n"                                                                   \
    "  negative_ttl: 1h  # default\n"                                                              \
    "  stale: 1d  # default\n"                                                                     \
    "  prefetch: true  # default\n"                                                                \
    "  keep: true  # default\n"

static void test_origin(void **state)
{
    struct show_style style = {.origin = true};
    (void)state;
    check("user: onym\nlog:\n  level: debug\nlisten:\n  - {addr: eth0}\n"
          "zones:\n  a: {file: b}\naccess:\n  recurse:\n    - any\n    - 10.0.0.0/8\n"
          "    - 11.0.0.0/8\n    - 12.0.0.0/8\n  transfer: [any, 10.0.0.0/8]\n",
          style,
          "user: onym  # a.yaml:1\n"
          "listen:\n"
          "  - {addr: eth0, port: 53, kinds: [udp, tcp]}  # a.yaml:5\n"
          "access:\n"
          "  recurse: [any, 10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8]  # a.yaml:10, a.yaml:11, "
          "a.yaml:12, ...\n"
          "  transfer: [any, 10.0.0.0/8]  # a.yaml:14\n"
          "zones:\n"
          "  \"a.\": {file: b}  # a.yaml:7\n"
          "log:\n"
          "  level: debug  # a.yaml:3\n");
    style.all = true;
    check("", style,
          "version: 1  # default\n"
          "#user: the user who started onym\n"
          "workers: 0  # default\n"
          "state: /var/lib/onym  # default\n"
          "control: /run/onym/ctl  # default\n"
          "#identity:\n"
          "#  name: not told\n"
          "#  version: not told\n"
          "#  nsid: not told\n"
          "listen:\n"
          "  - {addr: 127.0.0.1, port: 53, kinds: [udp, tcp]}  # default\n"
          "  - {addr: \"::1\", port: 53, kinds: [udp, tcp]}  # default\n"
          "keys: {}\n"
          "access:\n"
          "  recurse: [localhost, private]  # default\n"
          "  transfer: []  # default\n"
          "  ecs: []  # default\n"
          "answers:\n"
          "  minimal: true  # default\n"
          "  rotate: true  # default\n"
          "zones: {}\n"
          "zone_folders: []  # default\n"
          "places:\n"
          "  databases: []  # default\n"
          "checks: {}\n"
          "resolve:\n"
          "  default: recursive  # default\n"
          "#  hints: the thirteen root servers of the Internet\n"
          "  hints_file: /usr/share/dns/root.hints  # default\n"
          "#  root_copy: none\n"
          "  root_copy_zonemd: true  # default\n"
          "  zones: {}\n"
          "  minimise: true  # default\n"
          "  ipv4: true  # default\n"
          "  ipv6: true  # default\n"
          "  special_names: true  # default\n"
          "  never_ask: [loopback, own, unspecified, multicast]  # default\n"
          "  quiet: false  # default\n"
          "  port: 53  # default\n"
          "  budget:\n"
          "    packets: 60  # default\n"
          "    time: 7s  # default\n"
          "hosts:\n"
          "  files: [/etc/hosts]  # default\n"
          "  names: {}\n"
          "  domain: \"home.arpa.\"  # default\n" ORIGIN_OF_CACHE ORIGIN_OF_REST);
}

// What every reader of YAML takes for the same text, and what no screen should get raw.
static void test_texts(void **state)
{
    static const struct {
        const char *written, *shown;
    } cases[] = {
        {"onym", "onym"},
        {"'true'", "\"true\""},
        {"\"No\"", "\"No\""},
        {"\"null\"", "\"null\""},
        {"0123", "\"0123\""},
        {"12", "\"12\""},
        {"1e3", "\"1e3\""},
        {"1.5", "\"1.5\""},
        {"192.0.2.1", "192.0.2.1"},
        {"2001-01-01", "\"2001-01-01\""},
        {"a b", "\"a b\""},
        {"a:b", "\"a:b\""},
        {"'a\"\\b'", "\"a\\\"\\\\b\""},
        {"-a", "\"-a\""},
        {".a", "\".a\""},
        {"b\u00fccher", "\"b\u00fccher\""},
        {"\"a\\nb\\x1bc\\u202ed\"", "\"a\\U0000000Ab\\U0000001Bc\\U0000202Ed\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = memory_format("identity: {name: %s}\n", cases[i].written);
        char *shown = memory_format("identity:\n  name: %s\n", cases[i].shown);
        check(text, (struct show_style){0}, shown);
        check(shown, (struct show_style){0}, shown); // and it is the same text
        free(text);
        free(shown);
    }
}

static void test_nsid(void **state)
{
    static const struct {
        const char *written, *shown;
    } cases[] = {
        {"ns1", "ns1"},       {"0x6e7331", "ns1"},    {"0x00ff", "0x00ff"},
        {"a b", "0x612062"},  {"0x3078", "0x3078"}, // itself begins with 0x
        {"0X00", "\"0X00\""}, {"\xc3\xbc", "0xc3bc"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = memory_format("identity: {nsid: %s}\n", cases[i].written);
        char *shown = memory_format("identity:\n  nsid: %s\n", cases[i].shown);
        check(text, (struct show_style){0}, shown);
        check(shown, (struct show_style){0}, shown);
        free(text);
        free(shown);
    }
}

// What is shown, read again, is shown the same.
static void test_again(void **state)
{
    static const char text[] =
        "version: 1\nuser: \"a b\"\nworkers: 2\nstate: ../s\ncontrol: /c\n"
        "identity: {name: '1', version: x, nsid: 0x00}\n"
        "listen: [{addr: [eth0, \"fe80::1\"], kinds: tcp}, {addr: 0.0.0.0, port: 54}]\n"
        "access: {recurse: none, transfer: [\"2001:db8::/32\", \"key:k.\"]}\n"
        "keys: {k: {secret: \"file:s\"}}\n"
        "answers: {minimal: false}\nzones: {\"a\\\\.b\": {file: \"x y\"}, .: {file: r}}\n"
        "zone_folders: [\"a b\", c]\nlog: {level: error}\n";
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct show_style style = {i & 1, i & 2};
        struct report report = {0};
        struct buffer first = {0}, second = {0};
        struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
        options_show(options, style, &first);
        options_free(options);
        options = options_read_text("a.yaml", first.text, first.size, &report);
        told_expect(&report, "", first.text);
        options_show(options, style, &second);
        if (!style.origin)
            assert_string_equal(first.text, second.text);
        options_free(options);
        buffer_free(&first);
        buffer_free(&second);
    }
}

// Found in a folder: told by the folder, so shown as a comment, and only with the rest.
static void test_folders(void **state)
{
    char folder[64];
    struct report report = {0};
    struct buffer shown = {0};
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("z", 0755), 0);
    told_put_file("z/b.test.zone", "");
    told_put_file("z/\xff\n.test.zone~", "");
    told_put_file("a\xff\n.yaml", "zone_folders: z\nzones: {a.test: {file: x}}\n");
    setenv("ONYM_USER", "a\xff\n", 1);
    struct options *options = options_read("a\xff\n.yaml", &report);
    assert_non_null(options);
    options_show(options, (struct show_style){.origin = true}, &shown);
    assert_string_equal(buffer_text(&shown), "user: \"a\\xFF\\U0000000A\"  # ONYM_USER\n"
                                             "zones:\n  \"a.test.\": {file: x}  # a??.yaml:2\n"
                                             "zone_folders: [z]  # a??.yaml:1\n");
    buffer_clear(&shown);
    options_show(options, (struct show_style){.all = true, .origin = true}, &shown);
    assert_non_null(strstr(buffer_text(&shown), "\nzones:\n"
                                                "  \"a.test.\": {file: x}  # a??.yaml:2\n"
                                                "#  \"b.test.\": {file: z/b.test.zone}  # "
                                                "a??.yaml:1\n"
                                                "zone_folders: "));
    unsetenv("ONYM_USER");
    buffer_free(&shown);
    options_free(options);
    report_free(&report);
    told_leave_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),   cmocka_unit_test(test_all),
        cmocka_unit_test(test_resolve), cmocka_unit_test(test_origin),
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_nsid),
        cmocka_unit_test(test_again),   cmocka_unit_test(test_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
