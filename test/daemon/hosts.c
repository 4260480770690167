// Hosts files: what is read of them, and when they are read again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "built.h"
#include "daemon/hosts.h"
#include "resolve/rules.h"

static char folder[64];

static void put(const char *name, const char *text)
{
    char *path = memory_format("%s/%s", folder, name);
    assert_int_equal(file_write(path, text, strlen(text), 0644), 0);
    free(path);
}

// Does `local` know the name, and how many records of the type has it?
static int count(const struct local *local, const char *text, uint16_t type)
{
    static struct answer answer;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, root = NAME_ROOT;
    struct name_key key;
    struct rules *rules = rules_make();
    rules->special_names = false;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    name_key_make(name, &built_secret, &key);
    struct known_question question = {.key = &key, .name = name, .type = type};
    answer_begin(&answer);
    bool known = local_answer(local, rules, &question, &answer);
    rules_release(rules);
    if (!known)
        return -1;
    return answer.count ? (int)answer.rrsets[0].rrset->count : 0;
}

static struct local *read_text(const char *text)
{
    put("hosts", text);
    char *config = memory_format("hosts: {files: [%s/hosts, %s/none], names: {\"nas.home.arpa\": "
                                 "[192.168.1.5, \"fd00::5\"]}}\n",
                                 folder, folder);
    struct options *options = built_options(config);
    struct local *local = hosts_read(&options->hosts, &built_secret);
    options_free(options);
    free(config);
    return local;
}

static void test_read(void **state)
{
    (void)state;
    struct local *local = read_text("# a comment\n"
                                    "\n"
                                    "192.0.2.1 a.test A-alias\tb.test # more\n"
                                    "\t192.0.2.2\ta.test\r\n"
                                    "2001:db8::1 a.test\n"
                                    "fe80::1%lo scoped.test\n"
                                    "fe80::1%lo0 scoped.test\n"
                                    "192.0.2.3 # nobody\n"
                                    "192.0.2.300 bad.test\n"
                                    "192.0.2.4:53 port.test\n"
                                    "[2001:db8::2] bracket.test\n"
                                    "nonsense\n"
                                    "192.0.2.5 half..bad good.test\n"
                                    "0.0.0.0 blocked.test\n"
                                    "192.0.2.6 last.test");
    static const struct {
        const char *name;
        uint16_t type;
        int count;
    } cases[] = {
        {"a.test", TYPE_A, 2},
        {"a.test", TYPE_AAAA, 1},
        {"a-alias", TYPE_A, 1},
        {"b.test", TYPE_A, 1},
        {"b.test", TYPE_AAAA, 0},
        {"scoped.test", TYPE_AAAA, -1},
        {"bad.test", TYPE_A, -1},
        {"port.test", TYPE_A, -1},
        {"bracket.test", TYPE_AAAA, -1},
        {"nonsense", TYPE_A, -1},
        {"good.test", TYPE_A, 1}, // the rest of a line counts
        {"blocked.test", TYPE_A, 1},
        {"last.test", TYPE_A, 1}, // without an end of the line
        {"more", TYPE_A, -1},
        {"nas.home.arpa", TYPE_A, 1},
        {"nas.home.arpa", TYPE_AAAA, 1},
        {"1.2.0.192.in-addr.arpa", TYPE_PTR, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (count(local, cases[i].name, cases[i].type) != cases[i].count)
            fail_msg("%s %u: %d", cases[i].name, cases[i].type,
                     count(local, cases[i].name, cases[i].type));
    local_release(local);
}

static void test_odd_files(void **state)
{
    (void)state;
    static const char *const texts[] = {"",  "\n",        "\n\n\n",     "#",
                                        " ", "192.0.2.1", "192.0.2.1 ", "\r\n192.0.2.1 .\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct local *local = read_text(texts[i]);
        assert_int_equal(count(local, "nas.home.arpa", TYPE_A), 1);
        local_release(local);
    }
}

// What happens within `wait_ms`.
static bool becomes_due(struct hosts_watch *watch, uint64_t now_ms, int wait_ms)
{
    watch->due_ms = 0;
    if (loop_wait(watch->loop, wait_ms))
        hosts_take(watch, now_ms);
    return watch->due_ms != 0;
}

static void test_watch(void **state)
{
    struct loop loop;
    struct hosts_watch watch = {.loop = &loop, .kind = 1, .fd = -1};
    char *path = memory_format("%s/hosts", folder), *other = memory_format("%s/other", folder);
    char *config = memory_format("hosts: {files: [%s, %s/later]}\n", path, folder);
    struct options *options = built_options(config);
    (void)state;
    assert_int_equal(loop_open(&loop), 0);
    put("hosts", "192.0.2.1 a.test\n");
    hosts_watch(&watch, &options->hosts, 5000);
    assert_int_equal(hosts_rest(&watch, 5000), -1);
    assert_false(hosts_are_due(&watch, 99999));

    put("hosts", "192.0.2.2 a.test\n"); // renamed over it
    assert_true(becomes_due(&watch, 5100, 2000));
    assert_false(hosts_are_due(&watch, 5100));
    // Once a second at most, counted from the last time that they were read.
    assert_int_equal(hosts_rest(&watch, 5100), HOSTS_EVERY_MS - 100);
    assert_true(hosts_are_due(&watch, 5000 + HOSTS_EVERY_MS));
    assert_true(becomes_due(&watch, 9000, 0) == false); // nothing more
    hosts_watch(&watch, &options->hosts, 9000);         // the new file is another one

    FILE *file = fopen(path, "a"); // written in place
    assert_true(file && fputs("192.0.2.3 b.test\n", file) >= 0 && fclose(file) == 0);
    assert_true(becomes_due(&watch, 19000, 2000));
    assert_int_equal(hosts_rest(&watch, 19000), HOSTS_SETTLE_MS);
    hosts_watch(&watch, &options->hosts, 19000);
    put("later", ""); // it was not there
    assert_true(becomes_due(&watch, 29000, 2000));
    hosts_watch(&watch, &options->hosts, 29000);
    put("other", ""); // none of ours
    assert_false(becomes_due(&watch, 39000, 200));
    assert_int_equal(unlink(path), 0);
    assert_true(becomes_due(&watch, 49000, 2000));
    hosts_unwatch(&watch);
    hosts_unwatch(&watch);
    loop_close(&loop);
    options_free(options);
    free(config);
    free(path);
    free(other);
}

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/onym-hosts-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    static const char *const names[] = {"hosts", "later", "other"};
    for (size_t i = 0; i < 3; i++) {
        char *path = memory_format("%s/%s", folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_odd_files),
        cmocka_unit_test(test_watch),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
