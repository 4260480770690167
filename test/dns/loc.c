// LOC: the examples of RFC 1876, its limits, and what has no text.
#include "records.h"

#include "dns/loc.h"

static void test_taken(void **state)
{
    static const struct {
        const char *text, *hex, *printed;
    } cases[] = {
        // RFC 1876 4
        {"42 21 54 N 71 06 18 W -24m 30m", "00331613 89172DD0 70BE15F0 00988D20",
         "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m"},
        {"42 21 43.952 N 71 5 6.344 W -24m 1m 200m", "00122413 8917 0690 70BF 2DD8 0098 8D20",
         "42 21 43.952 N 71 5 6.344 W -24.00m 1m 200m 10m"},
        {"52 14 05 N 00 08 50 E 10m", "00121613 8B3556C8 80081650 00989A68",
         "52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m"},
        {"32 7 19 S 116 2 25 E 10m", "00121613 791B7D28 98E64868 00989A68",
         "32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m"},
        {"42 21 28.764 N 71 00 51.617 W -44m 2000m", "00251613 8916CB3C 70C310DF 00988550",
         "42 21 28.764 N 71 0 51.617 W -44.00m 2000m 10000m 10m"},
        // the edges
        {"90 N 180 E -100000", "00121613 934FD900 A69FB200 00000000",
         "90 0 0.000 N 180 0 0.000 E -100000.00m 1m 10000m 10m"},
        {"90 0 0 s 180 0 0 w 42849672.95M 90000000.00m 0 0.01",
         "00990010 6CB02700 59604E00 FFFFFFFF",
         "90 0 0.000 S 180 0 0.000 W 42849672.95m 90000000m 0m 0.01m"},
        {"0 S 0 W 0", "00121613 80000000 80000000 00989680",
         "0 0 0.000 N 0 0 0.000 E 0.00m 1m 10000m 10m"},
        {"1 2 3.4 N 1 2 .4 E 0.5m 25m 0.99m", "00239113 8038D088 8038C4D0 009896B2",
         "1 2 3.400 N 1 2 0.400 E 0.50m 20m 0.90m 10m"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX], back[RDATA_MAX];
        char record[200] = "LOC ";
        uint16_t type;
        size_t size = rdata_of(strcat(record, cases[i].text), &type, rdata);
        assert_octets(rdata, size, cases[i].hex);
        assert_prints(type, rdata, size, cases[i].printed);
        strcpy(record, "LOC ");
        assert_int_equal(rdata_of(strcat(record, cases[i].printed), &type, back), size);
        assert_memory_equal(back, rdata, size);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"LOC 91 N 0 E 0", "'91' is not a number of degrees from 0 to 90"},
        {"LOC 90 0 0.001 N 0 E 0", "'N' ends an angle of more than 90 degrees"},
        {"LOC 1 60 N 0 E 0", "'60' is not a number of minutes from 0 to 59"},
        {"LOC 1 1 60 N 0 E 0", "'60' is not a number of seconds from 0 to 59.999"},
        {"LOC 1 1 1.0001 N 0 E 0", "'1.0001' is not a number of seconds from 0 to 59.999"},
        {"LOC 1 1 1 1 N 0 E 0", "'1' stands where 'N' or 'S' belongs"},
        {"LOC 1 E 0 E 0", "'E' is not a number of minutes from 0 to 59"},
        {"LOC 1 N 181 E 0", "'181' is not a number of degrees from 0 to 180"},
        {"LOC -1 N 0 E 0", "'-1' is not a number of degrees from 0 to 90"},
        {"LOC 1 N 0 E", "an altitude is missing at the end of the record"},
        {"LOC 1 N 0", "'E' or 'W' is missing at the end of the record"},
        {"LOC", "an angle is missing at the end of the record"},
        {"LOC 1 N 0 E 42849672.96",
         "'42849672.96' is not an altitude from -100000.00 to 42849672.95 metres"},
        {"LOC 1 N 0 E -100000.01",
         "'-100000.01' is not an altitude from -100000.00 to 42849672.95 metres"},
        {"LOC 1 N 0 E 0 90000000.01", "'90000000.01' is not a size from 0 to 90000000.00 metres"},
        {"LOC 1 N 0 E 0 -1", "'-1' is not a size from 0 to 90000000.00 metres"},
        {"LOC 1 N 0 E 0 m", "'m' is not a size from 0 to 90000000.00 metres"},
        {"LOC 1 N 0 E 0 1..2", "'1..2' is not a size from 0 to 90000000.00 metres"},
        {"LOC 1 N 0 E 0 1 1 1 1", "'1' is one word too many"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t rdata[RDATA_MAX];
        uint16_t type;
        size_t size;
        struct rdata_problem problem;
        assert_false(parse_record(cases[i].text, &type, rdata, &size, &problem));
        assert_string_equal(problem.message, cases[i].message);
    }
}

static void test_octets(void **state)
{
    static const struct {
        const char *hex;
        bool sound, doubtful;
    } cases[] = {
        {"00121613 80000000 80000000 00989680", true, false},
        {"01", true, true}, // RFC 1876 2: no assumptions about other versions
        {"00051613 80000000 80000000 00989680", true, true}, // 0 * 10^5
        {"", false, false},
        {"00121613 80000000 80000000 009896", false, false},
        {"00A21613 80000000 80000000 00989680", false, false},
        {"001A1613 80000000 80000000 00989680", false, false},
        {"00121613 934FD901 80000000 00989680", false, false},
        {"00121613 80000000 A69FB201 00989680", false, false},
        {"00121613 00000000 80000000 00989680", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octets[RDATA_MAX];
        size_t size = octets_of(cases[i].hex, octets);
        uint8_t *copy = exact_copy(octets, size);
        assert_int_equal(loc_check(copy, size) == NULL, cases[i].sound);
        if (cases[i].sound)
            assert_int_equal(loc_doubt(copy, size) != NULL, cases[i].doubtful);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
