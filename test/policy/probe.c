// Messages between daemon and checker: written, read, and cut off anywhere.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "policy/probe.h"

static struct probe example(void)
{
    struct probe probe = {.id = 7,
                          .kind = PROBE_HTTPS,
                          .timeout_ms = 2000,
                          .verify = true,
                          .host = "www.example.test",
                          .path = "/health?a=b",
                          .text = "ready",
                          .statuses = {200, 204},
                          .status_count = 2};
    assert_true(address_parse("[2001:db8::1]:443", 0, &probe.address));
    return probe;
}

static void test_round(void **state)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe probe = example(), read;
    (void)state;
    size_t size = probe_write(&probe, message);
    assert_true(size > 0);
    assert_true(probe_read(message, size, &read));
    assert_int_equal(read.id, 7);
    assert_int_equal(read.kind, PROBE_HTTPS);
    assert_true(address_equal(&read.address, &probe.address));
    assert_int_equal(read.timeout_ms, 2000);
    assert_true(read.verify);
    assert_string_equal(read.host, probe.host);
    assert_string_equal(read.path, probe.path);
    assert_string_equal(read.text, probe.text);
    assert_int_equal(read.status_count, 2);
    assert_int_equal(read.statuses[1], 204);
}

static void test_cut(void **state)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe probe = example(), read;
    size_t size = probe_write(&probe, message);
    (void)state;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *octets = malloc(cut + 1);
        memcpy(octets, message, cut);
        assert_false(probe_read(octets, cut, &read));
        free(octets);
    }
    message[size] = 0;
    assert_false(probe_read(message, size + 1, &read)); // something behind it
}

// Whatever stands in it, what is read stays inside.
static void test_any_octets(void **state)
{
    struct dice dice = dice_seed(3);
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        size_t size = dice_roll(&dice) % 400;
        uint8_t *octets = malloc(size + 1);
        struct probe probe;
        struct probe_result result;
        for (size_t i = 0; i < size; i++)
            octets[i] = (uint8_t)(dice_roll(&dice) % 4);
        if (probe_read(octets, size, &probe))
            assert_true(strlen(probe.host) + strlen(probe.path) + strlen(probe.text) < size);
        if (probe_read_result(octets, size, &result))
            assert_true(strlen(result.words) < PROBE_WORDS_MAX);
        free(octets);
    }
}

static void test_too_long(void **state)
{
    static char text[PROBE_MESSAGE_MAX + 1];
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe probe = example();
    (void)state;
    memset(text, 'a', PROBE_MESSAGE_MAX);
    probe.text = text;
    assert_int_equal(probe_write(&probe, message), 0);
}

static void test_result(void **state)
{
    uint8_t message[PROBE_MESSAGE_MAX];
    struct probe_result result = {.id = 1ull << 40 | 3, .good = true, .words = "status 200"}, read;
    (void)state;
    size_t size = probe_write_result(&result, message);
    assert_true(probe_read_result(message, size, &read));
    assert_true(read.id == result.id && read.good);
    assert_string_equal(read.words, "status 200");
    assert_false(probe_read_result(message, size - 1, &read));
    memset(message + 16, 'a', PROBE_WORDS_MAX); // no end
    assert_false(probe_read_result(message, size, &read));
    message[8] = 2;
    assert_false(probe_read_result(message, size, &read));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),      cmocka_unit_test(test_cut),
        cmocka_unit_test(test_any_octets), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
