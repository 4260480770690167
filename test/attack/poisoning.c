// Attackers who do answer, for their own zone, and say more than they were asked.
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static const char right_answer[] = "NOERROR; www.victim.test. A 203.0.113.1";

// --- records that nobody asked for ---------------------------------------------------------------

struct extra {
    const char *server; // who says it
    enum section section;
    const char *text;
};

static bool say_more(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    const struct extra *extra = scene->own;
    if (!scene_is(ask, extra->server))
        return false;
    bool mine = name_is_within(asked->name, scene_name("evil.test."));
    reply_begin(&scene->reply, asked, FLAG_AA, RCODE_NOERROR);
    if (asked->type == TYPE_A) {
        char text[NAME_TEXT_MAX + 64], name[NAME_TEXT_MAX];
        name_print(asked->name, name);
        snprintf(text, sizeof text, "%s A %s\n", name, mine ? "203.0.113.66" : "203.0.113.1");
        reply_add_text(&scene->reply, SECTION_ANSWER, text);
    }
    if (extra->section == SECTION_ANSWER)
        reply_add_text(&scene->reply, SECTION_ANSWER, extra->text);
    else
        reply_add_text(&scene->reply, SECTION_AUTHORITY, extra->text);
    reply_add_text(&scene->reply, SECTION_ADDITIONAL,
                   "ns.evil.test. A " EVIL "\n"
                   "www.victim.test. A 192.0.2.66\n");
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

// CVE-2025-11411 and CVE-2025-40778: NS records, addresses and DNAMEs that ride along in an answer.
static void what_rides_along_in_an_answer_is_not_kept(void **state)
{
    (void)state;
    static const struct extra extras[] = {
        {EVIL, SECTION_AUTHORITY, "test. NS ns.evil.test.\n"},
        {EVIL, SECTION_AUTHORITY, ". NS ns.evil.test.\n"},
        {EVIL, SECTION_AUTHORITY, "victim.test. NS ns.evil.test.\n"},
        {EVIL, SECTION_ANSWER, "www.victim.test. A 192.0.2.66\n"},
        {EVIL, SECTION_ANSWER, "test. DNAME evil.test.\n"},
        {EVIL, SECTION_ANSWER, "victim.test. DNAME evil.test.\n"},
        {EVIL, SECTION_ANSWER, "victim.test. NS ns.evil.test.\n"},
        // Of the zone itself, as a fragment or a guess would bring it into a true reply.
        {VICTIM, SECTION_AUTHORITY, "victim.test. NS ns.evil.test.\n"},
    };
    for (size_t i = 0; i < COUNT(extras); i++) {
        static struct scene scene;
        scene_begin(&scene);
        struct extra extra = extras[i];
        scene.own = &extra;
        scene.special = say_more;
        scene_open(&scene);
        bool victim = strcmp(extra.server, VICTIM) == 0;
        scene_ask(&scene, victim ? "a.victim.test." : "www.evil.test.", TYPE_A);
        uint64_t evil = scene_packets_to(&scene, EVIL);
        const char *answer = scene_ask(&scene, "www.victim.test.", TYPE_A);
        if (strcmp(answer, right_answer) != 0 || scene_packets_to(&scene, EVIL) != evil)
            fail_msg("%s rode along: %s", extra.text, answer);
        scene_close(&scene);
    }
    scene_figure("promiscuous NS, A, DNAME", "%zu kinds of record beside an answer: 0 kept",
                 COUNT(extras));
}

// --- glue ----------------------------------------------------------------------------------------

// A cousin is a host of a zone that the referring server knows nothing about; a sibling's zone it
// delegates, too.
static bool lie_about_cousins(struct scene *scene, const struct network_ask *ask,
                              const struct asked *asked)
{
    const char *glue = scene->own;
    if (!scene_is(ask, TEST) || !name_is_within(asked->name, scene_name("family.test.")))
        return false;
    reply_begin(&scene->reply, asked, 0, RCODE_NOERROR);
    reply_add_text(&scene->reply, SECTION_AUTHORITY,
                   strstr(glue, "cousin") ? "family.test. NS ns.cousin.example.\n"
                                          : "family.test. NS ns.victim.test.\n");
    reply_add_text(&scene->reply, SECTION_ADDITIONAL, glue);
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void cousin_glue_is_resolved_afresh(void **state)
{
    (void)state;
    static struct scene scene;
    static char glue[] = "ns.cousin.example. A " EVIL "\n";
    scene_begin(&scene);
    tree_add(&scene.tree, "family.test.", "198.18.0.5",
             "family.test. SOA m. r. 1 2 3 4 5\nfamily.test. NS ns.cousin.example.\n"
             "www.family.test. A 203.0.113.5\n");
    scene.special = lie_about_cousins;
    scene.own = glue;
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "www.family.test.", TYPE_A),
                        "NOERROR; www.family.test. A 203.0.113.5");
    scene_figure("cousin glue", "packets to the address in it: %llu",
                 (unsigned long long)scene_packets_to(&scene, EVIL));
    assert_int_equal(scene_packets_to(&scene, EVIL), 0);
    scene_close(&scene);
}

// Good for a walk, never for an answer.
static void sibling_glue_is_never_an_answer(void **state)
{
    (void)state;
    static struct scene scene;
    static char glue[] = "ns.victim.test. A " EVIL "\n";
    scene_begin(&scene);
    tree_add(&scene.tree, "family.test.", VICTIM,
             "family.test. SOA m. r. 1 2 3 4 5\nfamily.test. NS ns.victim.test.\n"
             "www.family.test. A 203.0.113.5\n");
    scene.special = lie_about_cousins;
    scene.own = glue;
    scene_open(&scene);
    scene_ask(&scene, "www.family.test.", TYPE_A);
    uint64_t evil = scene_packets_to(&scene, EVIL);
    assert_string_equal(scene_ask(&scene, "ns.victim.test.", TYPE_A),
                        "NOERROR; ns.victim.test. A " VICTIM);
    assert_string_equal(scene_ask(&scene, "www.victim.test.", TYPE_A), right_answer);
    assert_int_equal(scene_packets_to(&scene, EVIL), evil);
    scene_figure("sibling glue", "served: never; other walks that used it: 0");
    scene_close(&scene);
}

// The network's bottle accuses a resolver that asks an address of never_ask.
static void glue_that_leads_home_gets_no_packet(void **state)
{
    (void)state;
    static const char *const homes[] = {
        "A 127.0.0.1",
        "A 127.255.0.9",
        "A 0.0.0.0",
        "A 224.0.0.251",
        "AAAA ::1",
        "AAAA ::",
        "AAAA ff02::fb",
        "AAAA ::ffff:127.0.0.1",
        "A 198.51.100.53" /* our own: the test adds it */,
    };
    for (size_t i = 0; i < COUNT(homes); i++) {
        static struct scene scene;
        struct prefix own;
        scene_begin(&scene);
        assert_true(prefix_parse("198.51.100.53", &own));
        rules_add_never_ask(scene.rules, &own);
        buffer_format(&scene.delegations, "home.test. NS ns.home.test.\nns.home.test. %s\n",
                      homes[i]);
        scene_open(&scene);
        const char *answer = scene_ask(&scene, "www.home.test.", TYPE_A);
        if (strcmp(answer, "SERVFAIL") != 0 || scene_packets(&scene) > 6)
            fail_msg("%s: %s, %llu packets", homes[i], answer,
                     (unsigned long long)scene_packets(&scene));
        scene_close(&scene);
    }
    scene_figure("glue to loopback, multicast, ourselves", "packets there: 0, of %zu kinds",
                 COUNT(homes));
}

// --- forwarders ----------------------------------------------------------------------------------

static bool forward_lies(struct scene *scene, const struct network_ask *ask,
                         const struct asked *asked)
{
    if (!scene_is(ask, "198.18.0.99"))
        return false;
    reply_begin(&scene->reply, asked, FLAG_RA, RCODE_NOERROR);
    if (asked->type == TYPE_A) {
        reply_add_text(
            &scene->reply, SECTION_ANSWER,
            scene_asks(asked, "www.corp.test.")
                ? "www.corp.test. CNAME www.victim.test.\nwww.victim.test. A 192.0.2.66\n"
                : "x.corp.test. A 203.0.113.9\n");
        reply_add_text(&scene->reply, SECTION_ANSWER, "www.victim.test. A 192.0.2.66\n");
    }
    reply_add_text(&scene->reply, SECTION_AUTHORITY,
                   "test. NS ns.evil.test.\nvictim.test. NS ns.evil.test.\n. NS ns.evil.test.\n");
    reply_add_text(&scene->reply, SECTION_ADDITIONAL, "ns.evil.test. A " EVIL "\n");
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

// MaginotDNS: what a forwarder for one zone says of the rest of the tree.
static void a_forwarder_does_not_speak_for_the_public_tree(void **state)
{
    (void)state;
    static struct scene scene;
    struct address forwarder;
    scene_begin(&scene);
    assert_true(address_parse("198.18.0.99", 53, &forwarder));
    struct delegation *zone = rules_add_zone(scene.rules, scene_name("corp.test."), true);
    assert_non_null(zone);
    assert_true(delegation_add_address(zone, &forwarder, DELEGATION_NO_HOST));
    scene.special = forward_lies;
    scene_open(&scene);
    assert_string_equal(scene_ask(&scene, "x.corp.test.", TYPE_A),
                        "NOERROR; x.corp.test. A 203.0.113.9");
    assert_string_equal(scene_ask(&scene, "www.corp.test.", TYPE_A),
                        "NOERROR; www.corp.test. CNAME www.victim.test."
                        "; www.victim.test. A 203.0.113.1");
    assert_string_equal(scene_ask(&scene, "www.victim.test.", TYPE_A), right_answer);
    scene_figure("MaginotDNS",
                 "forged by the forwarder: 5 RRsets; kept: 0; packets to the forger's "
                 "server: %llu",
                 (unsigned long long)scene_packets_to(&scene, EVIL));
    assert_int_equal(scene_packets_to(&scene, EVIL), 0);
    scene_close(&scene);
}

// --- ghosts --------------------------------------------------------------------------------------

#define PARENT_TTL_S 60
#define PHOENIX      "198.18.0.67"

struct ghost {
    bool revoked;
};

// What test. says: a delegation for a minute, until it is revoked.
static void write_parent(struct scene *scene, const struct asked *asked, bool revoked)
{
    reply_begin(&scene->reply, asked, revoked ? FLAG_AA : 0,
                revoked ? RCODE_NXDOMAIN : RCODE_NOERROR);
    if (revoked) {
        reply_add_text(&scene->reply, SECTION_AUTHORITY, "test. 5 SOA m. r. 1 2 3 4 5\n");
        return;
    }
    reply_add_text(&scene->reply, SECTION_AUTHORITY, "ghost.test. 60 NS ns.ghost.test.\n");
    reply_add_text(&scene->reply, SECTION_ADDITIONAL, "ns.ghost.test. 60 A " EVIL "\n");
}

// What the child says: that it lives for days, in every reply; and its own child, too (phoenix).
static void write_child(struct scene *scene, const struct asked *asked, bool refers)
{
    char name[NAME_TEXT_MAX], text[NAME_TEXT_MAX + 64];
    name_print(asked->name, name);
    reply_begin(&scene->reply, asked, refers ? 0 : FLAG_AA, RCODE_NOERROR);
    if (refers) {
        reply_add_text(&scene->reply, SECTION_AUTHORITY,
                       "sub.ghost.test. 86400 NS ns.sub.ghost.test.\n");
        reply_add_text(&scene->reply, SECTION_ADDITIONAL,
                       "ns.sub.ghost.test. 86400 A " PHOENIX "\n");
        return;
    }
    snprintf(text, sizeof text,
             asked->type == TYPE_NS ? "%s 86400 NS ns.ghost.test.\n" : "%s 5 A 203.0.113.66\n",
             name);
    if (asked->type == TYPE_NS || asked->type == TYPE_A)
        reply_add_text(&scene->reply, SECTION_ANSWER, text);
    reply_add_text(&scene->reply, SECTION_AUTHORITY, "ghost.test. 86400 NS ns.ghost.test.\n");
    reply_add_text(&scene->reply, SECTION_ADDITIONAL, "ns.ghost.test. 86400 A " EVIL "\n");
}

static bool haunt(struct scene *scene, const struct network_ask *ask, const struct asked *asked)
{
    const struct ghost *ghost = scene->own;
    if (!name_is_within(asked->name, scene_name("ghost.test.")))
        return false;
    if (scene_is(ask, TEST))
        write_parent(scene, asked, ghost->revoked);
    else if (scene_is(ask, EVIL) || scene_is(ask, PHOENIX))
        write_child(scene, asked,
                    scene_is(ask, EVIL) &&
                        name_is_within(asked->name, scene_name("sub.ghost.test.")));
    else
        return false;
    reply_end(&scene->reply);
    scene_send(scene, ask, 0);
    return true;
}

static void a_revoked_zone_is_gone_when_the_parents_ttl_is(void **state)
{
    (void)state;
    static struct scene scene;
    struct ghost ghost = {0};
    scene_begin(&scene);
    scene.special = haunt;
    scene.own = &ghost;
    scene_open(&scene);
    uint64_t began_us = scene.network.now_us, last_s = 0;
    for (unsigned i = 0; i < 40; i++) {
        char name[64];
        // New names, of the zone and of its child, and what a ghost lives on: its own NS and the
        // server's address.
        snprintf(name, sizeof name, i % 2 ? "n%u.sub.ghost.test." : "n%u.ghost.test.", i);
        scene_ask(&scene, "ghost.test.", TYPE_NS);
        scene_ask(&scene, "ns.ghost.test.", TYPE_A);
        scene_ask(&scene, "ns.sub.ghost.test.", TYPE_A);
        const char *answer = scene_ask(&scene, name, TYPE_A);
        uint64_t now_s = (scene.network.now_us - began_us) / SECOND_US;
        if (strncmp(answer, "NOERROR; n", 10) == 0)
            last_s = now_s;
        else
            assert_string_equal(answer, "NXDOMAIN");
        ghost.revoked = true; // just after the first walk
        scene_pass(&scene, 5 * SECOND_US);
    }
    scene_figure("ghost, phoenix", "parent's TTL %u s; the last answer %llu s after the revocation",
                 PARENT_TTL_S, (unsigned long long)last_s);
    assert_in_range(last_s, 1, PARENT_TTL_S);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rides_along_in_an_answer_is_not_kept),
        cmocka_unit_test(cousin_glue_is_resolved_afresh),
        cmocka_unit_test(sibling_glue_is_never_an_answer),
        cmocka_unit_test(glue_that_leads_home_gets_no_packet),
        cmocka_unit_test(a_forwarder_does_not_speak_for_the_public_tree),
        cmocka_unit_test(a_revoked_zone_is_gone_when_the_parents_ttl_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
