// `onym query` from its words to its exit code, against a server of our own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/exit.h"
#include "dns/type.h"
#include "fake.h"
#include "spoken.h"

// By the first letter of the name: a an address, n NXDOMAIN, s SERVFAIL, r REFUSED, t truncated,
// e empty, q a query, z silence; x answers only to A.
static size_t answer_by_letter(struct fake *fake, const uint8_t *query, size_t size, uint8_t *reply)
{
    size_t type_at = 12;
    while (query[type_at])
        type_at += 1u + query[type_at];
    bool is_a = query[type_at + 2] == TYPE_A;
    switch (query[13]) {
    case 'a': return is_a ? fake_address(query, size, reply) : fake_echo(query, size, 0x400, reply);
    case 'n': return fake_echo(query, size, 3, reply);
    case 's': return fake_echo(query, size, 2, reply);
    case 'r': return fake_echo(query, size, 5, reply);
    case 'f': return fake_echo(query, size, 1, reply);
    case 'e': return fake_echo(query, size, 0x400, reply);
    case 't':
        return fake->over_tcp ? fake_address(query, size, reply)
                              : fake_echo(query, size, 0x200, reply);
    case 'x': return is_a ? fake_address(query, size, reply) : fake_echo(query, size, 2, reply);
    case 'q': memcpy(reply, query, size); return size;
    default: return 0;
    }
}

static struct spoken ask(const struct fake *fake, const char *words)
{
    char line[256], server[ADDRESS_TEXT_MAX];
    address_print(&fake->address, server);
    snprintf(line, sizeof line, "query %s @%s +time=1 +tries=1", words, server);
    return speak(line);
}

static void test_exit_codes(void **state)
{
    static const struct {
        const char *words;
        int code;
    } cases[] = {
        {"a.test", EXIT_OK},
        {"a.test --fail", EXIT_OK},
        {"t.test --fail", EXIT_OK},
        {"n.test", EXIT_OK},
        {"n.test --fail", EXIT_NXDOMAIN},
        {"s.test --fail", EXIT_SERVFAIL},
        {"r.test --fail", EXIT_REFUSED},
        {"e.test --fail", EXIT_NODATA},
        {"f.test --fail", EXIT_ERROR},
        {"q.test", EXIT_FAILED},
        {"z.test", EXIT_NO_REPLY},
        {"a.test --all", EXIT_OK},
        {"n.test --all", EXIT_NXDOMAIN},
        {"e.test --all", EXIT_NODATA},
        {"r.test --all", EXIT_REFUSED},
        {"s.test --all", EXIT_SERVFAIL},
        {"x.test --all", EXIT_PARTLY},
        {"q.test --all", EXIT_FAILED},
        {"a.test bogustype", EXIT_USAGE},
    };
    (void)state;
    struct fake fake;
    fake_start(&fake, answer_by_letter);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = ask(&fake, cases[i].words);
        if (spoken.code != cases[i].code)
            fail_msg("%s: %d", cases[i].words, spoken.code);
        assert_int_equal(spoken.err[0] == 0, cases[i].code == EXIT_OK || cases[i].code >= 10 ||
                                                 cases[i].code == EXIT_PARTLY);
        hush(&spoken);
    }
    fake_stop(&fake);
    struct spoken spoken = ask(&fake, "a.test");
    assert_int_equal(spoken.code, EXIT_UNREACHABLE);
    assert_string_equal(spoken.out, "");
    hush(&spoken);
}

static void test_forms(void **state)
{
    static const struct {
        const char *words, *out, *err;
    } cases[] = {
        {"a.test +short", "192.0.2.1\n", ""},
        {"a.test MX +short", "", "MX: no such type\n"},
        {"n.test +short", "", "A: no such name\n"},
        {"n.test +short -q", "", ""},
        {"a.test +noall +answer", "a.test. 300 IN A 192.0.2.1\n", ""},
        {"n.test +noall +answer", "", ""},
    };
    (void)state;
    struct fake fake;
    fake_start(&fake, answer_by_letter);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spoken spoken = ask(&fake, cases[i].words);
        assert_string_equal(spoken.out, cases[i].out);
        assert_string_equal(spoken.err, cases[i].err);
        hush(&spoken);
    }
    struct spoken spoken = ask(&fake, "a.test A MX --json");
    const char *second = strchr(spoken.out, '\n');
    assert_non_null(second);
    assert_true(strncmp(spoken.out, "{\"v\":1,", 7) == 0 && strncmp(second, "\n{\"v\":1,", 8) == 0);
    hush(&spoken);
    fake_stop(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exit_codes),
                                       cmocka_unit_test(test_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
