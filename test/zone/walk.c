// Walks through images: every RRset once, in canonical order, and the NSEC3 records behind them.
#include "from_text.h"

#include "dns/type.h"
#include "zone/walk.h"

static void check(const char *text, const char *expected)
{
    struct zone *zone = zone_from_text("example.", text);
    struct image_walk walk;
    struct buffer seen = {0};
    image_walk_begin(&walk, &zone->image);
    while (image_walk_next(&walk)) {
        char name[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
        name_print(walk.owner, name);
        type_print(walk.rrset->type, type);
        buffer_format(&seen, "%s %s %u+%u\n", name, type, walk.rrset->count,
                      walk.rrset->signatures);
    }
    assert_string_equal(buffer_text(&seen), expected);
    assert_false(image_walk_next(&walk)); // and it stays over
    buffer_free(&seen);
    zone_release(zone);
}

static void names_in_canonical_order(void **state)
{
    (void)state;
    check(APEX, "example. NS 1+0\nexample. SOA 1+0\n");
    check(APEX "Z.a A 192.0.2.1\nb.c.d.e TXT x\nb A 192.0.2.1\nb A 192.0.2.2\nb TXT y\n",
          "example. NS 1+0\nexample. SOA 1+0\nZ.a.example. A 1+0\nb.example. A 2+0\n"
          "b.example. TXT 1+0\nb.c.d.e.example. TXT 1+0\n");
}

static void cuts_and_what_they_share(void **state)
{
    (void)state;
    check(APEX "a NS ns.a\na NS ns.b\nns.a A 192.0.2.1\nb NS ns.b\nb NS ns.a\nb DS 1 8 2 "
               "0000000000000000000000000000000000000000000000000000000000000000\n"
               "ns.b A 192.0.2.2\n",
          "example. NS 1+0\nexample. SOA 1+0\na.example. NS 2+0\nns.a.example. A 1+0\n"
          "b.example. NS 2+0\nb.example. DS 1+0\nns.b.example. A 1+0\n");
}

static void nsec3_records_come_last(void **state)
{
    (void)state;
    check(APEX "@ NSEC3PARAM 1 0 0 -\nz A 192.0.2.1\n"
               "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n"
               "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom RRSIG NSEC3 13 2 300 20300101000000 "
               "20200101000000 1 example. AAAA\n",
          "example. NS 1+0\nexample. SOA 1+0\nexample. NSEC3PARAM 1+0\nz.example. A 1+0\n"
          "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. NSEC3 1+1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_canonical_order),
        cmocka_unit_test(cuts_and_what_they_share),
        cmocka_unit_test(nsec3_records_come_last),
    };
    return cmocka_run_group_tests_name("zone/walk", tests, NULL, NULL);
}
