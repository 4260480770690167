// The configuration as a whole: texts and files to options.
#include "told.h"

#include "base/limits.h"
#include "conf/options.h"
#include "conf/schema.h"

static struct options *read_good(const char *text)
{
    struct report report = {0};
    struct options *options = options_read_text("a.yaml", text, strlen(text), &report);
    told_expect(&report, "", text);
    assert_non_null(options);
    return options;
}

static void check_bad(const char *text, const char *told)
{
    struct report report = {0};
    assert_null(options_read_text("a.yaml", text, strlen(text), &report));
    told_expect(&report, told, text);
}

static void check_listen(const struct listen_option *option, const char *address, unsigned kinds)
{
    char text[ADDRESS_TEXT_MAX];
    assert_false(option->is_interface);
    address_print(&option->address, text);
    assert_string_equal(text, address);
    assert_int_equal(option->port, address_port(&option->address));
    assert_int_equal(option->kinds, kinds);
}

static void check_defaults(const struct options *options)
{
    assert_null(options->user);
    assert_int_equal(options->workers, 0);
    assert_string_equal(options->state, "/var/lib/onym");
    assert_false(options->state_given);
    assert_string_equal(options->control, "/run/onym/ctl");
    assert_null(options->identity.name);
    assert_null(options->identity.version);
    assert_int_equal(options->identity.nsid_size, 0);
    assert_int_equal(options->listen_count, 2);
    check_listen(&options->listen[0], "127.0.0.1:53", LISTEN_UDP | LISTEN_TCP);
    check_listen(&options->listen[1], "[::1]:53", LISTEN_UDP | LISTEN_TCP);
    assert_null(options->listen[0].place.file);
    assert_int_equal(options->recurse_count, 2);
    assert_int_equal(options->recurse[0].kind, ACCESS_LOCALHOST);
    assert_int_equal(options->recurse[1].kind, ACCESS_PRIVATE);
    assert_int_equal(options->transfer_count, 0);
    assert_true(options->answers.minimal);
    assert_true(options->answers.rotate);
    assert_int_equal(options->zone_count, 0);
    assert_int_equal(options->zone_folder_count, 0);
    assert_int_equal(options->log.level, LOG_LEVEL_INFO);
    assert_false(options->log.queries);
    for (enum schema_key key = KEY_ROOT; key < KEY_COUNT; key++)
        assert_null(options->origins[key].file);
}

static void test_defaults(void **state)
{
    static const char *const texts[] = {
        "", "# nothing\n", "{}", "---\n",
        "identity:\nlisten:\naccess:\nanswers:\nzones:\nzone_folders:\ninclude:\nlog:\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct options *options = read_good(texts[i]);
        check_defaults(options);
        assert_string_equal(options->path, "a.yaml");
        assert_int_equal(options->file_count, 1);
        options_free(options);
    }
    options_free(NULL);
}

static void test_no_file(void **state)
{
    struct report report = {0};
    (void)state;
    struct options *options = options_read(NULL, &report);
    told_expect(&report, "", "no file");
    check_defaults(options);
    assert_null(options->path);
    assert_int_equal(options->file_count, 0);
    options_free(options);
}

static void test_all(void **state)
{
    static const char text[] = "version: 1\n"
                               "user: onym\n"
                               "workers: 4\n"
                               "state: /s\n"
                               "control: /c\n"
                               "identity: {name: ns1, version: \"2\", nsid: 0x00ff}\n"
                               "listen:\n"
                               "  - {addr: [192.0.2.1, eth0], kinds: tcp}\n"
                               "  - {addr: \"2001:db8::1\", port: 5300}\n"
                               "keys: {K: {secret: YWJj}}\n"
                               "access:\n"
                               "  recurse: [any, 192.0.2.0/24, \"key:k\"]\n"
                               "  transfer: none\n"
                               "answers: {minimal: false, rotate: false}\n"
                               "zones: {b.test: {file: b}, a.test: {file: /x/a}}\n"
                               "zone_folders: [z, {path: /z, zonemd: true}]\n"
                               "log: {level: warning, queries: true}\n";
    struct options *options = read_good(text);
    (void)state;
    assert_string_equal(options->user, "onym");
    assert_int_equal(options->workers, 4);
    assert_string_equal(options->state, "/s");
    assert_true(options->state_given);
    assert_string_equal(options->control, "/c");
    assert_string_equal(options->identity.name, "ns1");
    assert_string_equal(options->identity.version, "2");
    assert_int_equal(options->identity.nsid_size, 2);
    assert_memory_equal(options->identity.nsid, "\0\xff", 2);

    assert_int_equal(options->listen_count, 3);
    check_listen(&options->listen[0], "192.0.2.1:53", LISTEN_TCP);
    assert_true(options->listen[1].is_interface);
    assert_string_equal(options->listen[1].addr, "eth0");
    assert_int_equal(options->listen[1].place.line, 8);
    assert_int_equal(options->listen[1].place.column, 24);
    assert_string_equal(options->listen[1].place.file, "a.yaml");
    check_listen(&options->listen[2], "[2001:db8::1]:5300", LISTEN_UDP | LISTEN_TCP);

    assert_int_equal(options->recurse_count, 3);
    assert_int_equal(options->recurse[1].kind, ACCESS_PREFIX);
    assert_int_equal(options->recurse[1].prefix.bits, 24);
    assert_int_equal(options->recurse[2].kind, ACCESS_KEY);
    assert_int_equal(options->recurse[2].key, 0);
    assert_string_equal(options->recurse[2].text, "key:k");
    assert_int_equal(options->transfer_count, 1);
    assert_int_equal(options->transfer[0].kind, ACCESS_NONE);
    assert_false(options->answers.minimal);
    assert_false(options->answers.rotate);

    assert_int_equal(options->zone_count, 2);
    assert_string_equal(options->zones[0].file, "/x/a");
    assert_string_equal(options->zones[1].file, "b");
    assert_int_equal(options->zone_folder_count, 2); // and not looked into
    assert_string_equal(options->zone_folders[0].path, "z");
    assert_false(options->zone_folders[0].zonemd);
    assert_string_equal(options->zone_folders[1].path, "/z");
    assert_true(options->zone_folders[1].zonemd);
    assert_int_equal(options->log.level, LOG_LEVEL_WARNING);
    assert_true(options->log.queries);
    assert_int_equal(options->origins[KEY_LOG_LEVEL].line, 17);
    assert_string_equal(options->origins[KEY_LOG_LEVEL].file, "a.yaml");
    options_free(options);
}

static void test_listen(void **state)
{
#define WITHOUT "an entry of 'listen' without 'addr' = like this: {addr: 192.0.2.53}\n"
    (void)state;
    check_bad("listen:\n  - port: 53\n  - {}\n  - {addr: }\n  - ~\n",
              "a.yaml:2:5+1 error: " WITHOUT "a.yaml:3:5+2 error: " WITHOUT
              "a.yaml:4:5+8 error: " WITHOUT "a.yaml:5:5+1 error: " WITHOUT);
    check_bad("listen: [{addr: 192.0.2.1}, {addr: [192.0.2.1, eth0]}, {addr: eth0, kinds: udp}]\n",
              "a.yaml:1:37+9 error: port 53 of '192.0.2.1' is listened on already, at a.yaml:1 = "
              "remove one of them\n"
              "a.yaml:1:63+4 error: port 53 of 'eth0' is listened on already, at a.yaml:1 = remove "
              "one of them\n");
    // Other ports, kinds and families are others; other spellings are not.
    options_free(read_good("listen:\n  - {addr: 192.0.2.1, kinds: udp}\n"
                           "  - {addr: 192.0.2.1, kinds: tcp}\n"
                           "  - {addr: 192.0.2.1, port: 54}\n  - {addr: \"::\"}\n"
                           "  - {addr: 0.0.0.0}\n"));
    check_bad("listen: [{addr: \"::1\"}, {addr: \"0:0::1\"}]\n",
              "a.yaml:1:32+8 error: port 53 of '0:0::1' is listened on already, at a.yaml:1 = "
              "remove one of them\n");
}

static void test_listeners_max(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct buffer text = {0};
        struct report report = {0};
        buffer_add_text(&text, "listen:\n");
        for (int i = 0; i < LISTENERS_MAX + more; i++)
            buffer_format(&text, "  - {addr: 127.0.%d.%d}\n", i / 256, i % 256);
        struct options *options = options_read_text("a.yaml", text.text, text.size, &report);
        told_expect(&report, more ? "a.yaml:1026:12+9 error: more than 1024 addresses\n" : "", "");
        assert_int_equal(options != NULL, more == 0);
        options_free(options);
        buffer_free(&text);
    }
}

static void test_access(void **state)
{
    (void)state;
    check_bad("access: {recurse: [none, any]}\n",
              "a.yaml:1:20+4 error: 'none' is not alone in its list = remove it, or all the "
              "others\n");
    struct options *options = read_good("access: {recurse: none, transfer: [any]}\n");
    assert_int_equal(options->recurse_count, 1);
    options_free(options);
    options = read_good("access: {recurse: []}\n");
    assert_int_equal(options->recurse_count, 0);
    options_free(options);
}

static void test_folders_without_path(void **state)
{
    (void)state;
    check_bad(
        "zone_folders: [{zonemd: true}, a, {}, {path: }, {path: ~, zonemd: x}]\n",
        "a.yaml:1:40+4 error: 'path' has no value = write one, or remove the key\n"
        "a.yaml:1:56+1 error: 'path' has no value: ~ means none = put quotes around it if you "
        "mean the word\n"
        "a.yaml:1:67+1 error: 'x' is not true or false = write true or false\n"
        "a.yaml:1:16+14 error: an entry of 'zone_folders' without 'path' = like this: {path: "
        "/etc/onym/zones}\n"
        "a.yaml:1:35+2 error: an entry of 'zone_folders' without 'path' = like this: {path: "
        "/etc/onym/zones}\n");
}

static void test_state(void **state)
{
    struct options *options = read_good("state: s\n");
    char text[200];
    (void)state;
    assert_string_equal(options->state, "s");
    assert_string_equal(options->control, "s/ctl");
    options_free(options);
    options = read_good("control: c\n");
    assert_string_equal(options->control, "c");
    options_free(options);

    // A socket's path has 107 octets at most.
    snprintf(text, sizeof text, "state: /%0102d\n", 1);
    options = read_good(text);
    assert_int_equal(strlen(options->control), 107);
    options_free(options);
    snprintf(text, sizeof text, "state: /%0103d\n", 1);
    check_bad(text, "a.yaml:1:8+104 error: the path of the control socket has over 107 octets: "
                    "'/00000000000000000000000000000000000000000000000000000000000000000...' = "
                    "give a shorter one in 'control'\n");
    snprintf(text, sizeof text, "control: /%0107d\n", 1);
    check_bad(text, "a.yaml:1:10+108 error: the path of the control socket has over 107 octets: "
                    "'/00000000000000000000000000000000000000000000000000000000000000000...' = "
                    "give a shorter one in 'control'\n");
}

// Errors of all steps in one go.
static void test_all_errors(void **state)
{
    (void)state;
    check_bad("usr: a\nuser: []\nlisten: [{port: 53}]\naccess: {recurse: [none, any]}\n"
              "zones: {a: {}, b: {file: x}, B: {file: y}}\n",
              "a.yaml:1:1+3 error: unknown key 'usr' = did you mean 'user'?\n"
              "a.yaml:2:7+2 error: 'user' must be a text of 1 to 255 octets, not a list = like "
              "this: user: onym\n"
              "a.yaml:3:10+10 error: an entry of 'listen' without 'addr' = like this: {addr: "
              "192.0.2.53}\n"
              "a.yaml:4:20+4 error: 'none' is not alone in its list = remove it, or all the "
              "others\n"
              "a.yaml:5:9+1 error: zone 'a' has no file = give it one, as in {file: "
              "example.test.zone}, or a primary, as in {from: 192.0.2.1}\n"
              "a.yaml:5:30+1 error: zone 'b.' is given twice, first at a.yaml:5\n");
    check_bad("user: [\n", "a.yaml:2:1+1 error: the text ends inside of [ ] or { } = close what is "
                           "open\n");
    // A refused map is not looked into (found by fuzz_config: its values were taken unchecked).
    check_bad("!\nworkers: x\nlisten: \"\"\n",
              "a.yaml:1:1+1 error: tags like !!str have no meaning here = put quotes around a text "
              "that begins with '!'\n");
}

// Errors of others in the same report are not ours.
static void test_earlier_errors(void **state)
{
    struct report report = {0};
    (void)state;
    report_add(&report, SEVERITY_ERROR, NULL, NULL, "of someone else");
    struct options *options = options_read_text("a.yaml", "", 0, &report);
    assert_non_null(options);
    options_free(options);
    report_free(&report);
}

// Warnings are told and the options are there.
static void test_files(void **state)
{
    char folder[64];
    struct report report = {0};
    (void)state;
    told_enter_folder(folder);
    assert_int_equal(mkdir("etc", 0755), 0);
    assert_int_equal(mkdir("etc/more", 0755), 0);
    assert_int_equal(mkdir("etc/zones", 0755), 0);
    told_put_file("etc/onym.yaml", "state: ../state\ninclude: more/a.yaml\nzone_folders: zones\n"
                                   "zones: {a.test: {file: a.zone}}\n");
    told_put_file("etc/more/a.yaml", "zones: {b.test: {file: b.zone}}\nlog: {level: debug}\n");
    told_put_file("etc/zones/a.test.zone", "");
    told_put_file("etc/zones/c.test.zone", "");
    struct options *options = options_read("etc/onym.yaml", &report);
    told_expect(&report,
                "etc/onym.yaml:3:15+5 warning: 'etc/zones/a.test.zone' is not used: zone 'a.test.' "
                "has its file at etc/onym.yaml:4 = remove one of them, or rename the file\n",
                "files");
    assert_string_equal(options->state, "etc/../state");
    assert_string_equal(options->control, "etc/../state/ctl");
    assert_int_equal(options->file_count, 2);
    assert_string_equal(options->files[1], "etc/more/a.yaml");
    assert_int_equal(options->zone_count, 3);
    assert_string_equal(options->zones[0].file, "etc/a.zone");
    assert_string_equal(options->zones[1].file, "etc/more/b.zone");
    assert_ptr_equal(options->zones[1].place.file, options->files[1]);
    assert_string_equal(options->zones[2].file, "etc/zones/c.test.zone");
    assert_true(options->zones[2].from_folder);
    assert_int_equal(options->zones[2].place.line, 3);
    assert_string_equal(options->origins[KEY_LOG_LEVEL].file, "etc/more/a.yaml");
    options_free(options);

    // Nothing is looked for in the folder, so nothing is told of it; the rest is there.
    options = options_read_without_zones("etc/onym.yaml", &report);
    told_expect(&report, "", "without zones");
    assert_int_equal(options->zone_count, 0);
    assert_string_equal(options->control, "etc/../state/ctl");
    assert_int_equal(options->file_count, 2);
    options_free(options);

    assert_null(options_read("etc/nix.yaml", &report));
    told_expect(&report, "etc/nix.yaml error: cannot be read: No such file or directory\n", "nix");
    told_leave_folder(folder);
}

static void test_environment(void **state)
{
    char folder[64];
    struct report report = {0};
    (void)state;
    told_enter_folder(folder);
    told_put_file("a.yaml", "log: {level: error}\n");
    setenv("STATE_DIRECTORY", "/s/one:/s/two", 1);
    setenv("ONYM_LOG__LEVEL", "debug", 1);
    setenv("ONYM_WORKERS", "3", 1);
    struct options *options = options_read("a.yaml", &report);
    told_expect(&report, "", "environment");
    assert_int_equal(options->log.level, LOG_LEVEL_DEBUG);
    assert_int_equal(options->workers, 3);
    assert_string_equal(options->state, "/s/one");
    assert_false(options->state_given);
    assert_string_equal(options->control, "/run/onym/ctl");
    assert_string_equal(options->origins[KEY_LOG_LEVEL].file, "ONYM_LOG__LEVEL");
    assert_int_equal(options->origins[KEY_LOG_LEVEL].line, 0);
    assert_string_equal(options->origins[KEY_STATE].file, "STATE_DIRECTORY");
    options_free(options);

    setenv("ONYM_STATE", "s", 1);
    setenv("ONYM_WORKERS", "many", 1);
    assert_null(options_read("a.yaml", &report));
    told_expect(&report, "ONYM_WORKERS error: 'many' is not a number from 0 to 256\n", "bad");
    unsetenv("ONYM_WORKERS");
    options = options_read("a.yaml", &report);
    assert_true(options->state_given);
    assert_string_equal(options->state, "s");
    assert_string_equal(options->control, "s/ctl");
    options_free(options);

    // A text alone is a text alone.
    options = options_read_text("a.yaml", "", 0, &report);
    check_defaults(options);
    options_free(options);
    unsetenv("ONYM_STATE");
    unsetenv("ONYM_LOG__LEVEL");
    unsetenv("STATE_DIRECTORY");
    told_leave_folder(folder);
}

static void test_text_alone(void **state)
{
    struct options *options = read_good(
        "include: [/nix.yaml, \"/*\"]\nzone_folders: [/nix, /]\nzones: {a: {file: /nix}}\n");
    (void)state;
    assert_int_equal(options->file_count, 1);
    assert_int_equal(options->zone_count, 1);
    options_free(options);
}

static void test_quickstart(void **state)
{
    struct report report = {0};
    struct options *options = options_read(SOURCE_ROOT "/examples/quickstart/onym.yaml", &report);
    (void)state;
    told_expect(&report, "", "quickstart");
    check_listen(&options->listen[0], "127.0.0.1:5300", LISTEN_UDP | LISTEN_TCP);
    check_listen(&options->listen[1], "[::1]:5300", LISTEN_UDP | LISTEN_TCP);
    assert_int_equal(options->zone_count, 2);
    for (size_t i = 0; i < options->zone_count; i++)
        assert_int_equal(access(options->zones[i].file, R_OK), 0);
    options_free(options);
}

// Thirty thousand zones, in names and octets as a large hoster has them.
static void test_many(void **state)
{
    enum { ZONES = 30000 };
    struct buffer text = {0};
    struct report report = {0};
    (void)state;
    buffer_add_text(&text, "zones:\n");
    for (unsigned i = 0; i < ZONES; i++)
        buffer_format(&text, "  \"customer%u.test\": {file: zones/%u.zone}\n", i * 7919u % ZONES,
                      i);
    struct options *options = options_read_text("a.yaml", text.text, text.size, &report);
    told_expect(&report, "", "many");
    assert_int_equal(options->zone_count, ZONES);
    options_free(options);
    buffer_free(&text);
}

int main(void)
{
    unsetenv("STATE_DIRECTORY");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_listeners_max),
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_folders_without_path),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_all_errors),
        cmocka_unit_test(test_earlier_errors),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_text_alone),
        cmocka_unit_test(test_quickstart),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
