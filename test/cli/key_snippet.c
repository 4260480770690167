// Snippets for other programs. Whether those take them is for test/system/test_key.py.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/command.h"
#include "cli/key_snippet.h"
#include "dns/tsig.h"

static struct key_snippet sample(void)
{
    struct key_snippet snippet = {
        .name = "k_1.test", .secret = "c2VjcmV0", .zone = "example.test", .kind = MAC_SHA256};
    bool good = address_parse("[2001:db8::1]:5353", 53, &snippet.server);
    assert_true(good);
    return snippet;
}

static void expect(const struct key_snippet *snippet, const char *word, const char *text)
{
    struct buffer to = {0};
    key_tool_find(word)->add(snippet, &to);
    if (!strstr(buffer_text(&to), text))
        fail_msg("%s: no \"%s\" in:\n%s", word, text, buffer_text(&to));
    buffer_free(&to);
}

static void test_lines(void **state)
{
    static const struct {
        const char *word, *line;
    } lines[] = {
        {"onym", "keys:\n  \"k_1.test\": {alg: hmac-sha256, secret: \"c2VjcmV0\"}\n"},
        {"onym", "#   zones: {\"example.test\": {update: [\"key:k_1.test\"]}}"},
        {"nsupdate", "key \"k_1.test\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0\";\n};\n"},
        {"certbot", "dns_rfc2136_server = 2001:db8::1\ndns_rfc2136_port = 5353\n"},
        {"certbot", "dns_rfc2136_name = k_1.test.\ndns_rfc2136_secret = c2VjcmV0\n"},
        {"certbot", "dns_rfc2136_algorithm = HMAC-SHA256\n"},
        {"lego", "RFC2136_NAMESERVER=[2001:db8::1]:5353\nRFC2136_TSIG_KEY=k_1.test.\n"},
        {"lego", "RFC2136_TSIG_ALGORITHM=hmac-sha256.\nRFC2136_TSIG_SECRET=c2VjcmV0\n"},
        {"cert-manager", "  name: tsig-k-1.test-key\n"}, // RFC 1123's letters
        {"cert-manager", "        nameserver: \"[2001:db8::1]:5353\"\n"},
        {"cert-manager", "        tsigAlgorithm: HMACSHA256\n"},
        {"cert-manager", "tsigSecretSecretRef: {name: tsig-k-1.test-key, key: secret}\n"},
        {"external-dns", "  - --rfc2136-host=2001:db8::1\n  - --rfc2136-port=5353\n"},
        {"external-dns", "  - --rfc2136-tsig-axfr\n"},
        {"kea", "\"algorithm\": \"HMAC-SHA256\""},
        {"kea", "{\"name\": \"example.test.\", \"key-name\": \"k_1.test\""},
        {"nsd", "    request-xfr: 2001:db8::1@5353 \"k_1.test\"\n"},
        {"knot", "    address: \"2001:db8::1@5353\"\n"},
        {"bind", "primaries { 2001:db8::1 port 5353 key \"k_1.test\"; };"},
        {"bind", "\tfile \"example.test.zone\";\n"},
    };
    (void)state;
    struct key_snippet snippet = sample();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        expect(&snippet, lines[i].word, lines[i].line);
}

static void test_challenges(void **state)
{
    (void)state;
    struct key_snippet snippet = sample();
    snippet.challenges = true;
    expect(&snippet, "onym",
           "zones:\n  \"example.test\": {update: [{key: \"k_1.test\", acme: true}]}\n");
    unsigned count = 0;
    for (const struct key_tool *tool = key_tools(); tool->word; tool++)
        count += tool->challenges;
    assert_int_equal(count, 5); // onym, nsupdate, and who asks for certificates
}

static void test_other_names(void **state)
{
    (void)state;
    struct key_snippet snippet = sample();
    snippet.zone = ".";
    expect(&snippet, "kea", "{\"name\": \".\", ");
    snippet.zone = "0/25.2.0.192.in-addr.arpa";
    expect(&snippet, "bind", "zone \"0/25.2.0.192.in-addr.arpa\" {");
    expect(&snippet, "bind", "file \"0-25.2.0.192.in-addr.arpa.zone\";");
}

static void test_algorithms(void **state)
{
    (void)state;
    struct key_snippet snippet = sample();
    snippet.kind = MAC_MD5;
    expect(&snippet, "lego", "RFC2136_TSIG_ALGORITHM=hmac-md5.sig-alg.reg.int.\n");
    expect(&snippet, "certbot", "dns_rfc2136_algorithm = HMAC-MD5\n");
    expect(&snippet, "cert-manager", "tsigAlgorithm: HMACMD5\n");
    assert_false(key_tool_knows(key_tool_find("external-dns"), MAC_MD5));
    assert_false(key_tool_knows(key_tool_find("cert-manager"), MAC_SHA384));
    assert_true(key_tool_knows(key_tool_find("cert-manager"), MAC_SHA512));
    for (const struct key_tool *tool = key_tools(); tool->word; tool++)
        assert_true(key_tool_knows(tool, MAC_SHA256));
}

// The command's choices are the table's.
static void test_words(void **state)
{
    char choices[256] = "";
    unsigned found = 0;
    (void)state;
    for (const struct key_tool *tool = key_tools(); tool->word; tool++)
        snprintf(choices + strlen(choices), sizeof choices - strlen(choices), "%s%s",
                 *choices ? " " : "", tool->word);
    for (const struct command *command = command_table(); command->noun; command++)
        for (const struct command_flag *flag = command->flags; flag && flag->name; flag++)
            if (strcmp(flag->name, "--for") == 0 && ++found)
                assert_string_equal(flag->choices, choices);
    assert_int_equal(found, 2);
    assert_null(key_tool_find("tinydns"));
}

static void test_names(void **state)
{
    static const char *const bad[] = {"", "a b", "a\"b", "a;b", "a\\b", "*.a", "a#", "\xc3\xbc"};
    (void)state;
    assert_true(key_snippet_name("K-1_x.example.test"));
    assert_true(key_snippet_name("0/25.2.0.192.in-addr.arpa"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(key_snippet_name(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),       cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_other_names), cmocka_unit_test(test_algorithms),
        cmocka_unit_test(test_words),       cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
