// Traits: equal ones are one, the first that knows something counts, and what no rule asks for
// makes no difference in the end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "policy/traits.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct fact facts[] = {
    {.kind = FACT_COUNTRY, .text = "SG"},
    {.kind = FACT_CONTINENT, .text = "AS"},
    {.kind = FACT_SUBDIVISION, .text = "US-CA"},
    {.kind = FACT_ASN, .asn = 64500},
    {.kind = FACT_SUBDIVISION, .text = "US-California"},
    {.kind = FACT_NETS},
};
static const struct places_wants wants = {.facts = facts, .count = COUNT(facts)};

static const struct mmdb_record singapore = {.country = "SG", .continent = "AS"};
static const struct mmdb_record japan = {.country = "JP", .continent = "AS"};
static const struct mmdb_record france = {.country = "FR", .continent = "EU"};
static const struct mmdb_record spain = {.country = "ES", .continent = "EU"};

static void check(struct traits *traits, uint32_t trait, const char *expected)
{
    char text[64] = "";
    uint32_t set;
    struct point point;
    (void)traits_place(traits, traits_final(traits, trait), &set, &point);
    struct facts facts_of = traits_set(traits, set);
    for (size_t i = 0; i < facts_of.count; i++) {
        text[2 * i] = (char)('0' + facts_of.list[i]);
        text[2 * i + 1] = ' ';
        text[2 * i + 2] = 0;
    }
    assert_string_equal(text, expected);
}

static void test_records(void **state)
{
    struct traits *traits = traits_open(&wants);
    (void)state;
    check(traits, traits_of_record(traits, &singapore), "0 1 ");
    check(traits, traits_of_record(traits, &japan), "1 ");
    check(traits, traits_of_record(traits, &france), "");
    check(traits,
          traits_of_record(traits, &(struct mmdb_record){.country = "US", .subdivision = "CA"}),
          "2 ");
    check(traits,
          traits_of_record(traits,
                           &(struct mmdb_record){.country = "US", .subdivision = "california"}),
          "4 ");
    check(traits,
          traits_of_record(traits, &(struct mmdb_record){.country = "MX", .subdivision = "CA"}),
          "");
    check(traits, traits_of_record(traits, &(struct mmdb_record){.asn = 64500}), "3 ");
    check(traits, traits_of_record(traits, &(struct mmdb_record){.asn = 64501}), "");
    check(traits, traits_of_record(traits, &(struct mmdb_record){.country = "\x80\xff"}), "");
    traits_close(traits);
}

static void test_equal_ones(void **state)
{
    struct traits *traits = traits_open(&wants);
    (void)state;
    assert_int_equal(traits_of_record(traits, &singapore), traits_of_record(traits, &singapore));
    // Neither is asked for, but both are known.
    assert_int_equal(traits_of_record(traits, &france), traits_of_record(traits, &spain));
    assert_int_not_equal(traits_of_record(traits, &france), 0);
    assert_int_equal(traits_final(traits, traits_of_record(traits, &france)),
                     traits_final(traits, 0));
    assert_int_equal(traits_of_nets(traits, NULL, 0), 0);
    traits_close(traits);
}

static void test_the_first_counts(void **state)
{
    struct traits *traits = traits_open(&wants);
    const uint16_t net = 5;
    uint32_t in_net = traits_of_nets(traits, &net, 1);
    uint32_t one = traits_of_record(traits, &singapore), other = traits_of_record(traits, &france);
    uint32_t system = traits_of_record(traits, &(struct mmdb_record){.asn = 64500});
    (void)state;
    check(traits, traits_join(traits, one, other), "0 1 ");
    check(traits, traits_join(traits, other, one), ""); // it knows that it is France
    check(traits, traits_join(traits, one, system), "0 1 3 ");
    check(traits, traits_join(traits, system, one), "0 1 3 ");
    check(traits, traits_join(traits, 0, one), "0 1 ");
    check(traits, traits_join(traits, traits_join(traits, one, system), in_net), "0 1 3 5 ");
    assert_int_equal(traits_join(traits, one, system), traits_join(traits, one, system));
    traits_close(traits);
}

static void test_points(void **state)
{
    struct places_wants with = wants;
    with.points = true;
    struct traits *traits = traits_open(&with);
    struct mmdb_record here = {.country = "FR", .has_point = true, .latitude = 90}, there = here;
    uint32_t set;
    struct point point;
    (void)state;
    there.latitude = 0;
    there.longitude = 90;
    uint32_t a = traits_of_record(traits, &here), b = traits_of_record(traits, &there);
    assert_int_not_equal(a, b);
    assert_true(traits_place(traits, traits_final(traits, a), &set, &point));
    assert_true(fabsf(point.z - 1) < 1e-6f && fabsf(point.x) < 1e-6f);
    assert_true(traits_place(traits, traits_final(traits, b), &set, &point));
    assert_true(fabsf(point.y - 1) < 1e-6f);
    assert_true(
        traits_place(traits, traits_final(traits, traits_join(traits, b, a)), &set, &point));
    assert_true(fabsf(point.y - 1) < 1e-6f);
    assert_false(traits_place(traits, traits_final(traits, 0), &set, &point));
    traits_close(traits);
}

// More than the tables begin with.
static void test_many(void **state)
{
    struct places_wants with = wants;
    with.points = true;
    struct traits *traits = traits_open(&with);
    static uint32_t numbers[3000];
    (void)state;
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < COUNT(numbers); i++) {
            struct mmdb_record record = {.has_point = true, .latitude = (float)i / 100 + 1};
            uint32_t number = traits_join(traits, traits_of_record(traits, &record),
                                          traits_of_record(traits, &singapore));
            assert_true(round == 0 || numbers[i] == number);
            numbers[i] = number;
            assert_true(i == 0 || numbers[i] != numbers[i - 1]);
            (void)traits_final(traits, number);
        }
    assert_int_equal(traits_final_count(traits), COUNT(numbers));
    traits_close(traits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_equal_ones),
        cmocka_unit_test(test_the_first_counts),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
