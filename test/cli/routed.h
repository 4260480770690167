// A routed name for tests of what is told of it: a configuration with a small database, and its
// JSON by hand.
#pragma once

#include "../policy/tiny.h"
#include "files.h"

#define ROUTED_CONFIG                                                                              \
    "control: ctl\n"                                                                               \
    "places: {databases: [tiny.mmdb]}\n"                                                           \
    "checks: {web: {tcp: 80}}\n"                                                                   \
    "zones:\n"                                                                                     \
    "  example.test:\n"                                                                            \
    "    file: good.test.zone\n"                                                                   \
    "    routes:\n"                                                                                \
    "      www:\n"                                                                                 \
    "        A:\n"                                                                                 \
    "          - {where: {country: SG}, give: [192.0.2.10, 192.0.2.11], check: web}\n"             \
    "          - where: {subdivision: US-CA}\n"                                                    \
    "            give: [192.0.2.15]\n"                                                             \
    "            ttl: 9\n"                                                                         \
    "          - where: {country: [CA, US]}\n"                                                     \
    "            give: [{addr: 192.0.2.20, weight: 3}, 192.0.2.21]\n"                              \
    "          - {where: {asn: 64500}, give: [192.0.2.50, 192.0.2.51], count: 1, sticky: true}\n"  \
    "          - {where: {continent: EU, nets: [10.0.0.0/8]}, give: [192.0.2.30]}\n"               \
    "          - {give: [192.0.2.99]}\n"                                                           \
    "        TXT: [{give: [\"a <b> & c\"]}]\n"                                                     \
    "      near:\n"                                                                                \
    "        A:\n"                                                                                 \
    "          - choose: nearest\n"                                                                \
    "            give:\n"                                                                          \
    "              - {addr: 192.0.2.1, at: [1.35, 103.82]}\n"                                      \
    "              - {addr: 192.0.2.2, at: [43.7, -79.4]}\n"                                       \
    "      alias: {ALIAS: [{give: [shop.example.net.]}]}\n"                                        \
    "      step: {CNAME: [{give: [ns]}]}\n"                                                        \
    "views:\n"                                                                                     \
    "  inside:\n"                                                                                  \
    "    match: [private]\n"                                                                       \
    "    zones:\n"                                                                                 \
    "      example.test: {file: good.test.zone, routes: {www: {A: [{give: [10.0.0.1]}]}}}\n"

// In a folder of its own, which files_end removes.
static inline void routed_begin(void)
{
    static struct tiny tiny;
    files_begin();
    files_put("onym.yaml", ROUTED_CONFIG);
    files_put("good.test.zone", GOOD_ZONE);
    tiny_open(&tiny, 6, 24);
    tiny_put(&tiny, "192.0.2.0/24",
             tiny_flat(&tiny,
                       &(struct tiny_place){.country = "SG", .latitude = 1.3, .longitude = 103.8}));
    tiny_put(&tiny, "198.51.100.0/24",
             tiny_flat(&tiny, &(struct tiny_place){.country = "US", .state = "CA"}));
    tiny_put(&tiny, "203.0.113.0/24", tiny_flat(&tiny, &(struct tiny_place){.asn = 64500}));
    tiny_put(&tiny, "2001:db8::/32",
             tiny_flat(&tiny, &(struct tiny_place){.country = "CA", .continent = "NA"}));
    tiny_put(&tiny, "10.0.0.0/8",
             tiny_flat(&tiny, &(struct tiny_place){.country = "FR", .continent = "EU"}));
    tiny_write(&tiny, "tiny.mmdb");
    tiny_close(&tiny);
}

__attribute__((unused)) static const char routed_text[] =
    "{\"v\":1,\"name\":\"w<w.example.test.\",\"zone\":\"example.test.\",\"health\":\"server\","
    "\"from\":{\"text\":\"192.0.2.7\",\"kind\":\"address\",\"bits\":32,\"says\":[{\"database\":"
    "\"c.mmdb\",\"country\":\"SG\",\"continent\":\"AS\",\"asn\":64500,\"latitude\":1.3,"
    "\"longitude\":103.8}],\"holds\":{\"country\":[\"SG\"],\"asn\":[64500]}},"
    "\"routes\":[{\"type\":\"A\",\"rules\":["
    "{\"rule\":1,\"file\":\"o.yaml\",\"line\":9,\"column\":13,\"where\":{\"country\":[\"SG\"],"
    "\"asn\":[64500]},\"choose\":\"all\",\"dead\":\"next\",\"items\":[{\"item\":1,\"data\":"
    "\"192.0.2.10\",\"weight\":1,\"check\":\"web\",\"health\":\"down\",\"at\":[1.3,103.8]}],"
    "\"countries\":[\"SG\"]},"
    "{\"rule\":2,\"file\":\"o.yaml\",\"line\":10,\"column\":13,\"where\":{},\"choose\":"
    "\"nearest\",\"count\":1,\"dead\":\"none\",\"sticky\":{\"ipv4\":24,\"ipv6\":56},\"ttl\":60,"
    "\"items\":[{\"item\":1,\"data\":\"192.0.2.1\",\"weight\":1,\"at\":[43.7,-79.4],"
    "\"countries\":[\"CA\",\"US\"]},{\"item\":2,\"data\":\"192.0.2.2\",\"weight\":1,\"at\":"
    "[50.1,8.7],\"countries\":[\"DE\"]}],\"countries\":[\"CA\",\"DE\",\"US\"]}],"
    "\"verdict\":{\"rule\":2,\"outcome\":\"fell_back\",\"passed\":[{\"rule\":1,\"why\":\"dead\"}],"
    "\"by\":\"nearest\",\"gives\":[{\"item\":2,\"data\":\"192.0.2.2\",\"km\":10266}],"
    "\"scope\":24,\"rcode\":\"NOERROR\",\"reason\":\"placed\",\"ede\":{\"code\":0,\"text\":"
    "\"others\"},\"answer\":[{\"name\":\"w.\",\"ttl\":60,\"type\":\"A\",\"data\":\"192.0.2.2\"}]}}"
    "]}";
