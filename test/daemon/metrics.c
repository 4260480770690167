// The daemon's own metrics: states, serials, escapes, and the cap on labels.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "built.h"
#include "cache/server.h"
#include "daemon/metrics.h"
#include "filled.h"

static char *print(const struct house *house, int last_reload)
{
    struct buffer text = {0};
    struct metrics metrics = {
        .began_date_s = 1700000000, .last_reload = last_reload, .house = house};
    metrics_print(&metrics, &text);
    return text.text;
}

static void expect(const char *text, const char *line)
{
    if (!text || !strstr(text, line))
        fail_msg("%s is not in %s", line, text ? text : "nothing");
}

static void test_without_house(void **state)
{
    (void)state;
    char *text = print(NULL, 0);
    expect(text, "# TYPE onym_build_info gauge\nonym_build_info{version=\"" ONYM_VERSION "\"} 1\n");
    expect(text, "onym_up_since_seconds 1700000000\n");
    expect(text, "onym_config_reload_success 1\n");
    assert_null(strstr(text, "onym_zone"));
    free(text);
    text = print(NULL, 7);
    expect(text, "onym_config_reload_success 0\n");
    free(text);
}

// The house's counts follow what a test makes of its zones.
static void set_zone(struct house *house, size_t index, enum zone_state state,
                     const struct image_head *head)
{
    struct zone *zone = house->zones[index].zone;
    house->counts.states[zone->state]--;
    house->counts.states[state]++;
    house->counts.records += head ? head->records : 0;
    zone->state = state;
    zone->image.head = head;
}

// Images that have only what is printed.
static struct image_head heads[3] = {{.records = 10}, {.records = 20}, {.records = 30}};

static void test_zones(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\nzones:\n  a.test: {file: a}\n"
                                      "  'b\\\"c.test': {file: b}\n  z.test: {file: z}\n",
                                      ZONE_LOADING);
    for (size_t i = 0; i < 2; i++) {
        set_zone(house, i, ZONE_SERVED, &heads[i]);
        house->zones[i].zone->image.serial = (uint32_t)i + 5;
    }
    char *text = print(house, 0);
    expect(text, "onym_zones{state=\"served\"} 2\n");
    expect(text, "onym_zones{state=\"loading\"} 1\n");
    expect(text, "onym_zone_serial{zone=\"a.test.\"} 5\n");
    expect(text, "onym_zone_records{zone=\"a.test.\"} 10\n");
    expect(text, "onym_zone_serial{zone=\"b\\\\\\\"c.test.\"} 6\n");
    assert_null(strstr(text, "z.test"));
    assert_null(strstr(text, "other"));
    free(text);
    for (size_t i = 0; i < 2; i++)
        set_zone(house, i, ZONE_LOADING, NULL);
    house_free(house);
}

static void test_cap(void **state)
{
    (void)state;
    struct buffer config = {0};
    buffer_add_text(&config, "version: 1\nzones:\n");
    for (unsigned i = 0; i < METRICS_ZONES_MAX + 2; i++)
        buffer_format(&config, "  z%05u.test: {file: z}\n", i);
    struct house *house = built_house(config.text, ZONE_LOADING);
    size_t count = house->server.zones.count;
    assert_int_equal(count, METRICS_ZONES_MAX + 2);
    for (size_t i = 0; i < count; i++)
        set_zone(house, i, ZONE_SERVED, &heads[2]);
    char *text = print(house, 0);
    expect(text, "onym_zone_records{zone=\"z00999.test.\"} 30\n");
    assert_null(strstr(text, "z01000"));
    expect(text, "onym_zone_records{zone=\"other\"} 60\n");
    free(text);
    for (size_t i = 0; i < count; i++)
        set_zone(house, i, ZONE_LOADING, NULL);
    house_free(house);
    buffer_free(&config);
}

static void test_cache(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct cache *cache = filled_open(CACHE_OCTETS_MIN);
    struct metrics metrics = {.cache = cache};
    filled_put_address(cache, "www.a.test.", 1);
    filled_put_address(cache, "www.b.test.", 1);
    filled_put_none(cache, "no.a.test.", TYPE_A, CACHE_NXDOMAIN);
    metrics_print(&metrics, &text);
    expect(text.text, "# TYPE onym_cache_entries gauge\nonym_cache_entries{kind=\"rrset\"} 2\n");
    expect(text.text, "onym_cache_entries{kind=\"nxdomain\"} 1\n");
    expect(text.text, "onym_cache_entries{kind=\"delegation\"} 0\n");
    expect(text.text, "# TYPE onym_cache_bytes gauge\nonym_cache_bytes ");
    expect(text.text, "onym_cache_stored_total 3\n");
    expect(text.text, "# TYPE onym_cache_evictions_total counter\nonym_cache_evictions_total 0\n");
    expect(text.text, "onym_cache_not_stored_total{reason=\"too_large\"} 0\n");
    buffer_clear(&text);
    struct json json = json_begin(&text);
    json_open_object(&json, NULL);
    metrics_cache_json(cache, &json);
    json_close_object(&json);
    expect(text.text, "\"entries\":{\"rrset\":2,\"nodata\":0,\"nxdomain\":1,");
    expect(text.text, "\"stored\":3,\"replaced\":0,");
    buffer_free(&text);
    cache_close(cache);
}

// Forwarders and the servers of stub zones, each once, with what is known of them.
static void test_upstreams(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\nresolve:\n  default: {forward: [192.0.2.1, "
                                      "\"192.0.2.2:5353\"]}\n  zones:\n"
                                      "    a.test: {forward: [192.0.2.1]}\n"
                                      "    b.test: {ask: [\"2001:db8::1\"]}\n",
                                      ZONE_LOADING);
    house_resolve(house, (struct own_addresses){0}, NULL);
    struct servers *servers = servers_open(64, &built_secret);
    struct buffer text = {0};
    struct metrics metrics = {.house = house, .servers = servers, .now_us = 1000000};
    struct address address;
    assert_true(address_parse("192.0.2.1", 53, &address));
    servers_replied(servers, &address, 25000, 1000000);
    assert_true(address_parse("192.0.2.2", 5353, &address));
    servers_timed_out(servers, &address, 1000000, 1000000);
    metrics_print(&metrics, &text);
    static const char *const lines[] = {
        "# TYPE onym_upstream_smoothed_rtt_seconds gauge\n",
        "onym_upstream_smoothed_rtt_seconds{upstream=\"192.0.2.1:53\"} 0.025000\n",
        "onym_upstream_smoothed_rtt_seconds{upstream=\"192.0.2.2:5353\"} 0.000000\n",
        "onym_upstream_smoothed_rtt_seconds{upstream=\"[2001:db8::1]:53\"} 0.000000\n",
        "onym_upstream_silent{upstream=\"192.0.2.1:53\"} 0\n",
        "onym_upstream_silent{upstream=\"192.0.2.2:5353\"} 1\n",
    };
    const char *found = text.text;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        expect(text.text, lines[i]);
        found = strstr(found, lines[i]) + strlen(lines[i]);
        if (i > 0 && strstr(found, lines[i]))
            fail_msg("%s stands there twice", lines[i]);
    }
    buffer_free(&text);
    servers_close(servers);
    house_free(house);
}

// Who walks from the root has none that are told apart.
static void test_no_upstreams(void **state)
{
    (void)state;
    struct house *house = built_house("version: 1\n", ZONE_LOADING);
    house_resolve(house, (struct own_addresses){0}, NULL);
    struct servers *servers = servers_open(64, &built_secret);
    struct buffer text = {0};
    struct metrics metrics = {.house = house, .servers = servers};
    metrics_print(&metrics, &text);
    assert_null(strstr(text.text, "onym_upstream"));
    buffer_free(&text);
    servers_close(servers);
    house_free(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_house), cmocka_unit_test(test_zones),
        cmocka_unit_test(test_cap),           cmocka_unit_test(test_cache),
        cmocka_unit_test(test_upstreams),     cmocka_unit_test(test_no_upstreams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
