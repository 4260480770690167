// Names: RFC 1035's text and limits, RFC 4343's case, RFC 4034 6.1's order, and the keys that zones
// are searched with.
#include "names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/random.h"

// --- text ----------------------------------------------------------------------------------------

static void test_text_and_back(void **state)
{
    static const struct {
        const char *text, *printed;
        unsigned size, labels;
    } cases[] = {
        {".", ".", 1, 0},
        {"example.", "example.", 9, 1},
        {"F.ISI.ARPA.", "F.ISI.ARPA.", 12, 3}, // RFC 1035 4.1.4
        {"VeNeRa.Isi.Edu.", "VeNeRa.Isi.Edu.", 16, 3},
        {"a\\.b.example.", "a\\.b.example.", 13, 2},
        {"Action\\.domains.ISI.EDU.", "Action\\.domains.ISI.EDU.", 24, 3}, // RFC 1035 5.3
        {"\\097b.", "ab.", 4, 1},
        {"\\000\\255.", "\\000\\255.", 4, 1},
        {"\\a\\ b.", "a\\032b.", 5, 1},
        {"\\@.", "\\@.", 3, 1},
        {"@.", "\\@.", 3, 1},
        {"a@b.", "a\\@b.", 5, 1},
        {"\\\\\\\"\\;\\(\\)\\$.", "\\\\\\\"\\;\\(\\)\\$.", 8, 1},
        {"*.example.", "*.example.", 11, 2},
        {"a.*.b.", "a.*.b.", 7, 3},
        {"_25._tcp.mail.example.", "_25._tcp.mail.example.", 23, 4},
        {"\303\244.", "\\195\\164.", 4, 1},
        {"\\127 .", "\\127\\032.", 4, 1},
        // RFC 4343 2.1: the same name, written as numbers.
        {"\\069\\088\\065\\077\\080\\076\\069.com.", "EXAMPLE.com.", 13, 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name name = name_of(cases[i].text);
        assert_name(name, cases[i].printed);
        assert_int_equal(name.size, cases[i].size);
        assert_int_equal(name.labels, cases[i].labels);
        struct name again = name_of(cases[i].printed);
        assert_memory_equal(again.wire, name.wire, name.size);
    }
}

// A text of `size` octets with a dot behind `dot` of them and an escape at `escape`, and as it is
// printed.
static void write_text(size_t size, size_t dot, size_t escape, char *text, char *printed)
{
    for (size_t i = 0; i < size; i++) {
        int letter = 'a' + (int)i % 26;
        text += sprintf(text, i == escape ? "\\%03d" : "%c", letter);
        printed += sprintf(printed, "%c", letter);
        if (i + 1 == dot || i + 1 == size) {
            text += sprintf(text, ".");
            printed += sprintf(printed, ".");
        }
    }
}

// Dots and escapes at every place of a text: it is read 8 octets at a time where it is plain.
static void test_text_at_every_place(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        for (size_t at = 0; at < size * size; at++) {
            char text[80], printed[80];
            write_text(size, 1 + at / size, at % size, text, printed);
            assert_name(name_of(text), printed);
        }
    }
}

static void test_text_refused(void **state)
{
    static const struct {
        const char *text;
        enum name_text_result result;
    } cases[] = {
        {"", NAME_TEXT_EMPTY},
        {"..", NAME_TEXT_EMPTY_LABEL},
        {".a.", NAME_TEXT_EMPTY_LABEL},
        {"a..", NAME_TEXT_EMPTY_LABEL},
        {"a..b.", NAME_TEXT_EMPTY_LABEL},
        {"\\", NAME_TEXT_BAD_ESCAPE},
        {"a.\\", NAME_TEXT_BAD_ESCAPE},
        {"\\1", NAME_TEXT_BAD_ESCAPE},
        {"\\12", NAME_TEXT_BAD_ESCAPE},
        {"\\1x2.", NAME_TEXT_BAD_ESCAPE},
        {"\\12x.", NAME_TEXT_BAD_ESCAPE},
        {"\\256.", NAME_TEXT_BAD_ESCAPE},
        {"\\999.", NAME_TEXT_BAD_ESCAPE},
        {"a", NAME_TEXT_RELATIVE},
        {"@", NAME_TEXT_RELATIVE},
        {"a.b", NAME_TEXT_RELATIVE},
        {"a\\.", NAME_TEXT_RELATIVE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        // Octets of exactly this many, so that one read too far is seen.
        size_t size = strlen(cases[i].text);
        char *text = malloc(size + (size == 0));
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name;
        assert_non_null(text);
        memcpy(text, cases[i].text, size);
        enum name_text_result result = name_parse(text, size, NULL, storage, &name);
        free(text);
        if (result != cases[i].result)
            fail_msg("'%s' gives %d", cases[i].text, result);
        assert_true(strlen(name_text_problem(result)) > 5);
    }
    // Each has words of its own.
    assert_string_equal(name_text_problem(NAME_TEXT_OK), "no problem");
    for (int i = NAME_TEXT_OK; i <= NAME_TEXT_RELATIVE; i++)
        for (int j = NAME_TEXT_OK; j < i; j++)
            assert_string_not_equal(name_text_problem((enum name_text_result)i),
                                    name_text_problem((enum name_text_result)j));
}

static void test_text_with_origin(void **state)
{
    static const struct {
        const char *text, *origin, *printed;
    } cases[] = {
        {"@", "example.", "example."},
        {"@", ".", "."},
        {"www", "example.", "www.example."},
        {"www", ".", "www."},
        {"a.b", "example.", "a.b.example."},
        {"www.", "example.", "www."},
        {".", "example.", "."},
        {"\\@", "example.", "\\@.example."},
        {"@.a", "example.", "\\@.a.example."},
        {"a\\.", "example.", "a\\..example."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name origin = name_of(cases[i].origin), name;
        uint8_t storage[NAME_OCTETS_MAX];
        assert_int_equal(name_parse(cases[i].text, strlen(cases[i].text), &origin, storage, &name),
                         NAME_TEXT_OK);
        assert_name(name, cases[i].printed);
        assert_ptr_equal(name.wire, storage);
        assert_int_equal(name.labels, name_trust(storage).labels);
    }
}

// `labels` labels of `size` octets each; the text must have room for NAME_TEXT_MAX.
static size_t repeat_label(char *text, unsigned labels, unsigned size)
{
    size_t at = 0;
    for (unsigned i = 0; i < labels; i++) {
        memset(text + at, 'x', size);
        at += size;
        text[at++] = '.';
    }
    text[at] = 0;
    return at;
}

static void test_text_limits(void **state)
{
    // Octets of the last label behind three of 63: 192 + 1 + n + 1 is the name's size.
    static const struct {
        unsigned labels, size, rest;
        enum name_text_result result;
    } cases[] = {
        {1, LABEL_OCTETS_MAX, 0, NAME_TEXT_OK},
        {1, LABEL_OCTETS_MAX + 1, 0, NAME_TEXT_LONG_LABEL},
        {3, LABEL_OCTETS_MAX, 61, NAME_TEXT_OK}, // 255 octets
        {3, LABEL_OCTETS_MAX, 62, NAME_TEXT_LONG},
        {4, LABEL_OCTETS_MAX, 0, NAME_TEXT_LONG},
        {NAME_LABELS_MAX, 1, 0, NAME_TEXT_OK}, // 255 octets
        {NAME_LABELS_MAX + 1, 1, 0, NAME_TEXT_LONG},
        {NAME_LABELS_MAX - 1, 1, 2, NAME_TEXT_LONG},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[NAME_TEXT_MAX];
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name, root = NAME_ROOT;
        size_t size = repeat_label(text, cases[i].labels, cases[i].size);
        if (cases[i].rest)
            size += repeat_label(text + size, 1, cases[i].rest);
        assert_int_equal(name_parse(text, size, NULL, storage, &name), cases[i].result);
        if (cases[i].result == NAME_TEXT_OK)
            assert_int_equal(name.size, size + 1);
        // The same with the root as origin instead of the last dot.
        assert_int_equal(name_parse(text, size - 1, &root, storage, &name), cases[i].result);
    }
}

static void test_text_limit_with_origin(void **state)
{
    (void)state;
    char text[NAME_TEXT_MAX];
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name, origin = name_of("example."); // 9 octets
    size_t size = repeat_label(text, 3, 63);
    size += repeat_label(text + size, 1, 53); // 192 + 54 + 9 = 255
    assert_int_equal(name_parse(text, size - 1, &origin, storage, &name), NAME_TEXT_OK);
    assert_int_equal(name.size, NAME_OCTETS_MAX);
    assert_int_equal(name.labels, 5);
    text[size - 1] = 'x';
    assert_int_equal(name_parse(text, size, &origin, storage, &name), NAME_TEXT_LONG);
}

// The longest text: every octet as \DDD.
static void test_longest_print(void **state)
{
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX] = {0};
    for (unsigned i = 0; i < 3; i++)
        wire[i * 64] = 63;
    wire[192] = 61;
    char text[NAME_TEXT_MAX];
    struct name name, again;
    assert_true(name_view(wire, sizeof wire, &name));
    size_t size = name_print(name, text);
    assert_int_equal(size, 250 * 4 + 4);
    assert_int_equal(strlen(text), size);
    uint8_t storage[NAME_OCTETS_MAX];
    assert_int_equal(name_parse(text, size, NULL, storage, &again), NAME_TEXT_OK);
    assert_memory_equal(storage, wire, sizeof wire);
}

// --- wire ----------------------------------------------------------------------------------------

static void test_view(void **state)
{
    static const struct {
        const char *wire;
        size_t size, taken; // taken 0: refused
    } cases[] = {
        {"\0", 1, 1},
        {"\0\1", 2, 1},
        {"\1a\0", 3, 3},
        {"\1a\0rest", 7, 3},
        {"\3www\7example\0", 13, 13},
        {"", 0, 0},
        {"\1", 1, 0},
        {"\1a", 2, 0},
        {"\100", 1, 0},     // label type 01
        {"\200", 1, 0},     // 10
        {"\300\014", 2, 0}, // 11: a pointer
        {"\1a\300\014", 4, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t *wire = malloc(cases[i].size + (cases[i].size == 0));
        struct name name;
        assert_non_null(wire);
        memcpy(wire, cases[i].wire, cases[i].size);
        assert_int_equal(name_view(wire, cases[i].size, &name), cases[i].taken > 0);
        if (cases[i].taken) {
            assert_int_equal(name.size, cases[i].taken);
            assert_ptr_equal(name.wire, wire);
            struct name trusted = name_trust(wire);
            assert_int_equal(trusted.size, name.size);
            assert_int_equal(trusted.labels, name.labels);
        }
        free(wire);
    }
}

static void test_view_limits(void **state)
{
    (void)state;
    uint8_t wire[NAME_OCTETS_MAX + 2];
    struct name name;
    for (unsigned i = 0; i < sizeof wire; i++)
        wire[i] = i % 2 ? 'a' : 1;
    wire[254] = 0; // 127 labels
    assert_true(name_view(wire, sizeof wire, &name));
    assert_int_equal(name.labels, NAME_LABELS_MAX);
    assert_int_equal(name.size, NAME_OCTETS_MAX);
    // Every cut of it is refused.
    for (size_t size = 0; size < NAME_OCTETS_MAX; size++)
        assert_false(name_view(wire, size, &name));
    wire[254] = 1;
    wire[256] = 0; // 257 octets
    assert_false(name_view(wire, sizeof wire, &name));
    wire[252] = 2;
    wire[255] = 0; // 256 octets
    assert_false(name_view(wire, sizeof wire, &name));
}

// --- comparing -----------------------------------------------------------------------------------

// RFC 4034 6.1, in order.
static const char *const canonical[] = {
    "example.",   "a.example.",       "yljkjljk.a.example.", "Z.a.example.",     "zABC.a.EXAMPLE.",
    "z.example.", "\\001.z.example.", "*.z.example.",        "\\200.z.example.",
};

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void test_canonical_order(void **state)
{
    (void)state;
    for (int i = 0; i < (int)COUNT(canonical); i++)
        for (int j = 0; j < (int)COUNT(canonical); j++)
            if (sign(name_compare(name_of(canonical[i]), name_of(canonical[j]))) != sign(i - j))
                fail_msg("%s <> %s", canonical[i], canonical[j]);
    assert_true(name_compare(name_of("."), name_of("example.")) < 0);
    assert_true(name_compare(name_of("."), name_of(".")) == 0);
    assert_true(name_compare(name_of("aa.example."), name_of("a.example.")) > 0);
    assert_true(name_compare(name_of("A.example."), name_of("a.EXAMPLE.")) == 0);
    // Octets are unsigned, and only A to Z are folded.
    assert_true(name_compare(name_of("\\255.a."), name_of("\\127.a.")) > 0);
    assert_true(name_compare(name_of("[.a."), name_of("a.a.")) < 0);
}

// What two names have to do with each other, both ways where that is one question.
static void test_relations(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal, within; // a within b
        unsigned shared;
    } cases[] = {
        {".", ".", true, true, 0},
        {"a.", ".", false, true, 0},
        {".", "a.", false, false, 0},
        {"WWW.Example.", "www.eXAMPLE.", true, true, 2},
        {"www.example.", "example.", false, true, 1},
        {"example.", "www.example.", false, false, 1},
        {"wwwexample.", "example.", false, false, 0},
        {"www.example.", "ample.", false, false, 0},
        {"a.b.c.", "x.b.c.", false, false, 2},
        {"a.b.c.", "a.x.c.", false, false, 1},
        {"a.a.a.", "a.a.", false, true, 2},
        // The octets agree at their ends, the labels don't.
        {"a\\003com.", "com.", false, false, 0},
        {"a.\\001a.", "a\\002.a.", false, false, 0}, // all octets but the first
        {"\\[.", "{.", false, false,
         0}, // 0x5b and 0x7b differ by the bit of case, and are no letters
        {"\\193.", "\\225.", false, false, 0},
        {"@.", "`.", false, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name a = name_of(cases[i].a), b = name_of(cases[i].b);
        assert_int_equal(name_equal(a, b), cases[i].equal);
        assert_int_equal(name_equal(b, a), cases[i].equal);
        assert_int_equal(name_compare(a, b) == 0, cases[i].equal);
        assert_int_equal(name_is_within(a, b), cases[i].within);
        assert_int_equal(name_shared_labels(a, b), cases[i].shared);
        assert_int_equal(name_shared_labels(b, a), cases[i].shared);
    }
}

static void test_wildcard(void **state)
{
    (void)state;
    assert_true(name_is_wildcard(name_of("*.")));
    assert_true(name_is_wildcard(name_of("*.example.")));
    assert_true(name_is_wildcard(name_of("\\042.example.")));
    assert_false(name_is_wildcard(name_of(".")));
    assert_false(name_is_wildcard(name_of("**.example.")));
    assert_false(name_is_wildcard(name_of("a.*.example.")));
    assert_false(name_is_wildcard(name_of("*a.example.")));
}

static void test_suffix(void **state)
{
    static const char *const suffixes[] = {".", "c.", "bb.c.", "a.bb.c."};
    (void)state;
    struct name name = name_of("a.bb.c.");
    for (unsigned labels = 0; labels <= 3; labels++) {
        struct name suffix = name_suffix(name, labels);
        assert_name(suffix, suffixes[labels]);
        assert_int_equal(suffix.labels, labels);
        assert_int_equal(suffix.size, name_trust(suffix.wire).size);
        assert_ptr_equal(suffix.wire + suffix.size, name.wire + name.size);
    }
}

static void test_fold(void **state)
{
    (void)state;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name mixed = name_of("WwW.[\\193]Z.");
    struct name folded = name_fold(mixed, storage);
    assert_name(folded, "www.[\\193]z.");
    assert_int_equal(folded.labels, 2);
    // In place.
    memcpy(storage, mixed.wire, mixed.size);
    folded = name_fold((struct name){storage, mixed.size, mixed.labels}, storage);
    assert_name(folded, "www.[\\193]z.");
}

static void test_join(void **state)
{
    static const struct {
        const char *prefix;
        unsigned labels;
        const char *suffix, *joined;
    } cases[] = {
        {"www.example.com.", 1, "example.net.", "www.example.net."},
        {"www.example.com.", 0, "example.net.", "example.net."},
        {"www.example.com.", 3, "net.", "www.example.com.net."},
        {"www.example.com.", 2, ".", "www.example."},
        {".", 0, ".", "."},
        {".", 0, "a.", "a."},
    };
    (void)state;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name joined;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(name_join(name_of(cases[i].prefix), cases[i].labels, name_of(cases[i].suffix),
                              storage, &joined));
        assert_name(joined, cases[i].joined);
        assert_int_equal(joined.labels, name_trust(storage).labels);
        assert_int_equal(joined.size, name_trust(storage).size);
    }
    // 255 octets fit, 256 don't.
    char text[NAME_TEXT_MAX];
    repeat_label(text, 3, 63);
    struct name head = name_of(text);
    repeat_label(text, 1, 61);
    assert_true(name_join(head, 3, name_of(text), storage, &joined));
    assert_int_equal(joined.size, NAME_OCTETS_MAX);
    repeat_label(text, 1, 62);
    assert_false(name_join(head, 3, name_of(text), storage, &joined));
}

// --- keys ----------------------------------------------------------------------------------------

// Every octet in every place of a word is folded as byte_fold does it.
static void test_key_folds(void **state)
{
    (void)state;
    for (unsigned octet = 0; octet < 256; octet++) {
        uint8_t wire[42] = {40};
        struct name name;
        struct name_key key;
        memset(wire + 1, (int)octet, 40);
        wire[41] = 0;
        assert_true(name_view(wire, sizeof wire, &name));
        name_key_make(name, &test_secret, &key);
        for (unsigned i = 1; i <= 40; i++)
            assert_int_equal(key.folded[i], byte_fold((uint8_t)octet));
        assert_int_equal(key.folded[0], 40);
        assert_int_equal(key.folded[41], 0);
    }
}

static void check_key(struct name name)
{
    struct name_key key, part;
    name_key_make(name, &test_secret, &key);
    assert_int_equal(key.size, name.size);
    assert_int_equal(key.labels, name.labels);
    for (unsigned depth = 0; depth <= name.labels; depth++) {
        struct name suffix = name_key_suffix(&key, depth);
        assert_true(name_equal(suffix, name_suffix(name, depth)));
        assert_int_equal(name_key_offset(&key, depth), name.size - suffix.size);
        name_key_make(suffix, &test_secret, &part);
        assert_true(part.hash[depth] == key.hash[depth]);
        for (unsigned other = 0; other < depth; other++)
            assert_true(key.hash[other] != key.hash[depth]);
    }
}

// name_key_read judges as name_view does, and gives the same key as name_key_make.
static void check_read(const uint8_t *octets, size_t size)
{
    uint8_t *wire = malloc(size + (size == 0));
    struct name name;
    struct name_key read, made;
    assert_non_null(wire);
    memcpy(wire, octets, size);
    bool good = name_view(wire, size, &name);
    assert_int_equal(name_key_read(wire, size, &test_secret, &read), good);
    if (good) {
        name_key_make(name, &test_secret, &made);
        assert_int_equal(read.size, made.size);
        assert_int_equal(read.labels, made.labels);
        assert_memory_equal(read.folded, made.folded, made.size);
        assert_memory_equal(read.start, made.start, made.labels + 1u);
        assert_memory_equal(read.hash, made.hash, (made.labels + 1u) * sizeof *made.hash);
    }
    free(wire);
}

static void test_key_read(void **state)
{
    (void)state;
    uint8_t octets[300];
    for (unsigned size = 0; size <= sizeof octets; size++) {
        // Labels of one octet, of 63, and of none; whole, cut short, and with a pointer.
        for (unsigned i = 0; i < size; i++)
            octets[i] = i % 2 ? 'A' : 1;
        check_read(octets, size);
        if (size)
            octets[(size - 1) & ~1u] = 0;
        check_read(octets, size);
        memset(octets, 'Z', size);
        for (unsigned i = 0; i < size; i += 64)
            octets[i] = 63;
        check_read(octets, size);
        if (size)
            octets[(size - 1) & ~63u] = 0;
        check_read(octets, size);
        if (size)
            octets[(size - 1) & ~63u] = 0xc0;
        check_read(octets, size);
    }
    struct dice dice = dice_seed(4);
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = dice_roll(&dice) % sizeof octets;
        for (size_t j = 0; j < size; j++)
            octets[j] = (uint8_t)(dice_roll(&dice) % 3 ? dice_roll(&dice) % 8 : dice_roll(&dice));
        check_read(octets, size);
    }
}

static void test_key_at_every_depth(void **state)
{
    (void)state;
    char text[NAME_TEXT_MAX];
    check_key(name_of("."));
    check_key(name_of("www.Example.COM."));
    repeat_label(text, NAME_LABELS_MAX, 1);
    check_key(name_of(text));
    for (unsigned size = 1; size <= LABEL_OCTETS_MAX; size++) {
        repeat_label(text, 3, size);
        check_key(name_of(text));
    }
}

static void test_key_needs_the_secret(void **state)
{
    (void)state;
    static const struct hash_key other = {{1, 2}};
    struct name_key a, b, c;
    name_key_make(name_of("www.example."), &test_secret, &a);
    name_key_make(name_of("WWW.EXAMPLE."), &test_secret, &b);
    name_key_make(name_of("www.example."), &other, &c);
    for (unsigned depth = 0; depth <= 2; depth++) {
        assert_true(a.hash[depth] == b.hash[depth]);
        assert_true(a.hash[depth] != c.hash[depth]);
    }
}

// --- by chance -----------------------------------------------------------------------------------

// Few letters and short labels, so that names often share labels and differ by case alone.
static struct name roll_name(struct dice *dice, uint8_t storage[static NAME_OCTETS_MAX])
{
    static const uint8_t octets[] = "aAbB*.\\\0\377[{";
    unsigned labels = dice_roll(dice) % 5, at = 0;
    struct name name;
    for (unsigned i = 0; i < labels; i++) {
        unsigned size = 1 + dice_roll(dice) % 3;
        storage[at++] = (uint8_t)size;
        for (unsigned j = 0; j < size; j++)
            storage[at++] = octets[dice_roll(dice) % (sizeof octets - 1)];
    }
    storage[at] = 0;
    assert_true(name_view(storage, at + 1, &name));
    return name;
}

// The order worked out another way: labels from the last to the first, each folded and ended by a
// value below every octet.
static size_t order_key(struct name name, uint16_t *key)
{
    size_t size = 0;
    for (unsigned depth = 1; depth <= name.labels; depth++) {
        struct name suffix = name_suffix(name, depth);
        for (unsigned i = 1; i <= suffix.wire[0]; i++)
            key[size++] = (uint16_t)(byte_fold(suffix.wire[i]) + 2);
        key[size++] = 1;
    }
    key[size++] = 0;
    return size;
}

static int compare_slowly(struct name a, struct name b)
{
    uint16_t a_key[2 * NAME_OCTETS_MAX], b_key[2 * NAME_OCTETS_MAX];
    size_t a_size = order_key(a, a_key), b_size = order_key(b, b_key);
    for (size_t i = 0; i < a_size && i < b_size; i++)
        if (a_key[i] != b_key[i])
            return a_key[i] < b_key[i] ? -1 : 1;
    return 0;
}

static void test_random_names(void **state)
{
    (void)state;
    struct dice dice = dice_seed(1);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t a_wire[NAME_OCTETS_MAX], b_wire[NAME_OCTETS_MAX], storage[NAME_OCTETS_MAX];
        struct name a = roll_name(&dice, a_wire), b = roll_name(&dice, b_wire), again;
        char text[NAME_TEXT_MAX];
        size_t size = name_print(a, text);
        assert_int_equal(name_parse(text, size, NULL, storage, &again), NAME_TEXT_OK);
        assert_int_equal(again.size, a.size);
        assert_memory_equal(again.wire, a.wire, a.size);

        int order = compare_slowly(a, b);
        assert_int_equal(sign(name_compare(a, b)), order);
        assert_int_equal(name_equal(a, b), order == 0);
        struct name_key a_key, b_key;
        name_key_make(a, &test_secret, &a_key);
        name_key_make(b, &test_secret, &b_key);
        assert_int_equal(a_key.hash[a.labels] == b_key.hash[b.labels], order == 0);
        unsigned shared = name_shared_labels(a, b);
        assert_true(name_equal(name_suffix(a, shared), name_suffix(b, shared)));
        if (shared < a.labels && shared < b.labels)
            assert_false(name_equal(name_suffix(a, shared + 1), name_suffix(b, shared + 1)));
        assert_int_equal(name_is_within(a, b), shared == b.labels);
    }
}

// Text of any octets: refused or read back, never more than that.
static void test_random_text(void **state)
{
    (void)state;
    static const char characters[] = "a.\\0129@*\"";
    struct dice dice = dice_seed(2);
    struct name origin = name_of("example.");
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = dice_roll(&dice) % 400;
        char *text = malloc(size + 1), printed[NAME_TEXT_MAX];
        uint8_t storage[NAME_OCTETS_MAX];
        struct name name, seen;
        assert_non_null(text);
        for (size_t j = 0; j < size; j++)
            text[j] = characters[dice_roll(&dice) % (sizeof characters - 1)];
        if (name_parse(text, size, &origin, storage, &name) == NAME_TEXT_OK) {
            assert_true(name_view(storage, name.size, &seen));
            assert_int_equal(seen.labels, name.labels);
            assert_int_equal(seen.size, name.size);
            name_print(name, printed);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_and_back),
        cmocka_unit_test(test_text_at_every_place),
        cmocka_unit_test(test_text_refused),
        cmocka_unit_test(test_text_with_origin),
        cmocka_unit_test(test_text_limits),
        cmocka_unit_test(test_text_limit_with_origin),
        cmocka_unit_test(test_longest_print),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_view_limits),
        cmocka_unit_test(test_canonical_order),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_wildcard),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_key_folds),
        cmocka_unit_test(test_key_read),
        cmocka_unit_test(test_key_at_every_depth),
        cmocka_unit_test(test_key_needs_the_secret),
        cmocka_unit_test(test_random_names),
        cmocka_unit_test(test_random_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
