// Names and the copy of the root, from files to houses (furnishing.h).
#include "daemon/furnishing.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"
#include "daemon/viewing.h"

void furnishing_drop(struct nearby_found *found)
{
    local_release(found->local);
    zone_release(found->root_copy);
    report_free(&found->report);
    *found = (struct nearby_found){0};
}

struct zone *furnishing_copy(struct daemon *daemon)
{
    const struct house *current = daemon_house(daemon);
    return current && current->server.rules ? current->server.rules->root_copy : NULL;
}

// Without a copy there are the root servers (RFC 8806 4): names are found, only not as near.
static void tell_bad_copy(const struct zone *before)
{
    log_error("the copy of the root zone cannot be used; %s",
              before ? "the one before it stays" : "the root servers are asked");
}

bool furnishing_is_read(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    if (nearby_take(&daemon->nearby, &rebuild->found, clock_now_ms())) {
        rebuild->furnished = true;
        rebuild_log(&rebuild->found.report);
        report_move(&rebuild->report, &rebuild->found.report);
        if (rebuild->found.root_copy_bad)
            tell_bad_copy(furnishing_copy(daemon));
    }
    return !nearby_reads(&daemon->nearby) || clock_now_ms() > rebuild->began_ms + ZONE_PATIENCE_MS;
}

struct local *furnishing_names(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    const struct house *current = daemon_house(daemon);
    struct local *local = rebuild->found.local;
    rebuild->found.local = NULL;
    if (rebuild->furnished)
        return local;
    if (nearby_reads(&daemon->nearby))
        log_warning("hosts files take over %d s to read; it goes on in the background",
                    ZONE_PATIENCE_MS / 1000);
    return current && current->server.local ? local_hold(current->server.local)
                                            : nearby_names(&daemon->nearby);
}

void furnishing_give_copy(struct daemon *daemon, struct house *next)
{
    struct rebuild *rebuild = &daemon->rebuild;
    const struct house *current = daemon_house(daemon);
    struct nearby_found *found = &rebuild->found;
    struct zone *old = furnishing_copy(daemon);
    if (found->root_copy)
        viewing_set_root_copy(&next->server, found->root_copy, found->root_copy_end_us);
    else if (next->options->resolve.root_copy.path && old &&
             (found->root_copy_bad || !rebuild->furnished))
        viewing_set_root_copy(&next->server, old, current->server.rules->root_copy_end_us);
}

bool furnishing_take(struct daemon *daemon)
{
    struct rebuild *rebuild = &daemon->rebuild;
    struct nearby_found *found = &rebuild->newer;
    struct zone *copy = furnishing_copy(daemon);
    if (!nearby_take(&daemon->nearby, found, clock_now_ms()))
        return false;
    rebuild_log(&found->report);
    if (found->root_copy_bad)
        tell_bad_copy(copy);
    bool changed = !found->root_copy_bad && found->root_copy != copy;
    if (changed && found->root_copy)
        log_info("the copy of the root zone was replaced: serial %u is used now",
                 found->root_copy->image.serial);
    else if (!changed)
        log_info("hosts files have changed, and were read");
    if (found->local)
        house_replace_local(daemon_house(daemon), found->local);
    found->local = NULL;
    rebuild->renewed = !found->root_copy_bad && (found->root_copy || copy);
    return true;
}

void furnishing_follow(struct daemon *daemon, struct house *changed)
{
    struct rebuild *rebuild = &daemon->rebuild;
    struct nearby_found *found = &rebuild->newer;
    if (rebuild->renewed) {
        struct own_addresses own;
        struct address *addresses;
        sockets_own(&changed->listeners, &addresses, &own.count);
        own.some = addresses;
        viewing_renew_rules(&changed->server, changed->options, own);
        free(addresses);
        if (found->root_copy)
            viewing_set_root_copy(&changed->server, found->root_copy, found->root_copy_end_us);
    }
    rebuild->renewed = false;
    furnishing_drop(found);
}
