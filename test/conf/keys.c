// Keys: what they become, secrets that stand elsewhere, and what is wrong with others.
#include "routed.h"

#include "conf/keys.h"
#include "conf/rules.h"
#include "dns/tsig.h"

static char folder[] = "/tmp/onym-keys-XXXXXX";

static struct options *read_alone(const char *text, const char *told)
{
    struct report report = {0};
    struct options *options = options_read_text("d/a.yaml", text, strlen(text), &report);
    told_expect(&report, told, text);
    return options;
}

// As a file, with what it names; *told is without the folder.
static struct options *read_file(const char *text, unsigned mode, const char *told)
{
    struct report report = {0};
    char *path = memory_format("%s/a.yaml", folder);
    assert_int_equal(file_write(path, text, strlen(text), mode), 0);
    struct options *options = options_read(path, &report);
    struct buffer expected = {0};
    for (const char *at = told; *at; at++) {
        if (*at == '~')
            buffer_add_text(&expected, folder);
        else
            buffer_add_char(&expected, *at);
    }
    told_expect(&report, buffer_text(&expected), text);
    buffer_free(&expected);
    free(path);
    return options;
}

static void write_secret(const char *name, const char *text)
{
    char *path = memory_format("%s/%s", folder, name);
    assert_int_equal(file_write(path, text, strlen(text), 0600), 0);
    free(path);
}

static void keys_stand_in_canonical_order(void **state)
{
    struct options *options = read_alone("keys:\n"
                                         "  Z.b: {secret: YWJj, alg: hmac-sha512, bits: 256}\n"
                                         "  a.B: {secret: \" YW Jj\\n\"}\n"
                                         "access: {transfer: [\"key:z.B.\", \"key:A.b\"]}\n",
                                         "");
    (void)state;
    assert_int_equal(options->key_count, 2);
    assert_string_equal(options->keys[0].name, "a.B");
    assert_int_equal(options->keys[0].kind, MAC_SHA256);
    assert_int_equal(options->keys[0].mac_least, 32);
    assert_memory_equal(options->keys[0].wire, "\1a\1b", 5);
    assert_int_equal(options->keys[0].secret_size, 3);
    assert_memory_equal(options->keys[0].secret, "abc", 3);
    assert_int_equal(options->keys[1].kind, MAC_SHA512);
    assert_int_equal(options->keys[1].mac_least, 32);
    assert_int_equal(options->transfer[0].key, 1);
    assert_int_equal(options->transfer[1].key, 0);
    assert_ptr_equal(keys_find(options, "A.B."), &options->keys[0]);
    assert_null(keys_find(options, "c"));
    struct tsig_keys *keys = options_keys(options);
    assert_int_equal(keys->count, 2);
    assert_ptr_equal(tsig_keys_find(keys, name_trust((const uint8_t *)"\1Z\1B")), &keys->list[1]);
    assert_int_equal(keys->list[1].mac_least, 32);
    tsig_keys_release(keys);
    options_free(options);
}

#define MAKE "make one with: openssl rand -base64 32"

static void mistakes_are_told(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"keys: {k: {alg: hmac-sha256}}",
         "d/a.yaml:1:8+1 error: key 'k' has no 'secret' = " MAKE "\n"},
        {"keys: {k: {secret: \"a*b\"}}",
         "d/a.yaml:1:20+5 error: the secret is not base64 = " MAKE "\n"},
        {"keys: {k: {secret: YWJ}}",
         "d/a.yaml:1:20+3 error: the secret is not base64 = " MAKE "\n"},
        {"keys: {k: {secret: \" \"}}", "d/a.yaml:1:20+3 error: the secret is empty = " MAKE "\n"},
        {"keys: {k: {secret: YWJj, alg: hmac-sha3}}",
         "d/a.yaml:1:31+9 error: 'hmac-sha3' is not one of hmac-sha256, hmac-sha512, hmac-sha384, "
         "hmac-sha224, hmac-sha1, hmac-md5 = did you mean 'hmac-sha1'?\n"},
        {"keys: {k: {secret: YWJj, bits: 120}}",
         "d/a.yaml:1:32+3 error: hmac-sha256 has from 128 to 256 bits, in steps of 8 (RFC 8945 "
         "5.2.2.1)\n"},
        {"keys: {k: {secret: YWJj, bits: 129}}",
         "d/a.yaml:1:32+3 error: hmac-sha256 has from 128 to 256 bits, in steps of 8 (RFC 8945 "
         "5.2.2.1)\n"},
        {"keys: {k: {secret: YWJj}, K.: {secret: YWJj}}",
         "d/a.yaml:1:27+1 error: key 'K.' is given already, at d/a.yaml:1 = remove one of them\n"},
        {"keys: {second: {secret: YWJj}}\naccess: {transfer: \"key:secnd\"}",
         "d/a.yaml:2:20+11 error: there is no key 'secnd' in 'keys' = did you mean key:second?\n"},
        {"access: {transfer: \"key:k1\"}",
         "d/a.yaml:1:20+8 error: there is no key 'k1' in 'keys' = add it to 'keys', like this: "
         "{k1: {secret: \"file:k1.secret\"}}\n"},
        {"keys: {a..b: {secret: YWJj}}",
         "d/a.yaml:1:8+4 error: 'a..b' is not the name of a key: empty label (two dots in a row, "
         "or a dot at the start)\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_null(read_alone(cases[i].text, cases[i].told));
    options_free(read_alone("keys: {k: {secret: YWJj, alg: hmac-md5}}",
                            "d/a.yaml:1:31+8 warning: hmac-md5 is only for clients that know "
                            "nothing else (RFC 8945 6) = hmac-sha256 is the usual one\n"));
}

static void assert_secret(struct options *options, const char *source)
{
    assert_non_null(options);
    assert_int_equal(options->keys[0].secret_size, 3);
    assert_memory_equal(options->keys[0].secret, "abc", 3);
    if (source)
        assert_string_equal(options->keys[0].source, source);
    else
        assert_null(options->keys[0].source);
    options_free(options);
}

static void secrets_stand_elsewhere(void **state)
{
    (void)state;
    write_secret("k.secret", "YWJj\n");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    setenv("ONYMTEST_K", "YWJj", 1);
    assert_secret(read_file("keys: {k: {secret: \"file:k.secret\"}}\n", 0644, ""), "file:k.secret");
    assert_secret(read_file("keys: {k: {secret: \"cred:k.secret\"}}\n", 0644, ""), "cred:k.secret");
    assert_secret(read_file("keys: {k: {secret: \"env:ONYMTEST_K\"}}\n", 0644, ""),
                  "env:ONYMTEST_K");
    assert_secret(read_file("keys: {k: {secret: YWJj}}\n", 0600, ""), NULL);
    assert_secret(read_file("keys: {k: {secret: YWJj}}\n", 0644,
                            "~/a.yaml:1:20+4 warning: a secret in a file that everybody may read = "
                            "chmod o-r the file, or write secret: \"file:...\" or \"cred:...\"\n"),
                  NULL);
}

static void secrets_that_are_not_there_are_errors(void **state)
{
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    assert_null(read_file("keys: {k: {secret: \"file:none\"}}\n", 0600,
                          "~/a.yaml:1:20+11 error: the secret cannot be read: ~/none: No such file "
                          "or directory\n"));
    assert_null(read_file("keys: {k: {secret: \"cred:../x\"}}\n", 0600,
                          "~/a.yaml:1:20+11 error: the secret cannot be read: the name of a "
                          "credential has no '/'\n"));
    assert_null(read_file("keys: {k: {secret: \"env:ONYMTEST_NONE\"}}\n", 0600,
                          "~/a.yaml:1:20+19 error: the secret cannot be read: there is no such "
                          "variable in the environment\n"));
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_null(read_file("keys: {k: {secret: \"cred:x\"}}\n", 0600,
                          "~/a.yaml:1:20+8 error: the secret cannot be read: there is no "
                          "$CREDENTIALS_DIRECTORY: systemd sets it where the unit has "
                          "LoadCredential=\n"));
    // A text that is read alone looks at nothing else.
    struct options *options = read_alone("keys: {k: {secret: \"file:none\"}}\n", "");
    assert_int_equal(options->keys[0].secret_size, 0);
    options_free(options);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char *command = memory_format("rm -r %s", folder);
    int failed = system(command);
    (void)state;
    free(command);
    return failed;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stand_in_canonical_order),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(secrets_stand_elsewhere),
        cmocka_unit_test(secrets_that_are_not_there_are_errors),
    };
    return cmocka_run_group_tests_name("conf/keys", tests, make_folder, remove_folder);
}
