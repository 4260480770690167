// Where names stand: RFC 4592's example, cuts and DNAMEs over each other, and random zones compared
// with a walk that goes label by label.
#include "from_text.h"

#include <stdio.h>

#include "base/random.h"
#include "dns/type.h"
#include "zone/find.h"

static const char *const words[] = {"node", "cut", "dname", "wildcard", "nothing"};

// "cut sub.example." and the like; with the closest encloser where there is one.
static void print_finding(const struct image *image, const struct finding *finding,
                          struct buffer *to)
{
    buffer_format(to, "%s %s", words[finding->found], node_text(image, finding->node));
    if (finding->encloser)
        buffer_format(to, " under %s", node_text(image, finding->encloser));
}

struct expected {
    const char *name, *found;
};

static void check_all(const char *origin, const char *text, const struct expected *expected,
                      size_t count)
{
    struct zone *zone = zone_from_text(origin, text);
    struct buffer found = {0};
    for (size_t i = 0; i < count; i++) {
        struct name_key key;
        name_key_make(name_of(expected[i].name), &test_secret, &key);
        struct finding finding = find_name(&zone->image, &test_secret, &key);
        buffer_clear(&found);
        print_finding(&zone->image, &finding, &found);
        if (strcmp(buffer_text(&found), expected[i].found) != 0)
            fail_msg("%s: %s, not %s", expected[i].name, buffer_text(&found), expected[i].found);
    }
    buffer_free(&found);
    zone_release(zone);
}

static void test_rfc4592(void **state)
{
    static const struct expected expected[] = {
        {"example.", "node example."},
        {"EXAMPLE.", "node example."},
        {"host1.example.", "node host1.example."},
        {"host3.example.", "wildcard *.example. under example."},
        {"foo.bar.example.", "wildcard *.example. under example."},
        {"a.b.c.d.e.example.", "wildcard *.example. under example."},
        {"sub.*.example.", "node sub.*.example."},
        {"*.example.", "node *.example."},
        {"ghost.*.example.", "nothing *.example. under *.example."},
        {"host2.example.", "node host2.example."}, // an empty non-terminal
        {"_tcp.host2.example.", "node _tcp.host2.example."},
        {"_telnet._tcp.host1.example.", "nothing _tcp.host1.example. under _tcp.host1.example."},
        {"x.host1.example.", "nothing host1.example. under host1.example."},
        {"subdel.example.", "cut subdel.example."},
        {"host.subdel.example.", "cut subdel.example."},
    };
    (void)state;
    check_all("example.", RFC4592, expected, COUNT(expected));
}

// The highest cut or DNAME on the way decides; a DNAME does not redirect its owner (RFC 6672 2.3).
static void test_redirections(void **state)
{
    static const char text[] = APEX "cut NS ns.invalid.\n"
                                    "low.cut NS ns.invalid.\n"
                                    "host.low.cut A 192.0.2.1\n"
                                    "*.cut TXT not served\n"
                                    "to DNAME else.invalid.\n"
                                    "to TXT beside\n"
                                    "cut.to NS ns.invalid.\n"
                                    "down.cut DNAME else.invalid.\n"
                                    "both NS ns.invalid.\n"
                                    "both DNAME else.invalid.\n"
                                    "*.wild DNAME else.invalid.\n";
    static const struct expected expected[] = {
        {"cut.example.", "cut cut.example."},
        {"a.cut.example.", "cut cut.example."},
        {"low.cut.example.", "cut cut.example."},
        {"host.low.cut.example.", "cut cut.example."},
        {"no.host.low.cut.example.", "cut cut.example."},
        {"*.cut.example.", "cut cut.example."},
        {"down.cut.example.", "cut cut.example."},
        {"a.down.cut.example.", "cut cut.example."},
        {"to.example.", "node to.example."},
        {"a.to.example.", "dname to.example."},
        {"cut.to.example.", "dname to.example."},
        {"a.cut.to.example.", "dname to.example."},
        {"both.example.", "cut both.example."},
        {"a.both.example.", "cut both.example."},
        {"a.wild.example.", "wildcard *.wild.example. under wild.example."},
        {"*.wild.example.", "node *.wild.example."},
        {"a.*.wild.example.", "dname *.wild.example."},
    };
    (void)state;
    check_all("example.", text, expected, COUNT(expected));
}

// A DNAME at the apex redirects all below it, and NS at the apex is no cut.
static void test_apex_dname(void **state)
{
    static const struct expected expected[] = {
        {"example.", "node example."},
        {"a.example.", "dname example."},
        {"a.b.example.", "dname example."},
    };
    (void)state;
    check_all("example.", APEX "@ DNAME else.invalid.\n", expected, COUNT(expected));
}

static void test_root_zone(void **state)
{
    static const struct expected expected[] = {
        {".", "node ."},
        {"test.", "cut test."},
        {"www.example.test.", "cut test."},
        {"example.", "wildcard *. under ."},
    };
    (void)state;
    check_all(".", APEX "test NS ns.test\nns.test A 192.0.2.1\n* TXT x\n", expected,
              COUNT(expected));
}

// Every depth of the longest name: the closest encloser is found wherever it is.
static void test_every_depth(void **state)
{
    (void)state;
    char longest[NAME_TEXT_MAX];
    for (unsigned i = 0; i < NAME_LABELS_MAX; i++)
        memcpy(longest + 2 * i, "a.", 3);
    struct name name = name_of(longest);
    for (unsigned depth = 1; depth <= NAME_LABELS_MAX; depth++) {
        struct buffer text = {0};
        buffer_format(&text, APEX "%s TXT x\n", longest + 2 * (NAME_LABELS_MAX - depth));
        struct zone *zone = zone_from_text(".", buffer_text(&text));
        struct name_key key;
        name_key_make(name, &test_secret, &key);
        struct finding finding = find_name(&zone->image, &test_secret, &key);
        assert_int_equal(finding.found, depth < NAME_LABELS_MAX ? FOUND_NOTHING : FOUND_NODE);
        assert_int_equal(finding.node->labels, depth);
        zone_release(zone);
        buffer_free(&text);
    }
}

// --- by chance -----------------------------------------------------------------------------------

static void roll_text(struct dice *dice, char *text, unsigned labels_max)
{
    static const char *const labels[] = {"a.", "b.", "*.", "cc."};
    *text = 0;
    for (unsigned count = dice_roll(dice) % (labels_max + 1); count > 0; count--)
        strcat(text, labels[dice_roll(dice) % COUNT(labels)]);
    strcat(text, "example.");
}

static const struct node *node_at(const struct image *image, const struct name_key *key,
                                  unsigned depth)
{
    for (uint32_t i = 0; i < image->head->nodes; i++) {
        const struct node *node = image_node_at(image, i);
        uint8_t storage[NAME_OCTETS_MAX];
        if (name_equal(node_name(image, node, storage), name_key_suffix(key, depth)))
            return node;
    }
    return NULL;
}

// From the apex down, as RFC 1034 4.3.2 tells it, by nothing but the list of nodes.
static struct finding find_slowly(const struct image *image, const struct name_key *key)
{
    const struct node *node = image->apex;
    for (unsigned depth = image->apex->labels;; depth++) {
        if (depth > image->apex->labels && node_rrset(image, node, TYPE_NS))
            return (struct finding){FOUND_CUT, node, NULL};
        if (depth == key->labels)
            return (struct finding){FOUND_NODE, node, NULL};
        if (node_rrset(image, node, TYPE_DNAME))
            return (struct finding){FOUND_DNAME, node, NULL};
        const struct node *next = node_at(image, key, depth + 1);
        if (next) {
            node = next;
            continue;
        }
        char text[2 + NAME_TEXT_MAX] = "*.";
        strcat(text, node_text(image, node));
        struct name_key wildcard;
        name_key_make(name_of(text), &test_secret, &wildcard);
        next = node_at(image, &wildcard, depth + 1);
        return (struct finding){next ? FOUND_WILDCARD : FOUND_NOTHING, next ? next : node, node};
    }
}

static void test_random_zones(void **state)
{
    static const char *const rdata[] = {"TXT x", "TXT y", "TXT z", "NS ns.invalid.",
                                        "DNAME else.invalid."};
    (void)state;
    struct dice dice = dice_seed(13);
    unsigned seen[5] = {0};
    for (unsigned round = 0; round < 300; round++) {
        struct buffer text = {0};
        char name[64];
        buffer_add_text(&text, APEX);
        for (unsigned count = dice_roll(&dice) % 20; count > 0; count--) {
            roll_text(&dice, name, 5);
            buffer_format(&text, "%s %s\n", name, rdata[dice_roll(&dice) % COUNT(rdata)]);
        }
        struct zone *zone = zone_from_text("example.", buffer_text(&text));
        for (unsigned i = 0; i < 100; i++) {
            struct name_key key;
            roll_text(&dice, name, 6);
            name_key_make(name_of(name), &test_secret, &key);
            struct finding quick = find_name(&zone->image, &test_secret, &key);
            struct finding slow = find_slowly(&zone->image, &key);
            if (quick.found != slow.found || quick.node != slow.node ||
                quick.encloser != slow.encloser)
                fail_msg("%s in\n%s: %s, not %s", name, buffer_text(&text), words[quick.found],
                         words[slow.found]);
            seen[quick.found]++;
        }
        zone_release(zone);
        buffer_free(&text);
    }
    for (unsigned i = 0; i < COUNT(seen); i++)
        assert_true(seen[i] > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc4592),     cmocka_unit_test(test_redirections),
        cmocka_unit_test(test_apex_dname),  cmocka_unit_test(test_root_zone),
        cmocka_unit_test(test_every_depth), cmocka_unit_test(test_random_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
