// Hosts files: what is read of them.
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

#define DATE_S 1700000000

static char folder[64];
static uint64_t expires_s; // of what was read last

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
    struct local *local = hosts_read(&options->hosts, &built_secret, DATE_S, &expires_s);
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

// Leases get no names but those of their domain, home.arpa where nothing else is said.
static void test_leases(void **state)
{
    (void)state;
    struct local *local =
        read_text("1700000100 52:54:00:12:34:56 192.0.2.10 laptop 01:52:54:00:12:34:56\n"
                  "1700000050 52:54:00:12:34:57 192.0.2.11 Phone.HOME.arpa *\n"
                  "1699999999 52:54:00:12:34:58 192.0.2.12 ended *\n"
                  "0 52:54:00:12:34:59 192.0.2.13 lasting *\n"
                  "1700000001 52:54:00:12:34:60 192.0.2.14 www.bank.example *\n"
                  "1700000001 52:54:00:12:34:61 192.0.2.15 home.arpa *\n"
                  "1700000001 52:54:00:12:34:62 192.0.2.16 odd/name *\n"
                  "1700000100 123456 2001:db8::10 laptop 00:01\n"
                  "duid 00:01:00:01\n");
    assert_int_equal(expires_s, 1700000050);
    assert_int_equal(count(local, "laptop.home.arpa", TYPE_A), 1);
    assert_int_equal(count(local, "laptop.home.arpa", TYPE_AAAA), 1);
    assert_int_equal(count(local, "phone.home.arpa", TYPE_A), 1);
    assert_int_equal(count(local, "lasting.home.arpa", TYPE_A), 1);
    assert_int_equal(count(local, "10.2.0.192.in-addr.arpa", TYPE_PTR), 1);
    assert_int_equal(count(local, "ended.home.arpa", TYPE_A), -1);
    assert_int_equal(count(local, "laptop", TYPE_A), -1);
    assert_int_equal(count(local, "www.bank.example", TYPE_A), -1);
    assert_int_equal(count(local, "home.arpa", TYPE_A), -1);
    assert_int_equal(count(local, "16.2.0.192.in-addr.arpa", TYPE_PTR), -1);
    local_release(local);
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
    char *path = memory_format("%s/hosts", folder);
    (void)unlink(path);
    free(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_odd_files),
        cmocka_unit_test(test_leases),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
