// `onym key add|list|show`.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <sys/stat.h>

#include "cli/exit.h"
#include "conf/keys.h"
#include "conf/options.h"
#include "files.h"
#include "spoken.h"

#define SECRET "dGhpcnR5LXR3byBvY3RldHMgYXJlIGEgZ29vZCBrZXk="
#define CONFIG                                                                                     \
    "include: [\"d/*.yaml\", \"*.d.yaml\"]\n"                                                      \
    "keys:\n  one: {secret: \"" SECRET "\"}\n"                                                     \
    "  two.test: {alg: hmac-sha512, bits: 256, secret: \"file:two.secret\"}\n"

static void put_configuration(void)
{
    files_put("onym.yaml", CONFIG);
    files_put("two.secret", SECRET "\n");
    chmod("onym.yaml", 0640);
}

static char *member(const char *text, const char *key)
{
    json_t *object = json_loads(text, 0, NULL);
    const char *found = json_string_value(json_object_get(object, key));
    char *copy = strdup(found ? found : "");
    json_decref(object);
    return copy;
}

static void expect(const char *line, int code, const char *out, const char *err)
{
    struct spoken spoken = speak(line);
    if (spoken.code != code || !strstr(spoken.out, out) || !strstr(spoken.err, err))
        fail_msg("%s: %d\n%s\n%s", line, spoken.code, spoken.out, spoken.err);
    hush(&spoken);
}

static void test_secrets(void **state)
{
    static const struct {
        const char *alg;
        size_t digits;
    } cases[] = {{"hmac-md5", 24},    {"hmac-sha1", 28},   {"hmac-sha224", 40},
                 {"hmac-sha256", 44}, {"hmac-sha384", 64}, {"hmac-sha512", 88}};
    (void)state;
    files_begin();
    files_put("onym.yaml", "{}\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[100], *secrets[2];
        snprintf(line, sizeof line, "key add k --json -q -c onym.yaml --alg %s", cases[i].alg);
        for (unsigned j = 0; j < 2; j++) {
            struct spoken spoken = speak(line);
            assert_int_equal(spoken.code, EXIT_OK);
            secrets[j] = member(spoken.out, "secret");
            assert_int_equal(strlen(secrets[j]), cases[i].digits);
            hush(&spoken);
        }
        assert_string_not_equal(secrets[0], secrets[1]);
        free(secrets[0]);
        free(secrets[1]);
    }
    files_end();
}

// What is printed for onym is what onym reads.
static void test_reads_back(void **state)
{
    (void)state;
    struct spoken spoken = speak("key add K1.Example. --for onym -q");
    struct report report = {0};
    struct options *options = options_read_text("snippet", spoken.out, strlen(spoken.out), &report);
    assert_non_null(options);
    const struct key_option *key = keys_find(options, "k1.example");
    assert_non_null(key);
    assert_int_equal(key->kind, MAC_SHA256);
    assert_int_equal(key->secret_size, 32);
    options_free(options);
    report_free(&report);
    hush(&spoken);
}

static void test_refused(void **state)
{
    (void)state;
    files_begin();
    put_configuration();
    expect("key add", EXIT_USAGE, "", "NAME");
    expect("key add .", EXIT_USAGE, "", "'.' is not a good name for a key");
    expect("key add a/b", EXIT_USAGE, "", "not a good name");
    expect("key add a\"b", EXIT_USAGE, "", "not a good name");
    expect("key add a..b", EXIT_USAGE, "", "");
    expect("key add k --zone *.test", EXIT_USAGE, "", "'*.test' is not a good name for a zone");
    expect("key add k --zone a --acme b", EXIT_USAGE, "", "--acme names the zone");
    expect("key add k --alg hmac-sha3", EXIT_USAGE, "", "hmac-sha3");
    expect("key add k --server ns.example", EXIT_USAGE, "", "not where a server could be");
    expect("key add k --for tinydns", EXIT_USAGE, "", "tinydns");
    expect("key add k --for knot --acme a", EXIT_USAGE, "", "a key for challenges is of no use");
    expect("key add k --for cert-manager --alg hmac-sha224", EXIT_USAGE, "",
           "cert-manager does not know hmac-sha224");
    expect("key add ONE -c onym.yaml", EXIT_CONFLICT, "", "key one is there already, at onym.yaml");
    files_end();
}

// A configuration that cannot be read is no reason not to make a key: nothing is written there.
static void test_bad_configuration(void **state)
{
    (void)state;
    files_begin();
    files_put("onym.yaml", "nonsense: 1\n");
    expect("key add k -c onym.yaml --for onym", EXIT_OK, "keys:", "onym.yaml is not looked at");
    expect("key add k -c onym.yaml --write k.yaml", EXIT_USAGE, "", "nothing was written");
    assert_int_equal(access("k.yaml", F_OK), -1);
    expect("key list -c onym.yaml", EXIT_USAGE, "", "nonsense");
    files_end();
}

static void test_write(void **state)
{
    struct stat status;
    (void)state;
    files_begin();
    put_configuration();
    expect("key add k -c onym.yaml --write k.d.yaml --for certbot", EXIT_OK,
           "dns_rfc2136_name = k.\n", "wrote k.d.yaml: ");
    assert_int_equal(stat("k.d.yaml", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    expect("key show k -c onym.yaml", EXIT_OK, "algorithm  hmac-sha256\n", "");
    // Neither a file that is there nor a link to nowhere is written to.
    expect("key add m -c onym.yaml --write k.d.yaml", EXIT_CONFLICT, "", "File exists");
    assert_int_equal(symlink("nowhere", "l.yaml"), 0);
    expect("key add m -c onym.yaml --write l.yaml", EXIT_CONFLICT, "", "File exists");
    unlink("l.yaml");
    expect("key add m -c onym.yaml --write no/m.yaml", EXIT_FAILED, "", "cannot write no/m.yaml");
    expect("key add m -c onym.yaml --write m.yaml", EXIT_OK,
           "keys:", "no configuration includes yet: include: [\"m.yaml\"]");
    files_end();
}

// A file with which the configuration is an error does not stay: a zone of that name has no file.
static void test_write_spoils(void **state)
{
    (void)state;
    files_begin();
    files_put("onym.yaml", "include: [\"*.d.yaml\"]\n");
    expect("key add k -c onym.yaml --acme a.test --write k.d.yaml", EXIT_CONFLICT, "",
           "k.d.yaml would be an error there: it was not written");
    assert_int_equal(access("k.d.yaml", F_OK), -1);
    files_end();
}

static void test_list(void **state)
{
    (void)state;
    files_begin();
    put_configuration();
    struct spoken spoken = speak("key list -c onym.yaml");
    assert_string_equal(spoken.out, "one                      hmac-sha256  onym.yaml:3\n"
                                    "two.test                 hmac-sha512  onym.yaml:4\n");
    hush(&spoken);
    spoken = speak("key list -c onym.yaml --json");
    json_t *object = json_loads(spoken.out, 0, NULL);
    const json_t *keys = json_object_get(object, "keys"), *second = json_array_get(keys, 1);
    assert_int_equal(json_array_size(keys), 2);
    assert_int_equal(json_integer_value(json_object_get(second, "bits")), 256);
    assert_string_equal(json_string_value(json_object_get(second, "source")), "file:two.secret");
    assert_null(strstr(spoken.out, SECRET));
    json_decref(object);
    hush(&spoken);
    files_put("empty.yaml", "{}\n");
    expect("key list -c empty.yaml", EXIT_OK, "", "there are no keys");
    files_end();
}

static void test_show(void **state)
{
    static const char *const hidden[] = {"key show two.test -c onym.yaml",
                                         "key show two.test -c onym.yaml --json",
                                         "key show two.test -c onym.yaml --for bind"};
    (void)state;
    files_begin();
    put_configuration();
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        struct spoken spoken = speak(hidden[i]);
        assert_int_equal(spoken.code, EXIT_OK);
        assert_null(strstr(spoken.out, SECRET));
        hush(&spoken);
    }
    expect("key show Two.TEST. -c onym.yaml --secret", EXIT_OK, "secret     " SECRET "\n", "");
    expect("key show one -c onym.yaml --secret --json", EXIT_OK, "\"secret\":\"" SECRET "\"", "");
    expect("key show two.test -c onym.yaml --secret --for nsd --zone a.test --server 192.0.2.1",
           EXIT_OK, "    secret: \"" SECRET "\"\nzone:\n    name: \"a.test\"\n", "nsd.conf");
    expect("key show one -c onym.yaml --for bind", EXIT_OK, "secret \"SECRET\";",
           "--secret puts the secret in");
    expect("key show onee -c onym.yaml", EXIT_NOT_FOUND, "", "did you mean one?");
    expect("key show elsewhere -c onym.yaml", EXIT_NOT_FOUND, "", "'onym key list' lists");
    files_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets), cmocka_unit_test(test_reads_back),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_bad_configuration),
        cmocka_unit_test(test_write),   cmocka_unit_test(test_write_spoils),
        cmocka_unit_test(test_list),    cmocka_unit_test(test_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
