// Attackers who ask so much that others get nothing: of the cache, of the slots, of a server's
// patience.
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define HOT_NAMES  10000
#define COLD_RATIO 3  // names that were asked for once, for each of them
#define HOT_RATIO  50 // questions for them for each one of the flood

static struct address client_of(unsigned number)
{
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    snprintf(text, sizeof text, "10.%u.%u.%u", number >> 16 & 255, number >> 8 & 255, number & 255);
    if (!address_parse(text, 4444, &address))
        abort();
    return address;
}

// --- CacheFlush ----------------------------------------------------------------------------------

// victim.test. has an address for every name; evil.test. 30 kB of text for every name.
static bool answer_all(struct scene *scene, const struct network_ask *ask,
                       const struct asked *asked)
{
    static uint8_t large[30000]; // 150 strings
    bool evil = scene_is(ask, EVIL);
    if (!evil && !scene_is(ask, VICTIM))
        return false;
    static const uint8_t address[] = {203, 0, 113, 1};
    for (unsigned i = 0; i < sizeof large; i += 200)
        large[i] = 199;
    struct record record = {.owner = asked->name.wire,
                            .owner_size = asked->name.size,
                            .owner_labels = asked->name.labels,
                            .rdata = evil ? large : address,
                            .rdata_size = evil ? sizeof large : 4,
                            .ttl = 86400,
                            .type = evil ? TYPE_TXT : TYPE_A};
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    if (record.type == asked->type)
        reply_add(&scene->reply, SECTION_ANSWER, &record);
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void ask_numbered(struct scene *scene, const char *what, unsigned number)
{
    char name[64];
    snprintf(name, sizeof name, "%s%u.victim.test.", what, number);
    scene_ask(scene, name, TYPE_A);
}

static void ask_hot(struct scene *scene, unsigned number)
{
    ask_numbered(scene, "hot", number % HOT_NAMES);
}

// What a cache looks like on any day: names that people ask for among those that somebody asked for
// once.
static void fill_cache(struct scene *scene)
{
    for (unsigned i = 0; i < HOT_NAMES; i++) {
        ask_hot(scene, i);
        for (unsigned j = 0; j < COLD_RATIO; j++)
            ask_numbered(scene, "cold", COLD_RATIO * i + j);
    }
    for (unsigned i = 0; i < HOT_NAMES; i++)
        ask_hot(scene, i);
}

// Ten thousand names that people ask for, and four times the cache's size of what nobody wants.
static void a_flood_of_large_answers_leaves_the_hot_names(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = answer_all;
    scene.cache_octets = (size_t)16 * 1024 * 1024;
    scene.rules->minimise = false;
    scene_open(&scene);
    fill_cache(&scene);
    uint64_t before = scene_packets_to(&scene, VICTIM);
    unsigned asked = 0, flood = 2000;
    for (unsigned i = 0; i < flood; i++) {
        char name[64];
        snprintf(name, sizeof name, "junk%u.evil.test.", i);
        scene_ask(&scene, name, TYPE_TXT);
        if (i % 20 == 0) // 600 kB: some milliseconds of a fast line
            network_reclaim();
        for (unsigned j = 0; j < HOT_RATIO; j++)
            ask_hot(&scene, asked++);
    }
    uint64_t missed = scene_packets_to(&scene, VICTIM) - before;
    scene_figure("CacheFlush",
                 "16 MB of cache, %u answers of 30 kB: %llu of %u hot questions "
                 "missed (%.2f %%)",
                 flood, (unsigned long long)missed, asked, 100.0 * (double)missed / asked);
    assert_true((double)missed <= 0.05 * asked);
    scene_close(&scene);
}

// --- DNSBomb -------------------------------------------------------------------------------------

static bool answer_late(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    if (!scene_is(ask, EVIL))
        return false;
    if (!tree_answer(&scene->tree, &ask->server, asked, &scene->reply))
        fail();
    scene_send(scene, ask, 5 * SECOND_US);
    return true;
}

// CVE-2024-33655: questions of one (forged) source wait for a slow server and would all be answered
// at once.
static void a_source_that_asks_much_gets_no_late_answers(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = answer_late;
    scene_open(&scene);
    scene_ask(&scene, "www.victim.test.", TYPE_A);
    struct address source = client_of(1);
    uint64_t answers = scene.answers;
    for (unsigned i = 0; i < 10000; i++) {
        char name[64];
        snprintf(name, sizeof name, "n%u.evil.test.", i);
        scene_want(&scene, name, TYPE_A, &source);
    }
    // What is answered now is the limit's word; what would come all at once is what comes later.
    uint64_t at_once = scene.answers - answers;
    uint64_t most = 0;
    uint64_t until_us = scene.network.now_us + 10 * SECOND_US;
    uint64_t late_us = scene.network.now_us + LATE_MS * 1000, late = 0, seen = scene.answers;
    while (network_step(&scene.network, until_us)) {
        uint64_t more = scene.answers - seen;
        seen = scene.answers;
        most = more > most ? more : most;
        late += scene.network.now_us > late_us ? more : 0;
    }
    scene_figure("DNSBomb",
                 "10000 questions of one source behind 5 s: %llu answers later than "
                 "1.9 s, at most %llu at once; %llu refused at once, %llu dropped",
                 (unsigned long long)late, (unsigned long long)most, (unsigned long long)at_once,
                 (unsigned long long)scene.dropped);
    assert_in_range(late, 0, LATE_WAITERS_MAX);
    assert_in_range(most, 0, CLIENT_WAITERS_MAX);
    scene_close(&scene);
}

// The same with one question: its 10000 clients share a walk, and would share the moment, too.
static void equal_questions_of_one_source_get_no_late_answers(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = answer_late;
    scene_open(&scene);
    struct address source = client_of(1), other = client_of(2);
    for (unsigned i = 0; i < 10000; i++)
        scene_want(&scene, "www.evil.test.", TYPE_A, &source);
    uint64_t refused = scene.answers + scene.dropped;
    scene_want(&scene, "www.evil.test.", TYPE_A, &other);
    scene_pass(&scene, 10 * SECOND_US);
    // Somebody else who waits for the same gets it.
    assert_string_equal(buffer_text(&scene.answer), "NOERROR; www.evil.test. A 203.0.113.66");
    uint64_t late = scene.answers + scene.dropped - refused - 1;
    uint64_t given = scene.answers - 1;
    scene_figure("DNSBomb",
                 "10000 equal questions of one source behind 5 s: %llu waited, %llu were answered",
                 (unsigned long long)late, (unsigned long long)given);
    assert_in_range(late, 1, CLIENT_WAITERS_MAX);
    assert_in_range(given, 0, LATE_WAITERS_MAX);
    scene_close(&scene);
}

// --- slots ---------------------------------------------------------------------------------------

static bool answer_never(struct scene *scene, const struct network_ask *ask,
                         const struct asked *asked)
{
    (void)asked;
    (void)scene;
    return scene_is(ask, EVIL);
}

// Questions of many sources wait for servers that never answer; others ask what is not known yet.
static void slow_servers_do_not_hold_every_slot(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = answer_never;
    scene_open(&scene);
    scene_ask(&scene, "www.victim.test.", TYPE_A);
    for (unsigned i = 0; i < 4000; i++) {
        char name[64];
        struct address source = client_of(i / 2);
        snprintf(name, sizeof name, "n%u.evil.test.", i);
        scene_want(&scene, name, TYPE_A, &source);
    }
    size_t live = scene.live_most;
    uint64_t longest_us = 0;
    for (unsigned i = 0; i < 100; i++) {
        char name[64];
        snprintf(name, sizeof name, "none%u.victim.test.", i);
        uint64_t began_us = scene.network.now_us;
        scene_want(&scene, name, TYPE_A, NULL);
        while (scene.answer.size == 0 && network_step(&scene.network, UINT64_MAX))
            ;
        if (scene.network.now_us - began_us > longest_us)
            longest_us = scene.network.now_us - began_us;
        assert_string_equal(buffer_text(&scene.answer), "NXDOMAIN");
    }
    scene_figure("slow servers hold every slot",
                 "4000 questions wait for a dead server, %zu asks "
                 "under way: 100 others took at most %.0f ms",
                 live, (double)longest_us / 1000);
    assert_in_range(live, 1, SERVER_ASKS_MAX);
    assert_in_range(longest_us, 1, 100000);
    scene_close(&scene);
}

// --- random subdomains ---------------------------------------------------------------------------

static void a_dead_zones_random_names_do_not_cost_others(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = answer_never;
    scene_open(&scene);
    scene_ask(&scene, "www.victim.test.", TYPE_A);
    uint64_t hot_waited = 0, began = scene_packets_to(&scene, EVIL);
    unsigned flood = 20000;
    for (unsigned i = 0; i < flood; i++) {
        char name[64];
        struct address source = client_of(i % 5000);
        snprintf(name, sizeof name, "r%u.evil.test.", i);
        scene_want(&scene, name, TYPE_A, &source);
        scene_pass(&scene, 1000);
        if (i % 10)
            continue;
        scene_want(&scene, "www.victim.test.", TYPE_A, NULL);
        hot_waited += scene.answer.size == 0;
    }
    uint64_t asks = scene_packets_to(&scene, EVIL) - began;
    scene_figure("random subdomains",
                 "%u names of a dead zone in 20 s: %llu asks to it, %zu at "
                 "once; hot questions that had to wait: %llu of %u",
                 flood, (unsigned long long)asks, scene.live_most, (unsigned long long)hot_waited,
                 flood / 10);
    assert_int_equal(hot_waited, 0);
    assert_in_range(scene.live_most, 1, SERVER_ASKS_MAX + 8);
    assert_in_range(asks, 1, flood);
    scene_close(&scene);
}

static void ask_random(struct scene *scene, unsigned number)
{
    char name[64];
    struct address source = client_of(number % 5000);
    snprintf(name, sizeof name, "r%u.evil.test.", number);
    scene_want(scene, name, TYPE_A, &source);
}

// The last question's answer, and how long it took.
static uint64_t wait_for_it(struct scene *scene, const char *answer)
{
    uint64_t began_us = scene->network.now_us;
    while (scene->answer.size == 0 && network_step(&scene->network, UINT64_MAX))
        ;
    assert_string_equal(buffer_text(&scene->answer), answer);
    return scene->network.now_us - began_us;
}

// Of a zone whose servers answer, and not asked for yet.
static uint64_t ask_other(struct scene *scene, unsigned number)
{
    char name[64];
    snprintf(name, sizeof name, "none%u.victim.test.", number);
    scene_want(scene, name, TYPE_A, NULL);
    return wait_for_it(scene, "NXDOMAIN");
}

// Known once. True: it is told at once; else it is one of the few that look, which takes no longer
// than a client waits for what is fresh.
static bool ask_stale(struct scene *scene)
{
    scene_want(scene, "www.evil.test.", TYPE_A, NULL);
    uint64_t waited_us = wait_for_it(scene, "NOERROR; www.evil.test. A 203.0.113.66");
    assert_int_equal(scene->ede, EDE_STALE_ANSWER);
    assert_in_range(waited_us, 0, scene->rules->stale_after_ms * 1000);
    return waited_us == 0;
}

static bool answer_soon(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    (void)scene;
    (void)ask;
    (void)asked;
    return false;
}

static struct resolver_counts counts_of(const struct scene *scene)
{
    struct resolver_counts counts;
    resolver_count(scene->network.resolver, &counts);
    return counts;
}

// Once its servers have been silent for a moment, a zone has few walks (resolve/quota.h): the
// others are told so at once, what is known past its time is given, and the slots are other zones'.
// When its servers answer again, all of its questions are answered within a second.
static void a_silent_zone_has_few_walks_until_it_speaks(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.rules->stale_s = 86400;
    scene.rules->stale_after_ms = 1800;
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "www.evil.test.", TYPE_A),
                        "NOERROR; www.evil.test. A 203.0.113.66");
    scene_pass(&scene, 3601 * SECOND_US);
    scene.special = answer_never;
    unsigned number = 0;
    while (number < 2000) { // 2 s
        ask_random(&scene, number++);
        scene_pass(&scene, 1000);
    }
    uint64_t asks = scene_packets_to(&scene, EVIL), longest_us = 0;
    unsigned crowded = 0, walking = 0, stale = 0;
    while (number < 22000) {
        ask_random(&scene, number++);
        if (scene.answer.size) { // at once
            assert_string_equal(buffer_text(&scene.answer), "SERVFAIL");
            assert_int_equal(scene.ede, EDE_NO_REACHABLE_AUTHORITY);
            crowded++;
        }
        scene_pass(&scene, 1000);
        if (number == 10000) // those that began before have had their time
            asks = scene_packets_to(&scene, EVIL);
        if (number > 10000 && counts_of(&scene).walking > walking)
            walking = counts_of(&scene).walking;
        uint64_t waited_us = number % 10 ? 0 : ask_other(&scene, number);
        longest_us = waited_us > longest_us ? waited_us : longest_us;
        stale += number % 1000 == 0 && ask_stale(&scene);
    }
    asks = scene_packets_to(&scene, EVIL) - asks;
    scene.special = answer_soon;
    uint64_t until_us = scene.network.now_us + SECOND_US;
    while (scene.network.now_us < until_us) {
        ask_random(&scene, number++);
        scene_pass(&scene, 1000);
    }
    uint64_t refused = counts_of(&scene).crowded;
    for (unsigned i = 0; i < 1000; i++) {
        ask_random(&scene, number++);
        scene_pass(&scene, 20000);
        assert_string_equal(buffer_text(&scene.answer), "NXDOMAIN");
    }
    assert_int_equal(counts_of(&scene).crowded, refused);
    scene_figure(
        "random subdomains of a silent zone",
        "20000 names in 20 s: %u told at once that too many wait; from the 8th second on at "
        "most %u walks, %.1f asks a second; 2000 others took at most %.0f ms; %u of 20 stale at "
        "once",
        crowded, walking, (double)asks / 12, (double)longest_us / 1000, stale);
    assert_in_range(crowded, 17000, 20000);
    assert_in_range(walking, 1, ZONE_WALKS_MIN + 4); // and the walks of others
    assert_in_range(asks, 1, (uint64_t)12 * 40);
    assert_in_range(longest_us, 1, 100000);
    assert_in_range(stale, 10, 20);
    scene_close(&scene);
}

// RFC 8020: below what does not exist nothing exists.
static void below_a_name_that_does_not_exist_nobody_is_asked(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "none.victim.test.", TYPE_A), "NXDOMAIN");
    uint64_t before = scene_packets(&scene);
    for (unsigned i = 0; i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof name, "r%u.none.victim.test.", i);
        assert_string_equal(scene_ask(&scene, name, TYPE_A), "NXDOMAIN");
    }
    scene_figure("random subdomains", "1000 names below one that does not exist: %llu packets",
                 (unsigned long long)(scene_packets(&scene) - before));
    assert_int_equal(scene_packets(&scene) - before, 0);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_of_large_answers_leaves_the_hot_names),
        cmocka_unit_test(a_source_that_asks_much_gets_no_late_answers),
        cmocka_unit_test(equal_questions_of_one_source_get_no_late_answers),
        cmocka_unit_test(slow_servers_do_not_hold_every_slot),
        cmocka_unit_test(a_dead_zones_random_names_do_not_cost_others),
        cmocka_unit_test(a_silent_zone_has_few_walks_until_it_speaks),
        cmocka_unit_test(below_a_name_that_does_not_exist_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
