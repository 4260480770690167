// The builder's quick ways - a label in front of the question's tail, hashed owners, records that
// are sure to fit - come to the same as its general ones.
#include "building.h"

#include "base/random.h"

// --- against the plain truth ---------------------------------------------------------------------

#define STANDING_MAX 600

// All suffixes that stand in a message, as a plain list.
struct standing {
    struct name names[STANDING_MAX];
    unsigned count;
};

static void stand(struct standing *standing, struct name name)
{
    for (unsigned labels = name.labels; labels > 0; labels--) {
        assert_true(standing->count < STANDING_MAX);
        standing->names[standing->count++] = name_suffix(name, labels);
    }
}

// How many octets the name takes if the longest suffix that stands there is pointed to, and how
// many of them are its own.
static unsigned shortest(const struct standing *standing, struct name name, unsigned *own)
{
    for (unsigned labels = name.labels; labels > 0; labels--) {
        struct name suffix = name_suffix(name, labels);
        *own = (unsigned)(suffix.wire - name.wire);
        for (unsigned i = 0; i < standing->count; i++)
            if (name_equal(standing->names[i], suffix))
                return *own + 2;
    }
    *own = name.size;
    return name.size;
}

// A name of few labels, often below the tail of another.
static struct name roll_name(struct dice *dice, const char *tail, uint8_t *storage)
{
    static const char *const labels[] = {"a",   "A",  "ns1",     "NS2",
                                         "www", "h5", "example", "longer-label"};
    char text[NAME_TEXT_MAX] = "";
    for (unsigned count = dice_roll(dice) % 3; count > 0; count--)
        sprintf(text + strlen(text), "%s.", labels[dice_roll(dice) % COUNT(labels)]);
    if (tail && tail[1] && dice_roll(dice) % 4)
        strcat(text, tail + (dice_roll(dice) % 2 ? strcspn(tail, ".") + 1 : 0));
    struct name name = name_of(*text ? text : ".");
    memcpy(storage, name.wire, name.size);
    return (struct name){storage, name.size, name.labels};
}

// The quick ways find what the table finds: every name is as short as it can be, in its own case up
// to where it points, and what was taken back is not pointed to.
static void test_names_are_shortest(void **state)
{
    static const char *const questions[] = {"www.h5.example.", "h5.Example.", "NS1.a.",   "a.a.a.",
                                            "example.",        ".",           "ns1.ns1.", NULL};
    (void)state;
    struct dice dice = dice_seed(11);
    for (unsigned round = 0; round < 2000; round++) {
        static struct standing standing;
        static uint8_t storage[40][NAME_OCTETS_MAX];
        const char *asked = questions[round % COUNT(questions)];
        struct builder builder;
        begin(&builder, asked, 2000);
        standing.count = 0;
        if (asked)
            stand(&standing, name_of(asked));
        for (unsigned i = 0; i < COUNT(storage); i++) {
            unsigned own, before = standing.count;
            struct name name = roll_name(&dice, asked, storage[i]), read;
            unsigned wanted = shortest(&standing, name, &own);
            struct builder_mark mark = builder_mark(&builder);
            builder_put_name(&builder, name);
            assert_int_equal(builder.size - mark.size, wanted);
            assert_memory_equal(octets + mark.size, name.wire, own);
            uint8_t expanded[NAME_OCTETS_MAX];
            size_t at = mark.size;
            assert_true(message_name(octets, builder.size, &at, expanded, &read));
            assert_true(name_equal(read, name));
            stand(&standing, name);
            if (dice_roll(&dice) % 3 == 0) {
                builder_roll_back(&builder, mark);
                standing.count = before;
            }
        }
    }
}

// --- records -------------------------------------------------------------------------------------

#define HASH_A "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"
#define HASH_B "2t7b4g4vsa5smi47k61mv5bv1a22bojr"

static struct rrset *nsec3_of(void)
{
    return rrset_sign(rrset_of(TYPE_NSEC3, "1 0 0 - " HASH_B " A RRSIG", NULL, NULL), "example.");
}

// A message that has room to spare is written without looking at each piece: it has the same octets
// as one in which everything just fits.
static void test_room_to_spare(void **state)
{
    (void)state;
    struct rrset *sets[] = {
        rrset_of(TYPE_TXT, "abc", "defg", NULL),
        rrset_sign(rrset_of(TYPE_AAAA, "2001:db8::1", NULL, NULL), "example."),
        rrset_sign(rrset_of(TYPE_SOA, "a.example. b.a.example. 1 2 3 4 5", NULL, NULL), "a."),
        rrset_of(TYPE_NS, "x.y.", "z.y.", "x.example."),
        rrset_sign(rrset_of(TYPE_MX, "1 www.example.", "2 a.", NULL), "example."),
        rrset_of(TYPE_MINFO, "x.www.example. x.www.example.", ". .", NULL),
    };
    static const char *const owners[] = {"www.example.", "a.www.example.", "b.", "."};
    for (size_t s = 0; s < COUNT(sets); s++)
        for (size_t o = 0; o < COUNT(owners); o++)
            for (unsigned parts = 1; parts < 4; parts++) {
                static uint8_t spare[MESSAGE_MAX];
                struct builder builder;
                struct builder_rrset put = {name_of(owners[o]), sets[s],  1, 1,
                                            parts & 1,          parts & 2};
                begin(&builder, "www.example.", MESSAGE_MAX);
                unsigned records = builder_put_rrset(&builder, &put);
                uint32_t size = builder.size;
                memcpy(spare, octets, size);
                begin(&builder, "www.example.", size);
                assert_int_equal(builder_put_rrset(&builder, &put), records);
                assert_int_equal(builder.size, size);
                assert_memory_equal(octets, spare, size);
            }
    for (size_t s = 0; s < COUNT(sets); s++)
        free(sets[s]);
}

// A hash in front of the zone's name: the name is pointed to where the question has it, the owner
// by the signature.
static void test_hashed_owners(void **state)
{
    static const struct {
        const char *question, *zone;
        unsigned own; // octets of the first owner that are not a pointer; 0: all of them
    } cases[] = {
        {"www.example.", "example.", 33},
        {"a.b.C.Example.", "c.example.", 33},
        {"example.", "example.", 33},
        {"x.", "example.", 0},
        {"a\\007example.org.", "example.org.", 41},
        {".", "example.", 0},
        {"x.", ".", 0},
        {NULL, "example.", 0},
    };
    (void)state;
    struct rrset *rrset = nsec3_of();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct builder builder;
        struct message message;
        struct builder_rrset put[2];
        begin(&builder, cases[i].question, 1000);
        uint32_t from = builder.size;
        for (unsigned n = 0; n < 2; n++) {
            char text[NAME_TEXT_MAX];
            const char *zone = strcmp(cases[i].zone, ".") == 0 ? "" : cases[i].zone;
            snprintf(text, sizeof text, "%s.%s", n ? HASH_B : HASH_A, zone);
            put[n] = (struct builder_rrset){name_of(text), rrset, 1, 0, true, true};
            assert_int_equal(builder_put_rrset(&builder, &put[n]), 2);
        }
        unsigned own = cases[i].own ? cases[i].own + 2 : put[0].owner.size;
        const uint8_t *type = octets + from + own;
        assert_int_equal(bytes_get16(type), TYPE_NSEC3);
        const uint8_t *signature = type + 10 + bytes_get16(type + 8);
        assert_int_equal(bytes_get16(signature), 0xc000 | from);
        read_back(&message, builder.size, 4);
        assert_rrset(&message, &put[0]);
        assert_rrset(&message, &put[1]);
    }
    free(rrset);
}

// At every place of a message, the last pointer's and beyond, and taken back in between.
static void test_hashed_owners_far_off(void **state)
{
    (void)state;
    struct rrset *rrset = nsec3_of();
    struct builder_rrset put = {name_of(HASH_A ".example."), rrset, 1, 0, true, true};
    for (uint32_t at = 0x3fff - 80; at <= 0x4000 + 3; at++) {
        struct builder builder;
        begin(&builder, "www.example.", MESSAGE_MAX);
        builder.size = at;
        struct builder_mark mark = builder_mark(&builder);
        assert_int_equal(builder_put_rrset(&builder, &put), 2);
        uint32_t end = builder.size;
        builder_roll_back(&builder, mark);
        memset(octets + at, 0xa5, end - at);
        builder_put_octets(&builder, "\0", 1); // nothing of it is there now
        uint32_t begin_at = builder.size;
        assert_int_equal(builder_put_rrset(&builder, &put), 2);
        size_t next = begin_at;
        for (unsigned i = 0; i < 2; i++) {
            uint8_t storage[NAME_OCTETS_MAX];
            struct name name;
            assert_true(message_name(octets, builder.size, &next, storage, &name));
            assert_true(name_equal(name, put.owner));
            assert_int_equal(bytes_get16(octets + next), i ? TYPE_RRSIG : TYPE_NSEC3);
            next += 10u + bytes_get16(octets + next + 8);
        }
        assert_int_equal(next, builder.size);
    }
    free(rrset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_shortest),
        cmocka_unit_test(test_room_to_spare),
        cmocka_unit_test(test_hashed_owners),
        cmocka_unit_test(test_hashed_owners_far_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
