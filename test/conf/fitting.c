// Routes and the zone that they are for: beside a CNAME, below a cut, in the place of records.
#include "routed.h"

#include "fitted.h"
#include "conf/fitting.h"

static void check(const char *routes, const char *told)
{
    struct options *options = routed_read(routes, "");
    struct zone *zone = fitted_zone("example.test.", "www A 192.0.2.1\nalias CNAME www\ncut NS "
                                                     "ns.cut\nmoved DNAME w\n");
    struct report report = {0};
    fitting_check(options, 0, zone, fitted_secret(), &report);
    told_expect(&report, told, routes);
    zone_release(zone);
    options_free(options);
}

#define ROUTE(name, type) "{" name ": {" type ": {give: \"192.0.2.1\"}}}"
#define PLACE             "a.yaml:1:"

static void test_fitting(void **state)
{
    (void)state;
    check(ROUTE("new", "A"), "");
    check(ROUTE("www", "TXT"), "");
    check(ROUTE("www", "A"), "a.yaml:1:51+1 warning: the route www.example.test. A stands in the "
                             "place of records in the zone's file = remove them from the file, if "
                             "that is meant\n");
    check(ROUTE("alias", "A"), "a.yaml:1:53+1 error: the route alias.example.test. A stands beside "
                               "a CNAME record in the zone's file = remove one of them\n");
    check(ROUTE("www", "CNAME"), "a.yaml:1:55+1 error: the route www.example.test. CNAME stands "
                                 "beside other records in the zone's file = an alias stands alone "
                                 "(RFC 1034 3.6.2)\n");
    check(ROUTE("x.cut", "A"), "a.yaml:1:53+1 error: the route x.cut.example.test. A is below a "
                               "delegation = it is the other zone's to answer for\n");
    check(ROUTE("x.moved", "A"), "a.yaml:1:55+1 error: the route x.moved.example.test. A is below "
                                 "a DNAME = it is the other zone's to answer for\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fitting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
