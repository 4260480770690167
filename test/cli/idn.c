// Names that people write otherwise than the wire does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/idn.h"

static void test_to_ascii(void **state)
{
    static const struct {
        const char *text, *ascii; // NULL: refused
    } cases[] = {
        {"www.Example.test", "www.Example.test"},
        {"_sip._tcp.a\\.b", "_sip._tcp.a\\.b"},
        {"", ""},
        {"m\xc3\xbcnchen.example", "xn--mnchen-3ya.example"},
        {"M\xc3\x9cNCHEN.example.", "xn--mnchen-3ya.example."},
        {"mu\xcc\x88nchen.example", "xn--mnchen-3ya.example"}, // u and a combining diaeresis
        {"fa\xc3\x9f.de", "xn--fa-hia.de"},                    // IDNA2008: not "fass"
        {"_sip._tcp.m\xc3\xbcnchen.example", "_sip._tcp.xn--mnchen-3ya.example"},
        {"\xe4\xbe\x8b\xe3\x80\x82test", "xn--fsq.test"}, // an ideographic full stop
        {"\xff.example", NULL},
        {"\xe2\x80\xae"
         "abc.example",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *problem = NULL;
        char *ascii = idn_to_ascii(cases[i].text, &problem);
        if (cases[i].ascii)
            assert_string_equal(ascii, cases[i].ascii);
        else
            assert_true(!ascii && problem);
        free(ascii);
    }
}

static void test_to_unicode(void **state)
{
    static const struct {
        const char *text, *unicode; // NULL: stays as it is
    } cases[] = {
        {"www.example.", NULL},
        {"www.xn--mnchen-3ya.example.", "www.m\xc3\xbcnchen.example."},
        {"XN--MNCHEN-3YA.example.", "m\xc3\xbcnchen.example."},
        {"xn--.example.", NULL},
        {"xn--zzzzzzz99999.example.", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t wire[NAME_OCTETS_MAX];
        struct name name;
        assert_int_equal(name_parse(cases[i].text, strlen(cases[i].text), NULL, wire, &name),
                         NAME_TEXT_OK);
        struct buffer text = {0};
        assert_int_equal(idn_to_unicode(name, &text), cases[i].unicode != NULL);
        assert_string_equal(buffer_text(&text), cases[i].unicode ? cases[i].unicode : "");
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_to_ascii),
                                       cmocka_unit_test(test_to_unicode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
