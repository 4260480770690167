// Zones from a description: delegations, glue, who has which zone, and what cannot be built.
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dns/type.h"
#include "lab/build.h"
#include "zone/dump.h"
#include "zone/image.h"

static const struct built_server *find_server(const struct built *built, const char *text)
{
    char printed[ADDRESS_TEXT_MAX];
    for (size_t i = 0; i < built->server_count; i++) {
        address_print(&built->servers[i].address, printed);
        if (strcmp(printed, text) == 0)
            return &built->servers[i];
    }
    return NULL;
}

// The records of a zone, one a line, without its SOA.
static void dump_zone(const struct image *image, struct buffer *to)
{
    for (uint32_t i = 0; i < image->head->nodes; i++) {
        const struct node *node = image_node_at(image, i);
        uint8_t storage[NAME_OCTETS_MAX];
        struct name owner = node_name(image, node, storage);
        const struct rrset *rrset = node->rrsets ? node_first_rrset(image, node) : NULL;
        for (unsigned k = 0; k < node->rrsets; k++) {
            const uint8_t *entry = rrset->body;
            for (unsigned n = 0; n < rrset->count && rrset->type != TYPE_SOA; n++) {
                struct record record = {.owner = owner.wire,
                                        .owner_size = owner.size,
                                        .owner_labels = owner.labels,
                                        .rdata = rrset_rdata(entry),
                                        .rdata_size = rrset_rdata_size(entry),
                                        .ttl = rrset->ttl,
                                        .type = rrset->type};
                dump_record(&record, to);
                entry = rrset_next(entry);
            }
            if (k + 1u < node->rrsets)
                rrset = node_next_rrset(image, node, rrset);
        }
    }
}

// The records of all zones of a server, the one with the longest name last.
static void check_server(const struct built *built, const char *address, const char *expected)
{
    struct buffer told = {0};
    const struct built_server *server = find_server(built, address);
    assert_non_null(server);
    for (size_t i = 0; i < server->zone_count; i++)
        dump_zone(&server->zones[i]->image, &told);
    assert_string_equal(buffer_text(&told), expected);
    buffer_free(&told);
}

static void test_tree(void **state)
{
    (void)state;
    struct world world;
    struct built built;
    struct report report = {0};
    told_read("port: 53\n"
              "zones:\n"
              "  '.': {servers: {a.root: 127.53.0.1}}\n"
              "  deep.a.test: {servers: {ns.deep.a.test: [127.53.2.2, '::1']}, ttl: 5s}\n"
              "  a.test: {servers: {ns.a.test: 127.53.2.1, ns.b.example: 127.53.2.3},\n"
              "           records: ['www 7 A 192.0.2.1']}\n"
              "  test: {servers: {ns.test: 127.53.1.1}}\n"
              "  example: {servers: {ns.test: 127.53.1.1}}\n",
              &world);
    assert_true(build_world(&world, &built, &report));
    told_expect(&report, "");
    assert_int_equal(built.server_count, 6);
    assert_int_equal(built.zone_count, 5);
    check_server(&built, "127.53.0.1:53",
                 ". 3600 IN NS a.root.\n"
                 "example. 3600 IN NS ns.test.\n"
                 "a.root. 3600 IN A 127.53.0.1\n"
                 "test. 3600 IN NS ns.test.\n"
                 "ns.test. 3600 IN A 127.53.1.1\n");
    // ns.b.example is not below test: no glue; a.test delegates deep.a.test, not test.
    check_server(&built, "127.53.1.1:53",
                 "test. 3600 IN NS ns.test.\n"
                 "a.test. 3600 IN NS ns.a.test.\n"
                 "a.test. 3600 IN NS ns.b.example.\n"
                 "ns.a.test. 3600 IN A 127.53.2.1\n"
                 "ns.test. 3600 IN A 127.53.1.1\n"
                 "example. 3600 IN NS ns.test.\n"
                 "ns.b.example. 3600 IN A 127.53.2.3\n");
    check_server(&built, "127.53.2.3:53",
                 "a.test. 3600 IN NS ns.a.test.\n"
                 "a.test. 3600 IN NS ns.b.example.\n"
                 "deep.a.test. 3600 IN NS ns.deep.a.test.\n"
                 "ns.deep.a.test. 3600 IN A 127.53.2.2\n"
                 "ns.deep.a.test. 3600 IN AAAA ::1\n"
                 "ns.a.test. 3600 IN A 127.53.2.1\n"
                 "www.a.test. 7 IN A 192.0.2.1\n");
    check_server(&built, "[::1]:53",
                 "deep.a.test. 5 IN NS ns.deep.a.test.\n"
                 "ns.deep.a.test. 5 IN A 127.53.2.2\n"
                 "ns.deep.a.test. 5 IN AAAA ::1\n");
    assert_null(find_server(&built, "127.53.9.9:53"));
    built_free(&built);
    world_free(&world);
}

static void test_generate(void **state)
{
    (void)state;
    struct world world;
    struct built built;
    struct report report = {0};
    told_read("port: 53\n"
              "zones:\n"
              "  '.': {servers: {a.root: 127.53.0.1}}\n"
              "  z%d: {repeat: 3, servers: {ns.z%d: 127.53.1.0/31}, generate: {count: 2}}\n"
              "  t: {servers: {ns.t: 127.53.3.1}, generate: {count: 1, name: x, type: TXT,"
              " rdata: no %d}}\n"
              "  u: {servers: {ns.u: 127.53.4.1}, generate: {count: 1, name: y, type: AAAA}}\n",
              &world);
    assert_true(build_world(&world, &built, &report));
    // The addresses of the names go on from one repetition to the next; two zones share a server.
    check_server(&built, "127.53.1.0:53",
                 "z0. 3600 IN NS ns.z0.\n"
                 "host0.z0. 3600 IN A 10.0.0.0\n"
                 "host1.z0. 3600 IN A 10.0.0.1\n"
                 "ns.z0. 3600 IN A 127.53.1.0\n"
                 "z2. 3600 IN NS ns.z2.\n"
                 "host0.z2. 3600 IN A 10.0.0.4\n"
                 "host1.z2. 3600 IN A 10.0.0.5\n"
                 "ns.z2. 3600 IN A 127.53.1.0\n");
    check_server(&built, "127.53.3.1:53",
                 "t. 3600 IN NS ns.t.\n"
                 "ns.t. 3600 IN A 127.53.3.1\n"
                 "x.t. 3600 IN TXT \"no\" \"0\"\n");
    check_server(&built, "127.53.4.1:53",
                 "u. 3600 IN NS ns.u.\n"
                 "ns.u. 3600 IN A 127.53.4.1\n"
                 "y.u. 3600 IN AAAA 2001:db8::\n");
    built_free(&built);
    world_free(&world);
}

// A zone file instead of what is made up, beside the description; delegations come into it.
static void test_file(void **state)
{
    (void)state;
    struct world world;
    struct built built;
    struct report report = {0};
    char folder[] = "/tmp/test_lab_XXXXXX";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    FILE *file = fopen("t.zone", "w");
    assert_non_null(file);
    fputs("@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nns 9 A 127.53.1.1\nw 9 A 192.0.2.9\n", file);
    fclose(file);
    told_read("port: 53\n"
              "zones:\n"
              "  '.': {servers: {a.root: 127.53.0.1}}\n"
              "  t: {servers: {ns.t: 127.53.1.1}, file: t.zone}\n"
              "  s.t: {servers: {ns.s.t: 127.53.2.1}}\n",
              &world);
    assert_true(build_world(&world, &built, &report));
    check_server(&built, "127.53.1.1:53",
                 "t. 9 IN NS ns.t.\n"
                 "ns.t. 9 IN A 127.53.1.1\n"
                 "s.t. 3600 IN NS ns.s.t.\n"
                 "ns.s.t. 3600 IN A 127.53.2.1\n"
                 "w.t. 9 IN A 192.0.2.9\n");
    built_free(&built);
    // And one that is none.
    file = fopen("t.zone", "w");
    assert_non_null(file);
    fputs("@ 9 SOA ns h 1 2 3 4 5\n@ 9 NS ns\nw 9 A 192.0.2\n", file);
    fclose(file);
    assert_false(build_world(&world, &built, &report));
    assert_int_equal(report.errors, 1);
    assert_string_equal(report.problems[0].file, "t.zone");
    told_expect(&report, "3:7 '192.0.2' is not an IPv4 address (3 octets where 4 belong)\n");
    world_free(&world);
    assert_int_equal(unlink("t.zone") + chdir("/") + rmdir(folder), 0);
}

// Two names at one address: one server, which has the zone once.
static void test_twice(void **state)
{
    (void)state;
    struct world world;
    struct built built;
    struct report report = {0};
    told_read("port: 53\nzones: {'.': {servers: {a: [127.0.0.1, 127.0.0.2], b: 127.0.0.1}}}",
              &world);
    assert_true(build_world(&world, &built, &report));
    assert_int_equal(built.server_count, 2);
    assert_int_equal(find_server(&built, "127.0.0.1:53")->zone_count, 1);
    built_free(&built);
    world_free(&world);
}

// What is wrong with records only together.
static void test_conflict(void **state)
{
    (void)state;
    struct world world;
    struct built built;
    struct report report = {0};
    told_read("zones: {'.': {servers: {a.root: 127.0.0.1}, records: [x A 192.0.2.1, x CNAME y]}}",
              &world);
    assert_false(build_world(&world, &built, &report));
    assert_true(report.errors > 0);
    assert_non_null(strstr(report.problems[0].message, "CNAME"));
    assert_string_equal(report.problems[0].file, "lab.yaml (zone .)");
    report_free(&report);
    world_free(&world);
}

static void test_line(void **state)
{
    (void)state;
    char problem[300], hint[300];
    assert_true(build_check_line("test.", "www A 192.0.2.1", problem, hint));
    assert_string_equal(problem, "");
    assert_false(build_check_line("test.", "www AAA 192.0.2.1", problem, hint));
    assert_string_equal(problem, "unknown type 'AAA'");
    assert_non_null(strstr(hint, "did you mean"));
    assert_false(build_check_line("test.", "www. A 192.0.2.1", problem, hint));
    assert_true(problem[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree), cmocka_unit_test(test_generate),
        cmocka_unit_test(test_file), cmocka_unit_test(test_conflict),
        cmocka_unit_test(test_line), cmocka_unit_test(test_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
