// What the control socket can be asked: one table of commands, one JSON object for each reply.
//
// Every request is {"v":1,"command":NAME, ...}, every reply begins with
//   "v": 1, "ok": true or false, "exit": the exit code that `onym ctl` ends with,
// and where ok is false "error" says why in one sentence, and "hint" perhaps what to do.
//
//   status              version pid state uptime_s started workers user config control
//                       listen: [{address transport inherited}]
//                       counts: {zones served broken loading records}
//                       zones: [{name view state serial records file loaded problem}]
//                         view: which one it is of; absent: everybody's
//                         transfer: {primary under_way confirmed_s next_s expires_s failures
//                           problem} of a zone that has primaries: since when and until when
//                         state is loading, served, broken or expired; serial and records only
//                         where served; problem: why it is not served, or why a newer file is not
//                       more: how many zones are not listed: the list ends at STATUS_ZONES_MAX,
//                         and where there are more those with a problem stand first
//                       reload: {at ok exit message took_ms} of the last one, or null
//     zone: NAME        zone: {as above} in the place of zones and more. exit 5: no such zone
//   reload              once it has ended: message took_ms counts: {loaded unchanged broken
//   loading}
//                       problems: [..] as `onym check --json` has them. exit 0; 7: some zones are
//                       broken, their last good versions are served; 2, 4: nothing was changed
//     zone: NAME        that zone alone: message zone: {as in status} problems: [..]. exit 0; 5: no
//     such
//                       zone; 7: its file is broken, or still being read after five seconds
//   stats               the counters by their names
//     format: prometheus  text: the metrics in the text format
//   trace               the walk of a question through the running resolver: the members of
//                       dns/explain.h, and name type packets ms. A name that is ours: own {by: zone
//                       | local, zone, serial}, and no steps; before {...}: an alias of ours that
//                       led to what was asked. exit 6: it does not resolve
//     name: NAME, type: TYPE
//   why                 failures: [{name type ede text ago_s}], the newest of each worker first
//     name: NAME        those of this name alone
//   cache               see commands_cache.h
//   notify, refresh     see commands_notify.h
//   aliases             see commands_aliases.h
//   change, history, export  see commands_change.h
//   create, discard     see commands_create.h
//   health              see commands_health.h; status has its counts, too
//   stop                the connection ends when the daemon has
#pragma once

#include "daemon/control.h"

struct daemon;
struct house;

// The zone that a request names, in the house of now. False: there is none.
bool commands_find_zone(struct daemon *daemon, const char *text, size_t *index)
    __attribute__((nonnull, warn_unused_result));
// How many zones of the house have the name of this one, the first of them.
size_t commands_count_same(const struct house *house, size_t index) __attribute__((nonnull));
void commands_refuse_zone(struct daemon *daemon, struct control_client *client)
    __attribute__((nonnull));
// Does what a whole request asks; replies now or later.
void commands_run(struct daemon *daemon, struct control_client *client) __attribute__((nonnull));
// Replies to those whose waiting is over.
void commands_step(struct daemon *daemon) __attribute__((nonnull));
