// Names: text and wire, there and back, and what must hold of any two.
//
//   input: octets that are tried as a name in wire form, as text (with and without an origin), and,
//   cut in two at the place that the first octet says, as two names in wire form
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static bool same(struct name a, struct name b)
{
    return a.size == b.size && a.labels == b.labels && memcmp(a.wire, b.wire, a.size) == 0;
}

// Printed and read again it is the same, octet for octet.
static void print_and_parse(struct name name)
{
    char text[NAME_TEXT_MAX];
    uint8_t storage[NAME_OCTETS_MAX];
    struct name again;
    size_t size = name_print(name, text);
    assert(size > 0 && size < NAME_TEXT_MAX && text[size] == 0 && text[size - 1] == '.');
    assert(name_parse(text, size, NULL, storage, &again) == NAME_TEXT_OK);
    assert(same(name, again));
}

static void judge_one(struct name name)
{
    static const struct hash_key secret = {{3, 5}};
    uint8_t folded_wire[NAME_OCTETS_MAX];
    struct name view, folded = name_fold(name, folded_wire);
    assert(name_view(name.wire, name.size, &view) && same(name, view));
    assert(same(name, name_trust(name.wire)));
    assert(name_equal(name, folded) && name_compare(name, folded) == 0);
    assert(name_is_within(name, name) && name_is_within(name, NAME_ROOT));
    assert(name_shared_labels(name, folded) == name.labels);
    print_and_parse(name);
    print_and_parse(folded);

    struct name_key key;
    name_key_make(name, &secret, &key);
    for (unsigned depth = 0; depth <= name.labels; depth++) {
        struct name suffix = name_suffix(name, depth);
        assert(suffix.labels == depth && name_view(suffix.wire, suffix.size, &view));
        assert(name_equal(suffix, name_key_suffix(&key, depth)));
        assert(name_is_within(name, suffix));
        assert((name_compare(name, suffix) == 0) == (depth == name.labels));
        uint8_t joined_wire[NAME_OCTETS_MAX];
        struct name joined;
        assert(name_join(name, name.labels - depth, suffix, joined_wire, &joined));
        assert(same(name, joined));
    }
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void judge_two(struct name a, struct name b)
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name joined;
    int order = name_compare(a, b);
    unsigned shared = name_shared_labels(a, b);
    assert(sign(order) == -sign(name_compare(b, a)));
    assert((order == 0) == name_equal(a, b));
    assert(shared == name_shared_labels(b, a) && shared <= a.labels && shared <= b.labels);
    assert(name_is_within(a, b) == (shared == b.labels));
    assert(name_equal(name_suffix(a, shared), name_suffix(b, shared)));
    if (name_is_within(a, b))
        assert(order >= 0); // RFC 4034 6.1: what is below comes behind
    bool fits = name_join(a, a.labels, b, wire, &joined);
    assert(fits == (a.size + b.size - 1 <= NAME_OCTETS_MAX));
    if (fits) {
        assert(joined.labels == a.labels + b.labels && name_is_within(joined, b));
        judge_one(joined);
    }
}

static void parse(const char *text, size_t size, const struct name *origin)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    enum name_text_result result = name_parse(text, size, origin, storage, &name);
    if (result == NAME_TEXT_OK)
        judge_one(name);
    else
        assert(name_text_problem(result));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    struct name one, two, origin = name_trust((const uint8_t *)"\7Example\4test");
    // A copy of its own size: a look behind it is seen.
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    memcpy(copy, octets, size);
    if (name_view(copy, size, &one)) {
        judge_one(one);
        judge_two(one, origin);
    }
    parse((const char *)copy, size, NULL);
    parse((const char *)copy, size, &origin);
    if (size > 1) {
        size_t cut = 1 + copy[0] % size;
        if (name_view(copy + 1, cut - 1, &one) && name_view(copy + cut, size - cut, &two))
            judge_two(one, two);
    }
    free(copy);
    return 0;
}
