// Routes and the zones that they are for (fitting.h).
#include "conf/fitting.h"

#include "dns/type.h"
#include "zone/find.h"

static void tell(const struct route_spec *spec, enum severity severity, const char *hint,
                 const char *what, struct report *report)
{
    const struct route_mark *mark = spec->mark;
    struct place place = {
        .file = mark->place.file, .line = mark->place.line, .column = mark->place.column};
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(spec->owner, owner);
    type_print(spec->type, type);
    report_add(report, severity, &place, hint, "the route %s %s %s", owner, type, what);
}

static void check_route(const struct route_spec *spec, const struct zone *zone,
                        const struct hash_key *secret, struct report *report)
{
    struct name_key key;
    name_key_make(spec->owner, secret, &key);
    struct finding finding = find_name(&zone->image, secret, &key);
    if (finding.found == FOUND_CUT || finding.found == FOUND_DNAME)
        tell(spec, SEVERITY_ERROR, "it is the other zone's to answer for",
             finding.found == FOUND_CUT ? "is below a delegation" : "is below a DNAME", report);
    if (finding.found != FOUND_NODE)
        return;
    bool has_type = node_rrset(&zone->image, finding.node, spec->type);
    if (finding.node->flags & NODE_CNAME && spec->type != TYPE_CNAME)
        tell(spec, SEVERITY_ERROR, "remove one of them",
             "stands beside a CNAME record in the zone's file", report);
    else if (has_type)
        tell(spec, SEVERITY_WARNING, "remove them from the file, if that is meant",
             "stands in the place of records in the zone's file", report);
    else if (spec->type == TYPE_CNAME && finding.node->rrsets)
        tell(spec, SEVERITY_ERROR, "an alias stands alone (RFC 1034 3.6.2)",
             "stands beside other records in the zone's file", report);
}

void fitting_check(const struct options *options, size_t index, const struct zone *zone,
                   const struct hash_key *secret, struct report *report)
{
    const struct routing_options *routing = &options->routing;
    if (zone->state != ZONE_SERVED)
        return;
    for (size_t i = 0; i < routing->count; i++) {
        const struct route_spec *spec = &routing->routes[i];
        const struct route_mark *mark = spec->mark;
        if (mark->view == options->zones[index].view && spec->zone_labels == zone->origin.labels &&
            name_is_within(spec->owner, zone->origin))
            check_route(spec, zone, secret, report);
    }
}
