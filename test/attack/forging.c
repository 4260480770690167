// Attackers who are not on the path: they guess, race, and send what confuses.
#include "scene.h"

#include <string.h>

#include "base/bytes.h"

#define IDS 100000

static const char right_answer[] = "NOERROR; www.victim.test. A 203.0.113.1";

// --- a forged reply before the true one ----------------------------------------------------------

struct forgery {
    const char *what;
    void (*spoil)(struct scene *scene, const struct network_ask *ask, const struct asked *asked);
    bool near_miss; // somebody may be guessing: TCP
};

static void forge(struct scene *scene, const struct asked *asked)
{
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    reply_add_text(&scene->reply, SECTION_ANSWER, "www.victim.test. A 192.0.2.66\n");
    reply_end(&scene->reply);
}

static void wrong_id(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.octets[1] ^= 1;
}

static void wrong_case(struct scene *scene, const struct network_ask *ask,
                       const struct asked *asked)
{
    (void)ask;
    for (unsigned i = 1; i < asked->name.size; i++)
        if (scene->reply.octets[HEADER_SIZE + i] >= 'A')
            scene->reply.octets[HEADER_SIZE + i] ^= 0x20;
}

static void cut(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.size -= 3;
}

static void only_header(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.size = HEADER_SIZE;
}

static void half_header(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.size = HEADER_SIZE / 2;
}

static void nothing(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.size = 0;
}

static void no_response(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.octets[2] &= 0x7f;
}

static void other_opcode(struct scene *scene, const struct network_ask *ask,
                         const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.octets[2] |= OPCODE_NOTIFY << 3;
}

static void two_questions(struct scene *scene, const struct network_ask *ask,
                          const struct asked *asked)
{
    (void)ask;
    (void)asked;
    scene->reply.octets[5] = 2;
}

static const struct forgery forgeries[] = {
    {"another ID", wrong_id, true},
    {"letters in another case", wrong_case, true},
    {"a record cut short", cut, false},
    {"a header alone", only_header, false},
    {"half a header", half_header, false},
    {"an empty datagram", nothing, false},
    {"a query, no response", no_response, false},
    {"another opcode", other_opcode, false},
    {"two questions announced", two_questions, false},
};

static bool forge_first(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    const struct forgery *forgery = scene->own;
    if (ask->tcp || !scene_is(ask, VICTIM))
        return false;
    forge(scene, asked);
    forgery->spoil(scene, ask, asked);
    network_reply(&scene->network, ask->number, scene->reply.octets, scene->reply.size, 1000);
    if (!tree_answer(&scene->tree, &ask->server, asked, &scene->reply))
        fail();
    scene_send(scene, ask, 50000);
    return true;
}

// Kaminsky, SAD DNS: one near miss, and the question goes over TCP, where nobody can guess.
// TuDoor: what is no reply does not end the wait for the good one.
static void a_bad_reply_before_the_good_one_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forgeries); i++) {
        static struct scene scene;
        scene_begin(&scene);
        scene.special = forge_first;
        struct forgery forgery = forgeries[i];
        scene.own = &forgery;
        scene_open(&scene);
        const char *answer = scene_ask(&scene, "www.victim.test.", TYPE_A);
        if (strcmp(answer, right_answer) != 0)
            fail_msg("%s: %s", forgery.what, answer);
        uint64_t tcp = scene.network.counts.tcp;
        if (forgery.near_miss && tcp == 0)
            fail_msg("%s: no TCP", forgery.what);
        if (!forgery.near_miss && scene.network.counts.suspect)
            fail_msg("%s: told as a near miss", forgery.what);
        scene_figure(forgery.near_miss ? "near miss" : "TuDoor",
                     "%s, the good reply 50 ms later: answered; %llu packets, %llu of them TCP",
                     forgery.what, (unsigned long long)scene_packets(&scene),
                     (unsigned long long)tcp);
        scene_close(&scene);
    }
}

// --- IDs -----------------------------------------------------------------------------------------

struct census {
    uint64_t low[256], high[256];
    uint64_t letters, capitals, ids;
};

static double chi_square(const uint64_t *counts, uint64_t total)
{
    double expected = (double)total / 256, sum = 0;
    for (unsigned i = 0; i < 256; i++) {
        double off = (double)counts[i] - expected;
        sum += off * off / expected;
    }
    return sum;
}

static bool take_census(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    struct census *census = scene->own;
    census->low[asked->id & 255]++;
    census->high[asked->id >> 8]++;
    census->ids++;
    for (unsigned i = 0; i < asked->name.size; i++) {
        uint8_t octet = asked->name.wire[i];
        census->capitals += octet >= 'A' && octet <= 'Z';
        census->letters += byte_fold(octet) >= 'a' && byte_fold(octet) <= 'z';
    }
    if (!scene_is(ask, VICTIM))
        return false;
    // Short-lived, so that what is counted is asking and not keeping.
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    static const uint8_t rdata[] = {203, 0, 113, 1};
    struct record record = {.owner = asked->name.wire,
                            .owner_size = asked->name.size,
                            .owner_labels = asked->name.labels,
                            .rdata = rdata,
                            .rdata_size = 4,
                            .type = TYPE_A};
    reply_add(&scene->reply, SECTION_ANSWER, &record);
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

// CVE-2025-40780: IDs from a generator that an observer can wind on. A sum of 255 +- 22.6 is what
// chance gives; seven times that happens once in a billion runs.
static void ids_and_case_are_without_pattern(void **state)
{
    (void)state;
    static struct scene scene;
    static struct census census;
    scene_begin(&scene);
    scene.special = take_census;
    scene.own = &census;
    scene.unpredictable = true;
    scene_open(&scene);
    while (census.ids < IDS) {
        char name[64];
        snprintf(name, sizeof name, "abcdefgh%llu.victim.test.", (unsigned long long)census.ids);
        scene_ask(&scene, name, TYPE_A);
    }
    double low = chi_square(census.low, census.ids), high = chi_square(census.high, census.ids);
    double capitals = (double)census.capitals / (double)census.letters;
    scene_figure("predictable IDs",
                 "chi-square of %llu IDs: %.0f and %.0f (255 is perfect); %.1f %% capitals",
                 (unsigned long long)census.ids, low, high, 100 * capitals);
    assert_true(low > 130 && low < 415);
    assert_true(high > 130 && high < 415);
    assert_true(capitals > 0.48 && capitals < 0.52);
    scene_close(&scene);
}

// --- birthdays -----------------------------------------------------------------------------------

// Many equal questions must not be many asks: each would be one more chance for a guess.
static void a_thousand_equal_questions_are_one_ask(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene_open(&scene);
    scene_ask(&scene, "other.victim.test.", TYPE_A);
    uint64_t before = scene_packets(&scene), answered = scene.answers;
    for (unsigned i = 0; i < 1000; i++)
        scene_want(&scene, "www.victim.test.", TYPE_A, NULL);
    scene_pass(&scene, SECOND_US);
    assert_int_equal(scene.answers - answered, 1000);
    assert_string_equal(buffer_text(&scene.answer), right_answer);
    scene_figure("birthday, RebirthDay", "1000 equal questions: %llu packet",
                 (unsigned long long)(scene_packets(&scene) - before));
    assert_int_equal(scene_packets(&scene) - before, 1);
    scene_close(&scene);
}

// --- fragments -----------------------------------------------------------------------------------

static bool say_much(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    if (!scene_is(ask, VICTIM))
        return false;
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    for (unsigned i = 0; i < 20; i++) {
        char text[256];
        snprintf(text, sizeof text, "www.victim.test. TXT \"%0100u\"\n", i);
        reply_add_text(&scene->reply, SECTION_ANSWER, text);
    }
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void what_does_not_fit_into_1232_octets_comes_over_tcp(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = say_much;
    scene_open(&scene);
    const char *answer = scene_ask(&scene, "www.victim.test.", TYPE_TXT);
    assert_int_equal(strncmp(answer, "NOERROR; www", 12), 0);
    assert_int_equal(scene.network.counts.tcp, 1);
    assert_int_equal(scene.payload_most, 1232);
    scene_figure("fragments", "%u octets announced at most; 2 kB came over TCP",
                 scene.payload_most);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_reply_before_the_good_one_changes_nothing),
        cmocka_unit_test(ids_and_case_are_without_pattern),
        cmocka_unit_test(a_thousand_equal_questions_are_one_ask),
        cmocka_unit_test(what_does_not_fit_into_1232_octets_comes_over_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
