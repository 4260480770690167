// Attackers who make one question cost many packets, or much work.
#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"

static uint64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

// --- NXNSAttack ----------------------------------------------------------------------------------

struct flood {
    unsigned names;
    const char *below;  // whose names
    uint64_t making_us; // CPU for the making of the replies: not the resolver's
};

static bool delegate_to_many(struct scene *scene, const struct network_ask *ask,
                             const struct asked *asked)
{
    struct flood *flood = scene->own;
    uint64_t began = cpu_us();
    if (!scene_is(ask, EVIL) || !name_is_within(asked->name, scene_name("sub.evil.test.")))
        return false;
    static struct buffer text;
    buffer_clear(&text);
    for (unsigned i = 0; i < flood->names; i++)
        buffer_format(&text, "sub.evil.test. NS n%u.%s\n", i, flood->below);
    reply_begin(&scene->reply, asked, 0, RCODE_NOERROR);
    reply_add_text(&scene->reply, SECTION_AUTHORITY, buffer_text(&text));
    reply_end(&scene->reply);
    bool whole = !scene->reply.overflow;
    scene_send(scene, ask, 0);
    assert_true(whole);
    buffer_free(&text);
    flood->making_us += cpu_us() - began;
    return true;
}

static uint64_t cost_of_flood(const struct flood *flood, uint64_t *to_victim, uint64_t *cpu)
{
    static struct scene scene;
    struct flood own = *flood;
    scene_begin(&scene);
    scene.special = delegate_to_many;
    scene.own = &own;
    scene_open(&scene);
    scene_ask(&scene, "www.evil.test.", TYPE_A); // what the attacker's first question finds out
    scene_ask(&scene, "www.victim.test.", TYPE_A);
    uint64_t before = scene_packets(&scene), victim = scene_packets_to(&scene, VICTIM);
    uint64_t began = cpu_us();
    assert_string_equal(scene_ask(&scene, "x.sub.evil.test.", TYPE_A), "SERVFAIL");
    *cpu = cpu_us() - began - own.making_us;
    *to_victim = scene_packets_to(&scene, VICTIM) - victim;
    uint64_t cost = scene_packets(&scene) - before;
    // The failure is remembered: the same question again costs nothing.
    assert_string_equal(scene_ask(&scene, "x.sub.evil.test.", TYPE_A), "SERVFAIL");
    assert_int_equal(scene_packets(&scene) - before, cost);
    scene_close(&scene);
    return cost;
}

static void a_hundred_server_names_cost_ten_packets(void **state)
{
    (void)state;
    uint64_t victim, cpu;
    uint64_t cost = cost_of_flood(&(struct flood){100, "victim.test.", 0}, &victim, &cpu);
    scene_figure("NXNSAttack, 100 names", "%llu packets, %llu of them to the victim",
                 (unsigned long long)cost, (unsigned long long)victim);
    assert_in_range(cost, 1, 10);
}

static void fifteen_hundred_server_names_cost_twenty_packets(void **state)
{
    (void)state;
    uint64_t victim, cpu;
    uint64_t cost = cost_of_flood(&(struct flood){1500, "victim.test.", 0}, &victim, &cpu);
    scene_figure("NRDelegation, 1500 names",
                 "%llu packets, %llu of them to the victim; %.2f ms of "
                 "CPU",
                 (unsigned long long)cost, (unsigned long long)victim, (double)cpu / 1000);
    assert_in_range(cost, 1, 20);
    assert_in_range(cpu, 0, 5000);
}

// Names below a zone whose servers are silent cost waiting, too.
static bool stay_silent(struct scene *scene, const struct network_ask *ask,
                        const struct asked *asked)
{
    return scene_is(ask, VICTIM) || delegate_to_many(scene, ask, asked);
}

static void server_names_of_a_dead_zone_cost_no_more_than_a_question_may(void **state)
{
    (void)state;
    static struct scene scene;
    struct flood flood = {13, "victim.test.", 0};
    scene_begin(&scene);
    scene.special = stay_silent;
    scene.own = &flood;
    scene_open(&scene);
    uint64_t began_us = scene.network.now_us;
    scene_want(&scene, "x.sub.evil.test.", TYPE_A, NULL);
    while (scene.answer.size == 0 && network_step(&scene.network, UINT64_MAX))
        ;
    uint64_t took_us = scene.network.now_us - began_us;
    assert_string_equal(buffer_text(&scene.answer), "SERVFAIL");
    scene_figure("NXNSAttack, dead victim", "%llu packets in %.1f s",
                 (unsigned long long)scene_packets(&scene), (double)took_us / 1e6);
    assert_in_range(scene_packets(&scene), 1, BUDGET_PACKETS);
    assert_in_range(took_us, 1, BUDGET_TIME_MS * 1000 + 200000);
    scene_close(&scene);
}

// --- CAMP ----------------------------------------------------------------------------------------

// Everything at once: each name is an alias for a deep name below a zone of its own, whose servers
// are named in zones that are like it.
static bool compose(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    if (!scene_is(ask, EVIL))
        return false;
    struct name evil = scene_name("evil.test.");
    if (!name_is_within(asked->name, evil))
        return false;
    unsigned below = asked->name.labels - evil.labels;
    static unsigned made;
    char text[2048], name[NAME_TEXT_MAX];
    reply_begin(&scene->reply, asked, below == 0 ? 0 : FLAG_AA, RCODE_NOERROR);
    made++;
    if (below == 1) {
        // A zone of its own, with servers in zones that nobody has seen.
        name_print(asked->name, name);
        reply_begin(&scene->reply, asked, 0, RCODE_NOERROR);
        for (unsigned i = 0; i < 13; i++) {
            snprintf(text, sizeof text, "%s NS a.b.c.d.e.s%u-%u.evil.test.\n", name, made, i);
            reply_add_text(&scene->reply, SECTION_AUTHORITY, text);
        }
    } else {
        name_print(asked->name, name);
        snprintf(text, sizeof text, "%s CNAME a.b.c.d.e.f.g.h.z%u.evil.test.\n", name, made);
        reply_add_text(&scene->reply, SECTION_ANSWER, text);
    }
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

// The same in zones that do answer, so that each alias costs its minimised walk.
static bool compose_in_one_zone(struct scene *scene, const struct network_ask *ask,
                                const struct asked *asked)
{
    static unsigned made;
    if (!scene_is(ask, EVIL) || !name_is_within(asked->name, scene_name("evil.test.")))
        return false;
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    if (asked->name.labels >= 10) {
        char text[2048], name[NAME_TEXT_MAX];
        name_print(asked->name, name);
        snprintf(text, sizeof text, "%s CNAME a.b.c.d.e.f.g.h.z%u.evil.test.\n", name, made++);
        reply_add_text(&scene->reply, SECTION_ANSWER, text);
    } else {
        reply_add_text(&scene->reply, SECTION_AUTHORITY, "evil.test. SOA m. r. 1 2 3 4 5\n");
    }
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void aliases_times_servers_times_labels_share_one_budget(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        bool (*special)(struct scene *, const struct network_ask *, const struct asked *);
    } rows[] = {
        {"aliases into zones of glueless servers", compose},
        {"aliases of ten labels in one zone", compose_in_one_zone},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct scene scene;
        scene_begin(&scene);
        scene.special = rows[i].special;
        scene_open(&scene);
        assert_string_equal(scene_ask(&scene, "a.b.c.d.e.f.g.h.z.evil.test.", TYPE_A), "SERVFAIL");
        scene_figure("CAMP", "%s: %llu packets", rows[i].what,
                     (unsigned long long)scene_packets(&scene));
        assert_in_range(scene_packets(&scene), 1, 50);
        scene_close(&scene);
    }
}

// --- circles -------------------------------------------------------------------------------------

// TsuNAME: two zones whose servers are named in each other.
static void two_zones_that_wait_for_each_other_fail_once(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    buffer_add_text(&scene.delegations, "one.test. NS ns.two.test.\ntwo.test. NS ns.one.test.\n");
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "www.one.test.", TYPE_A), "SERVFAIL");
    uint64_t first = scene_packets(&scene);
    scene_pass(&scene, SECOND_US);
    assert_string_equal(scene_ask(&scene, "www.one.test.", TYPE_A), "SERVFAIL");
    uint64_t second = scene_packets(&scene) - first;
    scene_figure("TsuNAME", "first question %llu packets, the second %llu",
                 (unsigned long long)first, (unsigned long long)second);
    assert_in_range(first, 1, 20);
    assert_int_equal(second, 0);
    scene_close(&scene);
}

// The servers of self.test. refer to self.test. once more; thirteen names, one address.
static bool refer_to_itself(struct scene *scene, const struct network_ask *ask,
                            const struct asked *asked)
{
    bool parent = scene_is(ask, TEST);
    if ((!parent && !scene_is(ask, EVIL)) || !name_is_within(asked->name, scene_name("self.test.")))
        return false;
    reply_begin(&scene->reply, asked, 0, RCODE_NOERROR);
    char text[128];
    for (unsigned i = 0; i < 13; i++) {
        snprintf(text, sizeof text, "self.test. NS ns%u.self.test.\n", i);
        reply_add_text(&scene->reply, SECTION_AUTHORITY, text);
    }
    for (unsigned i = 0; i < 13; i++) {
        snprintf(text, sizeof text, "ns%u.self.test. A " EVIL "\nns%u.self.test. A " EVIL "\n", i,
                 i);
        reply_add_text(&scene->reply, SECTION_ADDITIONAL, text);
    }
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void glue_that_repeats_itself_is_one_server(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = refer_to_itself;
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "www.self.test.", TYPE_A), "SERVFAIL");
    scene_figure("self-pointed and duplicate glue", "%llu packets, %llu of them to the one address",
                 (unsigned long long)scene_packets(&scene),
                 (unsigned long long)scene_packets_to(&scene, EVIL));
    assert_in_range(scene_packets(&scene), 1, 17);
    scene_close(&scene);
}

struct circle {
    const char *what, *zone, *name;
};

static void circles_of_aliases_end(void **state)
{
    (void)state;
    static const struct circle circles[] = {
        {"a CNAME to itself", "a CNAME a\n", "a.round.test."},
        {"two CNAMEs", "a CNAME b\nb CNAME a\n", "a.round.test."},
        {"a DNAME to itself", "d DNAME d\n", "x.d.round.test."},
        {"two DNAMEs", "d DNAME e\ne DNAME d\n", "x.d.round.test."},
        {"a DNAME that grows", "d DNAME d.d\n", "x.d.round.test."},
    };
    for (size_t i = 0; i < COUNT(circles); i++) {
        static struct scene scene;
        struct buffer text = {0};
        scene_begin(&scene);
        buffer_add_text(&scene.delegations,
                        "round.test. NS ns.round.test.\nns.round.test. A 198.18.0.7\n");
        buffer_format(&text, "@ SOA m. r. 1 2 3 4 5\n@ NS ns\nns A 198.18.0.7\n%s",
                      circles[i].zone);
        tree_add(&scene.tree, "round.test.", "198.18.0.7", buffer_text(&text));
        buffer_free(&text);
        scene_open(&scene);
        const char *answer = scene_ask(&scene, circles[i].name, TYPE_A);
        if (strncmp(answer, "SERVFAIL", 8) != 0 && strncmp(answer, "YXDOMAIN", 8) != 0)
            fail_msg("%s: %s", circles[i].what, answer);
        assert_int_not_equal(scene.ede, EDE_NONE);
        scene_figure("CNAME and DNAME loops", "%s: %llu packets", circles[i].what,
                     (unsigned long long)scene_packets(&scene));
        assert_in_range(scene_packets(&scene), 1, 13);
        scene_close(&scene);
    }
}

// Each alias in a reply of its own, to a name that was never seen.
static bool alias_onwards(struct scene *scene, const struct network_ask *ask,
                          const struct asked *asked)
{
    static unsigned made;
    if (!scene_is(ask, EVIL) || !name_is_within(asked->name, scene_name("evil.test.")))
        return false;
    char text[NAME_TEXT_MAX + 64], name[NAME_TEXT_MAX];
    name_print(asked->name, name);
    snprintf(text, sizeof text, "%s CNAME c%u.evil.test.\n", name, made++);
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    reply_add_text(&scene->reply, SECTION_ANSWER, text);
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void aliases_without_end_end(void **state)
{
    (void)state;
    static struct scene scene;
    scene_begin(&scene);
    scene.special = alias_onwards;
    scene_open(&scene);
    scene_ask(&scene, "www.victim.test.", TYPE_A); // root and test. are known
    uint64_t before = scene_packets(&scene);
    const char *answer = scene_ask(&scene, "c.evil.test.", TYPE_A);
    assert_int_equal(strncmp(answer, "SERVFAIL", 8), 0);
    assert_int_not_equal(scene.ede, EDE_NONE);
    uint64_t cost = scene_packets(&scene) - before;
    scene_figure("CNAME and DNAME loops", "aliases without end, one a reply: %llu packets",
                 (unsigned long long)cost);
    assert_in_range(cost, 1, 13 + 1); // the referral to the attacker's zone and 13 aliases
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_server_names_cost_ten_packets),
        cmocka_unit_test(fifteen_hundred_server_names_cost_twenty_packets),
        cmocka_unit_test(server_names_of_a_dead_zone_cost_no_more_than_a_question_may),
        cmocka_unit_test(aliases_times_servers_times_labels_share_one_budget),
        cmocka_unit_test(two_zones_that_wait_for_each_other_fail_once),
        cmocka_unit_test(glue_that_repeats_itself_is_one_server),
        cmocka_unit_test(circles_of_aliases_end),
        cmocka_unit_test(aliases_without_end_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
