// Counts as a table and as NDJSON.
#include "told.h"

#include "lab/counts.h"

static void test_print(void **state)
{
    (void)state;
    struct address first, second;
    assert_true(address_parse("127.53.0.1", 53, &first));
    assert_true(address_parse("127.53.0.2", 53, &second));
    struct counts some = {.udp = 5, .tcp = 2, .connections = 1, .replies = 6, .unsent = 1};
    some.faults[FAULT_LOSS] = 1;
    some.faults[FAULT_LAME] = 2;
    struct counts none = {0};
    const struct counted lines[] = {{&first, "a.root.", 1, &some}, {&second, "b.root.", 2, &none}};
    struct buffer text = {0};
    counts_print(lines, 2, &text);
    assert_string_equal(
        buffer_text(&text),
        "server            udp      tcp    replies   unsent  name (faults)\n"
        "127.53.0.1          5        2          6        1  a.root. (loss 1, lame 2)\n"
        "all                 5        2          6        1  (loss 1, lame 2)\n");
    buffer_clear(&text);
    counts_print_json(lines, 2, &text);
    assert_string_equal(
        buffer_text(&text),
        "{\"v\":1,\"event\":\"server\",\"address\":\"127.53.0.1\",\"name\":\"a.root.\",\"zones\":1,"
        "\"udp\":5,\"tcp\":2,\"connections\":1,\"replies\":6,\"unsent\":1,"
        "\"faults\":{\"loss\":1,\"lame\":2}}\n"
        "{\"v\":1,\"event\":\"server\",\"address\":\"127.53.0.2\",\"name\":\"b.root.\",\"zones\":2,"
        "\"udp\":0,\"tcp\":0,\"connections\":0,\"replies\":0,\"unsent\":0,\"faults\":{}}\n"
        "{\"v\":1,\"event\":\"total\","
        "\"udp\":5,\"tcp\":2,\"connections\":1,\"replies\":6,\"unsent\":1,"
        "\"faults\":{\"loss\":1,\"lame\":2}}\n");
    buffer_free(&text);
}

static void test_add(void **state)
{
    (void)state;
    struct counts sum = {.udp = 1}, more = {1, 2, 3, 4, 5, {0}};
    more.faults[FAULT_SPOOF] = 6;
    counts_add(&sum, &more);
    counts_add(&sum, &more);
    assert_int_equal(sum.udp, 3);
    assert_int_equal(sum.tcp, 4);
    assert_int_equal(sum.connections, 6);
    assert_int_equal(sum.replies, 8);
    assert_int_equal(sum.unsent, 10);
    assert_int_equal(sum.faults[FAULT_SPOOF], 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_print), cmocka_unit_test(test_add)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
