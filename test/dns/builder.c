// The builder: what it writes can be read back, never past its limit, and a roll back leaves no
// trace.
#include "building.h"

#include "base/random.h"

static void assert_written(const struct builder *builder, uint32_t from, const char *wanted,
                           size_t size)
{
    assert_false(builder->overflow);
    assert_int_equal(builder->size - from, size);
    assert_memory_equal(octets + from, wanted, size);
}

// --- octets --------------------------------------------------------------------------------------

static void test_octets_and_limit(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, NULL, HEADER_SIZE + 10);
    builder_put_octets(&builder, "", 0);
    builder_put_octets(&builder, "abcde", 5);
    builder_put16(&builder, 0x1234);
    assert_written(&builder, HEADER_SIZE, "abcde\x12\x34", 7);
    struct builder_mark mark = builder_mark(&builder);
    builder_put_octets(&builder, "1234", 4);
    assert_true(builder.overflow);
    // Sticky: what would fit is not written either.
    builder_put_octets(&builder, "1", 1);
    builder_put16(&builder, 1);
    builder_put_name(&builder, NAME_ROOT);
    assert_int_equal(builder.size, HEADER_SIZE + 7);
    builder_roll_back(&builder, mark);
    assert_false(builder.overflow);
    builder_put_octets(&builder, "f", 1);
    builder_put16(&builder, 0x5678);
    assert_written(&builder, HEADER_SIZE,
                   "abcde\x12\x34"
                   "f\x56\x78",
                   10);
    builder_put16(&builder, 0);
    assert_true(builder.overflow);
    assert_int_equal(octets[HEADER_SIZE + 10], 0xa5);
}

// --- names ---------------------------------------------------------------------------------------

// The question www.Example.com stands at 12: Example.com at 16, com at 24, its end at 33.
static void test_names(void **state)
{
    static const struct {
        const char *first, *second; // NULL: only one name
        const char *wanted;
        size_t size;
    } cases[] = {
        {"www.example.com.", NULL, "\300\14", 2},
        {"WWW.EXAMPLE.COM.", NULL, "\300\14", 2},
        {"example.com.", NULL, "\300\20", 2},
        {"com.", NULL, "\300\30", 2},
        {".", NULL, "", 1},
        {"ns1.example.com.", NULL, "\3ns1\300\20", 6},
        {"a.b.com.", NULL, "\1a\1b\300\30", 6},
        {"example.org.", NULL, "\7example\3org", 13},
        {"www.www.example.com.", NULL, "\3www\300\14", 6},
        {"xample.com.", NULL, "\6xample\300\30", 9},
        {"www\\.example.com.", NULL, "\013www.example\300\30", 14},
        // The second name finds the first one, which stands at 33.
        {"ns1.example.com.", "NS1.example.com.", "\3ns1\300\20\300\41", 8},
        {"ns1.example.com.", "a.ns1.example.com.", "\3ns1\300\20\1a\300\41", 10},
        {"a.b.c.", "b.c.", "\1a\1b\1c\0\300\43", 9},
        {"a.b.c.", "x.b.c.", "\1a\1b\1c\0\1x\300\43", 11},
        {"a.b.c.", "c.", "\1a\1b\1c\0\300\45", 9},
        {"b.c.", "a.b.c.", "\1b\1c\0\1a\300\41", 9},
        {"c.", "d.", "\1c\0\1d", 6},
        // The same label under another parent is another name.
        {"a.b.", "a.c.", "\1a\1b\0\1a\1c", 10},
        {"a.b.", "a.", "\1a\1b\0\1a", 8},
        {"a.", "a.a.", "\1a\0\1a\300\41", 7},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct builder builder;
        begin(&builder, "www.Example.com.", 512);
        builder_put_name(&builder, name_of(cases[i].first));
        if (cases[i].second)
            builder_put_name(&builder, name_of(cases[i].second));
        assert_written(&builder, 33, cases[i].wanted, cases[i].size);
    }
}

static void test_names_without_question(void **state)
{
    (void)state;
    struct builder builder;
    static const char *const questions[] = {NULL, "."};
    for (unsigned i = 0; i < 2; i++) {
        begin(&builder, questions[i], 512);
        uint32_t from = builder.size;
        builder_put_name(&builder, name_of("a.b."));
        builder_put_name(&builder, name_of("A.b."));
        char wanted[] = "\1a\1b\0\300";
        wanted[6] = (char)from;
        assert_written(&builder, from, wanted, 7);
    }
}

// builder_put_name_plain neither points nor is pointed to.
static void test_plain_names(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, "www.example.com.", 512);
    builder_put_name_plain(&builder, name_of("Example.com."));
    builder_put_name_plain(&builder, name_of("a."));
    builder_put_name(&builder, name_of("a."));
    assert_written(&builder, 33, "\7Example\3com\0\1a\0\1a", 19);
}

// --- rolling back --------------------------------------------------------------------------------

// What was written and taken back must not be pointed to.
static void test_roll_back_forgets_names(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, "www.example.com.", 512);
    struct builder_mark before = builder_mark(&builder); // nothing is in the table yet
    builder_put_name(&builder, name_of("x.y."));
    builder_roll_back(&builder, before);
    builder_put_octets(&builder, "zzzzzz", 6);
    builder_put_name(&builder, name_of("a.x.y."));
    assert_written(&builder, 33, "zzzzzz\1a\1x\1y", 13);
    struct builder_mark after = builder_mark(&builder);
    builder_put_name(&builder, name_of("b.x.y."));
    builder_put_name(&builder, name_of("ns.example.com."));
    builder_roll_back(&builder, after);
    builder_put_name(&builder, name_of("c.b.x.y."));
    builder_put_name(&builder, name_of("ns.example.com."));
    assert_written(&builder, 33, "zzzzzz\1a\1x\1y\0\1c\1b\300\51\2ns\300\20", 24);
}

// One suffix in the table is enough to go on from after a roll back.
static void test_roll_back_to_one_suffix(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, NULL, 512);
    builder_put_name(&builder, name_of("a."));
    struct builder_mark mark = builder_mark(&builder);
    builder_put_name(&builder, name_of("b."));
    builder_roll_back(&builder, mark);
    builder_put_name(&builder, name_of("a."));
    assert_written(&builder, HEADER_SIZE, "\1a\0\300\14", 5);
}

// The owner written last is pointed to by the next RRset, but not where it was taken back, nor in
// another message.
static void test_owner_written_last(void **state)
{
    (void)state;
    struct rrset *a = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct rrset *aaaa = rrset_of(TYPE_AAAA, "2001:db8::1", NULL, NULL);
    struct builder_rrset put = {name_of("host.org."), a, 1, 0, true, false};
    struct builder builder;
    for (unsigned message = 0; message < 2; message++) {
        begin(&builder, "www.example.", 512);
        struct builder_mark mark = builder_mark(&builder);
        for (unsigned taken_back = 0; taken_back < 2; taken_back++) {
            put.rrset = a;
            assert_int_equal(builder_put_rrset(&builder, &put), 1);
            assert_int_equal(builder.size, 29 + 10 + 14);
            if (!taken_back)
                builder_roll_back(&builder, mark);
        }
        put.rrset = aaaa;
        assert_int_equal(builder_put_rrset(&builder, &put), 1);
        assert_int_equal(builder.size, 29 + 10 + 14 + 28);
        assert_memory_equal(octets + 29 + 24, "\300\35", 2);
    }
    free(a);
    free(aaaa);
}

// Roll backs at every point of a long message: the rest is as if nothing had been there.
static void test_roll_back_by_chance(void **state)
{
    (void)state;
    struct dice dice = dice_seed(7);
    for (unsigned round = 0; round < 300; round++) {
        struct builder builder, plain;
        static uint8_t twice[MESSAGE_MAX];
        begin(&builder, "www.example.com.", 2000);
        for (unsigned i = 0; i < 60; i++) {
            char text[64];
            struct builder_mark mark = builder_mark(&builder);
            snprintf(text, sizeof text, "%c.%c.example.", 'a' + (int)(dice_roll(&dice) % 6),
                     'a' + (int)(dice_roll(&dice) % 6));
            builder_put_name(&builder, name_of(text));
            if (builder.overflow || dice_roll(&dice) % 2)
                builder_roll_back(&builder, mark);
        }
        // The same names again, none taken back.
        uint32_t size = builder.size;
        memcpy(twice, octets, size);
        begin(&plain, "www.example.com.", 2000);
        for (size_t at = 33; at < size;) {
            uint8_t storage[NAME_OCTETS_MAX];
            struct name name;
            assert_true(message_name(twice, size, &at, storage, &name));
            builder_put_name(&plain, name);
        }
        assert_int_equal(plain.size, size);
        assert_memory_equal(octets, twice, size);
    }
}

// --- limits of compression -----------------------------------------------------------------------

// A pointer has 14 bits: names behind 16383 are not pointed to, but point back.
static void test_pointers_reach_14_bits(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, "example.", MESSAGE_MAX);
    builder.size = 0x3fff;
    builder_put_name(&builder, name_of("a.example.")); // at 0x3fff
    builder_put_name(&builder, name_of("b.example.")); // behind
    builder_put_name(&builder, name_of("b.example."));
    builder_put_name(&builder, name_of("a.example."));
    assert_written(&builder, 0x3fff, "\1a\300\14\1b\300\14\1b\300\14\377\377", 14);
}

// A name that lies across that border is not remembered at all: its first label could be pointed
// to, but not what is behind it.
static void test_name_across_14_bits(void **state)
{
    (void)state;
    for (uint32_t at = 0x3ff8; at <= 0x4000; at++) {
        struct builder builder;
        begin(&builder, "example.", MESSAGE_MAX);
        builder.size = at;
        builder_put_name(&builder, name_of("aa.y."));
        builder_put_name(&builder, name_of("aa.example."));
        builder_put_name(&builder, name_of("aa."));
        builder_put_name(&builder, name_of("x.aa.y."));
        static const char *const wanted[] = {"aa.y.", "aa.example.", "aa.", "x.aa.y."};
        size_t next = at;
        for (unsigned i = 0; i < COUNT(wanted); i++) {
            uint8_t storage[NAME_OCTETS_MAX];
            struct name name;
            assert_true(message_name(octets, builder.size, &next, storage, &name));
            assert_name(name, wanted[i]);
        }
        assert_int_equal(next, builder.size);
    }
}

// More names than COMPRESSION_SLOTS: the first are still found, later ones only compress less.
static void test_table_is_full(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, NULL, MESSAGE_MAX);
    for (unsigned i = 0; i < COMPRESSION_SLOTS + 50; i++) {
        char text[32];
        snprintf(text, sizeof text, "n%u.", i);
        for (unsigned twice = 0; twice < 2; twice++) {
            uint32_t before = builder.size;
            builder_put_name(&builder, name_of(text));
            bool short_form = twice && i < COMPRESSION_SLOTS;
            assert_int_equal(builder.size - before, short_form ? 2 : strlen(text) + 1);
        }
    }
    assert_int_equal(builder.suffixes, COMPRESSION_SLOTS);
    size_t at = HEADER_SIZE;
    for (unsigned i = 0; i < 2 * (COMPRESSION_SLOTS + 50); i++) {
        char text[32];
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        snprintf(text, sizeof text, "n%u.", i / 2);
        assert_true(message_name(octets, builder.size, &at, storage, &name));
        assert_name(name, text);
    }
    assert_int_equal(at, builder.size);
}

// The table is full in the middle of a name: what is in front of that is not remembered, and must
// not be taken for a name under the root.
static void test_table_is_full_inside_a_name(void **state)
{
    (void)state;
    struct builder builder;
    begin(&builder, NULL, MESSAGE_MAX);
    for (unsigned i = 0; i < COMPRESSION_SLOTS - 1; i++) {
        char text[32];
        snprintf(text, sizeof text, "n%u.", i);
        builder_put_name(&builder, name_of(text));
    }
    uint32_t from = builder.size;
    builder_put_name(&builder, name_of("x.y.z."));
    builder_put_name(&builder, name_of("y."));
    builder_put_name(&builder, name_of("x."));
    builder_put_name(&builder, name_of("x.y.z."));
    assert_int_equal(builder.suffixes, COMPRESSION_SLOTS);
    char wanted[] = "\1x\1y\1z\0\1y\0\1x\0\1x\1y\300";
    uint32_t z = from + 4;
    wanted[17] = (char)(0xc0 | z >> 8);
    wanted[18] = (char)z;
    assert_written(&builder, from, wanted, 19);
}

// Labels that differ only in the middle are in one list, whatever the secret, and still two names.
static void test_hashes_collide(void **state)
{
    (void)state;
    static const char *const texts[] = {"same1ends.", "same2ends.", "SAME1ends.", "same2ENDS."};
    struct builder builder;
    begin(&builder, NULL, 512);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t before = builder.size;
        builder_put_name(&builder, name_of(texts[i]));
        assert_int_equal(builder.size - before, i < 2 ? strlen(texts[i]) + 1 : 2);
    }
    size_t at = HEADER_SIZE;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        assert_true(message_name(octets, builder.size, &at, storage, &name));
        assert_true(name_equal(name, name_of(texts[i])));
    }
}

// The longest question has 127 suffixes, and they take no room in the table.
static void test_longest_question(void **state)
{
    (void)state;
    struct builder builder;
    char text[NAME_TEXT_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(text + 2 * i, "a.", 3);
    begin(&builder, text, 1000);
    uint32_t from = builder.size;
    builder_put_name(&builder, name_of(text));
    builder_put_name(&builder, name_of(text + 2));
    builder_put_name(&builder, name_of("b.a."));
    builder_put_name(&builder, name_of("c."));
    builder_put_name(&builder, name_of("c."));
    assert_written(&builder, from, "\300\14\300\16\1b\301\10\1c\0\301\27", 13);
}

// --- RRsets --------------------------------------------------------------------------------------

// RFC 1035's types are compressed, in all their names; others are not (RFC 3597 4, RFC 2782,
// RFC 6672 2.4).
static void test_which_rdata_is_compressed(void **state)
{
    static const struct {
        uint16_t type;
        const char *text;
        size_t size; // of the rdata on the wire
    } cases[] = {
        {TYPE_NS, "a.example.", 4},
        {TYPE_CNAME, "example.", 2},
        {TYPE_PTR, "a.b.example.", 6},
        {TYPE_MX, "10 example.", 4},
        {TYPE_SOA, "a.example. b.a.example. 1 2 3 4 5", 4 + 4 + 20},
        {TYPE_MINFO, "a.example. a.example.", 6},
        {TYPE_SRV, "0 0 53 a.example.", 6 + 11},
        {TYPE_DNAME, "a.example.", 11},
        {TYPE_KX, "1 a.example.", 13},
        {18, "1 a.example.", 13},          // AFSDB
        {17, "a.example. b.example.", 22}, // RP
        {TYPE_NAPTR, "1 1 U S R a.example.", 2 + 2 + 2 + 2 + 2 + 11},
        {TYPE_NSEC, "a.example. A", 11 + 3},
        {TYPE_SVCB, "1 a.example.", 13},
        {65280, "\\# 3 0161c0", 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct builder builder;
        struct message message;
        struct rrset *rrset = rrset_of(cases[i].type, cases[i].text, NULL, NULL);
        begin(&builder, "www.example.", 512);
        struct builder_rrset put = {name_of("www.example."), rrset, 77, 0, true, true};
        uint32_t before = builder.size;
        assert_int_equal(builder_put_rrset(&builder, &put), 1);
        assert_int_equal(builder.size - before, 12 + cases[i].size);
        read_back(&message, builder.size, 1);
        assert_rrset(&message, &put);
        assert_int_equal(message.at, message.size);
        free(rrset);
    }
}

// The root as owner is one octet, never a pointer.
static void test_root_owner(void **state)
{
    (void)state;
    struct builder builder;
    struct rrset *rrset = rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", NULL);
    struct builder_rrset put = {NAME_ROOT, rrset, 5, 0, true, false};
    begin(&builder, "www.example.", 512);
    assert_int_equal(builder_put_rrset(&builder, &put), 2);
    assert_written(&builder, 29,
                   "\0\0\1\0\1\0\0\0\5\0\4\300\0\2\1"
                   "\0\0\1\0\1\0\0\0\5\0\4\300\0\2\2",
                   30);
    free(rrset);
}

// Rotation: every record is the first one once, the others follow in order, signatures stay last.
static void test_rotation(void **state)
{
    (void)state;
    static const uint16_t types[] = {TYPE_A, TYPE_NS};
    static const char *const texts[][3] = {{"192.0.2.1", "192.0.2.2", "192.0.2.3"},
                                           {"a.example.", "b.example.", "c.b.example."}};
    for (unsigned kind = 0; kind < 2; kind++)
        for (unsigned sets = 0; sets < 4; sets++) { // bit 0: of three, bit 1: signed
            struct rrset *rrset =
                rrset_of(types[kind], texts[kind][0], sets & 1 ? texts[kind][1] : NULL,
                         sets & 1 ? texts[kind][2] : NULL);
            if (sets & 2)
                rrset = rrset_sign(rrset_sign(rrset, "example."), "other.");
            for (uint32_t start = 0; start < 8; start++) {
                struct builder builder;
                struct message message;
                begin(&builder, "example.", 512);
                struct builder_rrset put = {name_of("example."), rrset, 5, start, true, true};
                unsigned written = builder_put_rrset(&builder, &put);
                assert_int_equal(written, rrset->count + rrset->signatures);
                read_back(&message, builder.size, written);
                assert_rrset(&message, &put);
                assert_int_equal(message.at, message.size);
            }
            free(rrset);
        }
}

static void test_parts(void **state)
{
    (void)state;
    struct rrset *rrset =
        rrset_sign(rrset_of(TYPE_MX, "1 a.example.", "2 b.example.", NULL), "example.");
    for (unsigned parts = 0; parts < 4; parts++) {
        struct builder builder;
        struct message message;
        begin(&builder, "x.", 512);
        struct builder_rrset put = {name_of("example."), rrset,    0x89abcdef, 1,
                                    parts & 1,           parts & 2};
        unsigned written = builder_put_rrset(&builder, &put);
        assert_int_equal(written, (parts & 1 ? 2 : 0) + (parts & 2 ? 1 : 0));
        read_back(&message, builder.size, written);
        assert_rrset(&message, &put);
        assert_int_equal(message.at, message.size);
    }
    free(rrset);
}

// With every limit: all of it, or an overflow that can be rolled back; never an octet too far.
static void test_all_or_nothing(void **state)
{
    (void)state;
    struct rrset *sets[] = {
        rrset_of(TYPE_A, "192.0.2.1", "192.0.2.2", "192.0.2.3"),
        rrset_of(TYPE_TXT, "abc", "defg", NULL),
        rrset_sign(rrset_of(TYPE_AAAA, "2001:db8::1", NULL, NULL), "example."),
        rrset_sign(rrset_of(TYPE_SOA, "a.example. b.a.example. 1 2 3 4 5", NULL, NULL), "a."),
        rrset_of(TYPE_NS, "x.y.", "z.y.", "x.example."),
    };
    static const char *const owners[] = {"www.example.", "example.", "a.www.example.", "b.", "."};
    for (size_t s = 0; s < COUNT(sets); s++)
        for (size_t o = 0; o < COUNT(owners); o++) {
            struct builder builder;
            struct builder_rrset put = {name_of(owners[o]), sets[s], 1, 1, true, true};
            begin(&builder, "www.example.", MESSAGE_MAX);
            unsigned records = builder_put_rrset(&builder, &put);
            uint32_t whole = builder.size;
            for (uint32_t limit = 29; limit < whole + 40; limit++) {
                begin(&builder, "www.example.", limit);
                struct builder_mark mark = builder_mark(&builder);
                unsigned written = builder_put_rrset(&builder, &put);
                assert_int_equal(written, limit < whole ? 0 : records);
                assert_int_equal(builder.overflow, limit < whole);
                assert_true(builder.size <= limit);
                for (uint32_t i = builder.size > limit ? builder.size : limit; i < limit + 16; i++)
                    assert_int_equal(octets[i], 0xa5);
                builder_roll_back(&builder, mark);
                assert_int_equal(builder.size, 29);
            }
        }
    for (size_t s = 0; s < COUNT(sets); s++)
        free(sets[s]);
}

// After an overflow nothing is written until it is rolled back, not even a set that would fit.
static void test_overflow_is_sticky(void **state)
{
    (void)state;
    struct rrset *large =
        rrset_of(TYPE_TXT, "0123456789012345678901234567890123456789", NULL, NULL);
    struct rrset *small = rrset_of(TYPE_A, "192.0.2.1", NULL, NULL);
    struct builder builder;
    begin(&builder, "example.", 75);
    struct builder_rrset put = {name_of("example."), large, 1, 0, true, false};
    struct builder_mark mark = builder_mark(&builder);
    assert_int_equal(builder_put_rrset(&builder, &put), 0);
    assert_true(builder.overflow);
    put.rrset = small;
    uint32_t size = builder.size;
    assert_int_equal(builder_put_rrset(&builder, &put), 0);
    assert_int_equal(builder.size, size);
    builder_roll_back(&builder, mark);
    assert_int_equal(builder_put_rrset(&builder, &put), 1);
    assert_int_equal(builder.size, 25 + 16);
    free(large);
    free(small);
}

// The largest sets that there can be: they do not fit, and cost no walk over them to see that.
static void test_huge_rrset(void **state)
{
    (void)state;
    struct rrset *rrset = rrset_empty(TYPE_A, 1);
    rrset = realloc(rrset, sizeof *rrset + 6u * UINT16_MAX + 2);
    assert_non_null(rrset);
    memset(rrset->body, 0, 6u * UINT16_MAX + 2);
    for (unsigned i = 0; i < UINT16_MAX; i++)
        rrset->body[6 * i + 1] = 4;
    rrset->words = rrset_words((sizeof *rrset + 6u * UINT16_MAX + 3) & ~(size_t)3);
    assert_int_equal(rrset->words, 0); // too large for it
    rrset->count = UINT16_MAX;
    struct builder builder;
    begin(&builder, "example.", MESSAGE_MAX);
    struct builder_rrset put = {name_of("example."), rrset, 1, 40000, true, false};
    struct builder_mark mark = builder_mark(&builder);
    assert_int_equal(builder_put_rrset(&builder, &put), 0);
    assert_true(builder.overflow);
    // The most that do fit: 16 octets each.
    builder_roll_back(&builder, mark);
    rrset->count = (uint16_t)((MESSAGE_MAX - builder.size) / 16);
    rrset->words = rrset_words((sizeof *rrset + 6u * rrset->count + 3) & ~3u);
    assert_int_equal(builder_put_rrset(&builder, &put), rrset->count);
    assert_in_range(builder.size, MESSAGE_MAX - 15, MESSAGE_MAX);
    builder_roll_back(&builder, mark);
    rrset->count++;
    assert_int_equal(builder_put_rrset(&builder, &put), 0);
    free(rrset);
}

// --- by chance -----------------------------------------------------------------------------------

// Names of few letters under few parents: most of them share something.
static void roll_text(struct dice *dice, char text[static 64])
{
    static const char *const parents[] = {"", "example.", "Example.com.", "b.a.example.", "a."};
    size_t size = 0;
    for (unsigned labels = dice_roll(dice) % 4; labels > 0; labels--)
        size += (size_t)snprintf(text + size, 64 - size, "%.*s.", (int)(1 + dice_roll(dice) % 3),
                                 &"aBab"[dice_roll(dice) % 2]);
    snprintf(text + size, 64 - size, "%s", parents[dice_roll(dice) % COUNT(parents)]);
    if (*text == 0)
        strcpy(text, ".");
}

static struct rrset *roll_rrset(struct dice *dice)
{
    static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_MX, TYPE_SOA, TYPE_SRV, TYPE_TXT};
    struct rrset *rrset = rrset_empty(types[dice_roll(dice) % COUNT(types)], dice_roll(dice));
    for (unsigned count = dice_roll(dice) % 6; count > 0; count--) {
        char text[256], a[64], b[64];
        roll_text(dice, a);
        roll_text(dice, b);
        switch (rrset->type) {
        case TYPE_A: snprintf(text, sizeof text, "192.0.2.%u", dice_roll(dice) % 256); break;
        case TYPE_NS: strcpy(text, a); break;
        case TYPE_MX: snprintf(text, sizeof text, "%u %s", dice_roll(dice) % 65536, a); break;
        case TYPE_SOA: snprintf(text, sizeof text, "%s %s 1 2 3 4 5", a, b); break;
        case TYPE_SRV: snprintf(text, sizeof text, "0 1 53 %s", b); break;
        default: strcpy(text, a); break;
        }
        rrset = rrset_add(rrset, text);
    }
    for (unsigned count = dice_roll(dice) % 3; count > 0; count--)
        rrset = rrset_sign(rrset, "Example.");
    return rrset;
}

// Random RRsets, some of which do not fit and are rolled back, read back one by one.
static void test_round_trip(void **state)
{
    (void)state;
    struct dice dice = dice_seed(11);
    for (unsigned round = 0; round < 1000; round++) {
        enum { SETS = 20 };
        struct builder builder;
        struct builder_rrset put[SETS];
        struct message message;
        unsigned sets = 0, records = 0;
        char text[64];
        struct rrset *made[SETS];
        uint8_t owners[SETS][NAME_OCTETS_MAX];
        roll_text(&dice, text);
        begin(&builder, dice_roll(&dice) % 8 ? text : NULL, 600 + dice_roll(&dice) % 1000);
        for (unsigned i = 0; i < SETS; i++) {
            struct builder_mark mark = builder_mark(&builder);
            roll_text(&dice, text);
            made[i] = roll_rrset(&dice);
            struct name owner = name_of(text);
            memcpy(owners[i], owner.wire, owner.size);
            owner.wire = owners[i];
            put[sets] = (struct builder_rrset){owner,
                                               made[i],
                                               dice_roll(&dice),
                                               dice_roll(&dice),
                                               dice_roll(&dice) % 4,
                                               dice_roll(&dice) % 2};
            unsigned written = builder_put_rrset(&builder, &put[sets]);
            if (builder.overflow) {
                builder_roll_back(&builder, mark);
                continue;
            }
            records += written;
            sets++;
        }
        read_back(&message, builder.size, records);
        for (unsigned i = 0; i < sets; i++)
            assert_rrset(&message, &put[i]);
        assert_int_equal(message.at, message.size);
        for (unsigned i = 0; i < SETS; i++)
            free(made[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_and_limit),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_names_without_question),
        cmocka_unit_test(test_plain_names),
        cmocka_unit_test(test_roll_back_forgets_names),
        cmocka_unit_test(test_roll_back_to_one_suffix),
        cmocka_unit_test(test_owner_written_last),
        cmocka_unit_test(test_roll_back_by_chance),
        cmocka_unit_test(test_pointers_reach_14_bits),
        cmocka_unit_test(test_name_across_14_bits),
        cmocka_unit_test(test_table_is_full),
        cmocka_unit_test(test_table_is_full_inside_a_name),
        cmocka_unit_test(test_hashes_collide),
        cmocka_unit_test(test_longest_question),
        cmocka_unit_test(test_which_rdata_is_compressed),
        cmocka_unit_test(test_root_owner),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_overflow_is_sticky),
        cmocka_unit_test(test_huge_rrset),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
