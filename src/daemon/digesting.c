// Digests of new versions (digesting.h).
#include "daemon/digesting.h"

#include "dns/type.h"
#include "zone/revive.h"
#include "zone/zonemd.h"

static void write_sorted(struct draft *draft, struct records *records)
{
    records_begin(records, draft->origin);
    draft_write(draft, records);
    records_sort(records);
}

bool digesting_holds(struct draft *draft, struct report *report)
{
    struct records records;
    write_sorted(draft, &records);
    bool holds = zonemd_check(&records, report) == ZONEMD_VERIFIED;
    records_free(&records);
    return holds;
}

bool digesting_holds_zone(struct zone *zone, const struct hash_key *secret, struct report *report)
{
    struct records records;
    zone_records(zone, secret, &records);
    zone->zonemd = zonemd_check(&records, report) == ZONEMD_VERIFIED;
    records_free(&records);
    return zone->zonemd;
}

void digesting_put(struct draft *draft, enum zonemd_hash hash, struct diff *diff)
{
    struct records records;
    struct record made;
    write_sorted(draft, &records);
    zonemd_compose(&records, hash, &records.arena, &made);
    draft_remove_rrset(draft, draft->origin, TYPE_ZONEMD);
    (void)draft_add(draft, &made);
    draft_take(draft, diff);
    records_free(&records);
}
