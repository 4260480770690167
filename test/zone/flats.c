// The table of targets: found whatever their case, shared by count, replaced while others read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/epoch.h"
#include "from_text.h"
#include "zone/flats.h"

static struct name name_in(const char *text, uint8_t storage[static NAME_OCTETS_MAX])
{
    struct name name, root = NAME_ROOT;
    assert_int_equal(name_parse(text, strlen(text), &root, storage, &name), NAME_TEXT_OK);
    return name;
}

static struct flat *flat_of(uint32_t expires_s)
{
    struct flat *flat = calloc(1, sizeof *flat);
    assert_non_null(flat);
    flat->expires_s = expires_s;
    return flat;
}

static void test_find(void **state)
{
    enum { MANY = 500 };
    struct flat_target **list = malloc(MANY * sizeof *list);
    uint8_t storage[NAME_OCTETS_MAX];
    char text[32];
    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "T%u.Example.", i);
        list[i] = flat_target_make(name_in(text, storage), &test_secret);
    }
    struct flats *flats = flats_make(list, MANY, &test_secret);
    assert_int_equal(flats_count(flats), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "t%u.exAMple.", i);
        assert_ptr_equal(flats_find(flats, name_in(text, storage)), flats_at(flats, i));
    }
    assert_null(flats_find(flats, name_in("t500.example.", storage)));
    flats_free(flats);
    flats_free(NULL);
    flats = flats_make(NULL, 0, &test_secret);
    assert_null(flats_find(flats, name_in("a.", storage)));
    flats_free(flats);
}

static void test_replace(void **state)
{
    uint8_t storage[NAME_OCTETS_MAX];
    (void)state;
    struct flat_target *target = flat_target_make(name_in("a.example.", storage), &test_secret);
    assert_null(flat_target_get(target, FLAT_A));
    flat_target_set(target, FLAT_A, flat_of(1));
    flat_target_set(target, FLAT_AAAA, flat_of(2));
    assert_int_equal(flat_target_get(target, FLAT_A)->expires_s, 1);
    flat_target_set(target, FLAT_A, flat_of(3));
    assert_int_equal(flat_target_get(target, FLAT_A)->expires_s, 3);
    assert_int_equal(flat_target_get(target, FLAT_AAAA)->expires_s, 2);
    flat_target_release(flat_target_hold(target));
    flat_target_release(target);
    epoch_drain();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_replace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
