// Whom to ask (delegate.h).
//
// The delegation is the configured one for the name - a forwarder, a stub zone - or the deepest cut
// that the cache knows below the configured one: below the hints, as a rule. It is copied into the
// task's notes, for the walk takes longer than the cache's promise of one turn. A question may
// bring a start of its own (start.h), which then counts as configured.
//
//   a forwarder, a stub's own servers     as configured
//   a start                               as the zone of ours says
//   a cut in the cache                    the parent's word, within its TTL
//   the root                              its local copy (RFC 8806), primed (RFC 9609), or the
//                                         hints
//
// Hosts without an address are looked up in the cache as soon as the delegation is placed, and by
// children - REFERRAL_NEEDS_MAX of them, two at a time - only when no server is left to ask.
#include "resolve/delegate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/siphash.h"
#include "dns/type.h"
#include "resolve/asks.h"
#include "resolve/choose.h"
#include "resolve/quota.h"
#include "resolve/root_copy.h"
#include "resolve/task.h"

// Two hosts are looked for at once, for one may be slow; one by one when half the packets are gone.
#define NEEDS_AT_ONCE 2
// A question over TCP: a handshake more, and whoever says TC knows that we come.
#define TCP_WAIT_MIN_US 1000000
// Of the time to wait for one server within a walk: 400 ms eight times over are 3.2 s.
#define WAIT_DOUBLINGS_MAX 3

// --- DELEGATE ------------------------------------------------------------------------------------

static void begin_at(struct resolver *resolver, struct task *task)
{
    task->placed = true;
    task->excluded = 0;
    task->needs_made = 0;
    task->sought[0] = task->sought[1] = 0;
    task->glue_taken = task->hearsay = false;
    task->hearsay_of = 0;
    memset(task->tries, 0, sizeof task->tries);
    // The steps are the question's, not the name's: a chain of aliases has no more of them.
    task->minimise.off = !task->rules->minimise || task->delegation.recursive;
    task->minimise.labels = task->delegation.cut.labels;
    asks_cancel_all(resolver, task);
    task_leave_needs(resolver, task);
    quota_leave(resolver, task);
}

bool delegate_place(struct resolver *resolver, struct task *task,
                    const struct delegate_packed *packed)
{
    uint8_t *copy = notes_copy(&task->notes, packed->octets, packed->size);
    if (!copy || !delegation_unpack(copy, packed->size, &task->delegation))
        return false;
    task->delegation.source = packed->source;
    task->delegation.ttl_s = packed->ttl_s;
    task->delegation_end_us = resolver->now_us + (uint64_t)packed->ttl_s * 1000000;
    begin_at(resolver, task);
    return true;
}

// The configured one is shared by all tasks and lives as long as the rules do.
static void place_configured(struct resolver *resolver, struct task *task,
                             const struct delegation *rule)
{
    struct delegation *to = &task->delegation;
    memcpy(to, rule, offsetof(struct delegation, hosts));
    memcpy(to->hosts, rule->hosts, rule->host_count * sizeof rule->hosts[0]);
    memcpy(to->addresses, rule->addresses, rule->address_count * sizeof rule->addresses[0]);
    task->delegation_end_us = UINT64_MAX;
    begin_at(resolver, task);
}

// RFC 4035 3.1.4.1: DS is asked for at the parent's side of the cut.
static unsigned deepest_cut(const struct task *task)
{
    return task->type == TYPE_DS && task->goal.labels > 0 ? task->goal.labels - 1u
                                                          : task->goal.labels;
}

// A referral may leave the addresses out that nobody but its own zone's servers has. They are asked
// of those who referred, who mostly know them: the cut itself is of no use for its hosts.
static bool hides_its_hosts(const struct task *task)
{
    const struct delegation *delegation = &task->delegation;
    bool about_host = false;
    for (unsigned i = 0; i < delegation->host_count; i++) {
        if (!name_is_within(delegation->hosts[i].name, delegation->cut))
            return false;
        about_host |= name_equal(delegation->hosts[i].name, task->goal) ||
                      name_equal(delegation->hosts[i].name, task->name); // which is an alias
    }
    return about_host && delegation->address_count == 0;
}

// The deepest cut that is known of `source`, with `floor` labels at least. `hidden`: a cut was
// passed by that hides its hosts.
static bool place_cached(struct resolver *resolver, struct task *task, unsigned floor,
                         uint16_t source, bool *hidden)
{
    for (unsigned depth = deepest_cut(task) + 1; depth-- > floor;) {
        struct cache_key key = {&task->goal_key, depth, TYPE_NS, source};
        struct cache_found found;
        if (!cache_get_delegation(resolver->options.cache, &key, resolver_now_s(resolver), &found))
            continue;
        struct delegate_packed packed = {found.payload, found.payload_size, source, found.ttl_s};
        if (!delegate_place(resolver, task, &packed))
            continue;
        if (!hides_its_hosts(task))
            return true;
        *hidden = true;
    }
    return false;
}

static bool has_address(const struct delegation *delegation, unsigned host)
{
    for (unsigned i = 0; i < delegation->address_count; i++)
        if (delegation->addresses[i].host == host)
            return true;
    return false;
}

// What the cache knows of a host's addresses: from an answer, never from glue.
static void add_cached(struct resolver *resolver, struct task *task, unsigned host)
{
    static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
    struct name name = task->delegation.hosts[host].name;
    struct name_key key;
    uint16_t source;
    start_find_source(&task->start, task->rules, name, &source);
    name_key_make(name, resolver->options.secret, &key);
    for (unsigned i = 0; i < 2; i++) {
        struct cache_key where = {&key, key.labels, types[i], source};
        struct cache_found found;
        if (!cache_get(resolver->options.cache, &where, resolver_now_s(resolver), &found) ||
            found.stale)
            continue;
        if (found.kind == CACHE_RRSET && found.rank >= RANK_ANSWER)
            delegation_add_addresses(&task->delegation, found.rrset, (uint8_t)host);
        else
            task->sought[i] |= (uint16_t)(1u << host); // there is none, or it failed lately
    }
}

// RFC 9609: the first walk from the hints asks for the root's own servers, beside its question.
static void prime(struct resolver *resolver, const struct task *task)
{
    struct name_key key;
    if (task->rules->quiet || task->rules->otherwise != RULES_RECURSIVE || task->priming ||
        resolver->now_us < resolver->priming_us)
        return;
    name_key_make(NAME_ROOT, resolver->options.secret, &key);
    struct task_question question = {
        .rules = task->rules, .name = NAME_ROOT, .type = TYPE_NS, .refresh = true, .key = &key};
    struct task *priming = tasks_find(resolver, &question);
    if (priming || !(priming = tasks_make(resolver, &question)))
        return;
    resolver->priming_us = resolver->now_us + (uint64_t)FAILURE_TTL_MIN_S * 1000000;
    priming->priming = priming->ours = true;
    tasks_make_ready(resolver, priming);
}

static void tell_zone(struct resolver *resolver, const struct task *task, const char *text)
{
    task_tell(resolver, task,
              (struct trace_step){.step = STEP_ZONE, .name = task->delegation.cut, .text = text});
}

// At our own cut, or below it. False: the task's memory is full.
static bool place_from_start(struct resolver *resolver, struct task *task)
{
    const struct start *start = &task->start;
    struct delegate_packed packed = {start->octets, start->size, start->source, start->ttl_s};
    bool hidden = false;
    if (place_cached(resolver, task, start->cut.labels + 1u, start->source, &hidden))
        tell_zone(resolver, task, "deepest known cut");
    else if (delegate_place(resolver, task, &packed))
        tell_zone(resolver, task, "a cut of a zone of ours");
    else
        return false;
    task->minimise.off |= hidden;
    return true;
}

// --- the copy of the root

// What the copy says is kept as a root server's word would be. False: the task's memory is full.
static bool keep_copied(struct resolver *resolver, struct task *task, const struct kept *kept)
{
    struct cache_key key = {&task->goal_key, kept->owner.labels, kept->type, 0};
    struct cache_put put = {.kind = kept->kind,
                            .rank = kept->rank,
                            .tag = KNOWN_TAG_DNSSEC, // all signatures that there are stand there
                            .ttl_s = kept->ttl_s,
                            .owner = kept->owner,
                            .rrset = kept->rrset,
                            .soa_owner = kept->soa_owner};
    if (task->type != TYPE_ANY) // of which it is not all
        cache_put(resolver->options.cache, &key, &put, resolver_now_s(resolver));
    return learned_add(&task->learned, &task->notes, kept);
}

// The delegation stays out of the cache: the copy is as near, and may be replaced at any time.
static bool place_copied(struct resolver *resolver, struct task *task, const struct delegation *cut)
{
    struct delegate_packed packed = {.octets = resolver->packed,
                                     .size = delegation_pack(cut, resolver->packed),
                                     .ttl_s = cut->ttl_s};
    if (!delegate_place(resolver, task, &packed))
        return false;
    tell_zone(resolver, task, "from the local copy of the root");
    return true;
}

// What the copy says of the goal. False: nothing.
static bool take_from_copy(struct resolver *resolver, struct task *task)
{
    struct root_copy_question question = {task->goal, &task->goal_key, task->type};
    struct delegation cut;
    struct kept kept;
    bool room = true;
    switch (
        root_copy_ask(task->rules->root_copy, resolver->options.secret, &question, &cut, &kept)) {
    case ROOT_COPY_SILENT: return false;
    case ROOT_COPY_REFERS: room = place_copied(resolver, task, &cut); break;
    case ROOT_COPY_ANSWERS:
        task_tell(resolver, task,
                  (struct trace_step){.step = STEP_ZONE,
                                      .name = NAME_ROOT,
                                      .text = "the local copy of the root knows"});
        room = keep_copied(resolver, task, &kept);
        if (room)
            task_goto(task, TASK_LOOKUP);
        break;
    }
    if (!room)
        task_fail(task, EDE_OTHER, "too much memory for one question", false);
    return true;
}

// Begins at the copy, if there is one and no cut below the root is known. True: the task has its
// delegation, or has gone on.
static bool begin_at_copy(struct resolver *resolver, struct task *task,
                          const struct delegation *rule)
{
    const struct rules *rules = task->rules;
    bool hidden = false;
    if (rule != rules->root || rule->recursive || task->priming ||
        !root_copy_counts(rules, resolver->now_us))
        return false;
    if (place_cached(resolver, task, 1, 0, &hidden))
        tell_zone(resolver, task, "deepest known cut");
    else if (!take_from_copy(resolver, task))
        return false;
    task->minimise.off |= hidden;
    return true;
}

// --- DELEGATE

static void place(struct resolver *resolver, struct task *task, const struct delegation *rule)
{
    bool hidden = false, is_root = rule == task->rules->root;
    unsigned floor = is_root && !task->priming ? 0 : rule->cut.labels + 1u;
    if (!rule->recursive && place_cached(resolver, task, floor, rule->source, &hidden)) {
        tell_zone(resolver, task, "deepest known cut");
    } else {
        place_configured(resolver, task, rule);
        bool hints = rule == task->rules->root && !rule->recursive;
        tell_zone(resolver, task, rule->recursive ? "forward zone" : hints ? "hints" : "stub zone");
        if (hints)
            prime(resolver, task);
    }
    task->minimise.off |= hidden; // else the cut in between would be asked for, and come again
}

bool delegate_find(struct resolver *resolver, struct task *task)
{
    const struct delegation *rule = rules_find(task->rules, task->goal);
    bool from_start = start_is_above(&task->start, task->rules, task->goal);
    if (!rule && !from_start) {
        task_fail(task, EDE_NOT_AUTHORITATIVE, "no server is configured for this name", false);
        task->rcode = RCODE_REFUSED;
        return true;
    }
    if (!task->placed && !from_start) {
        if (!begin_at_copy(resolver, task, rule))
            place(resolver, task, rule);
        else if (task->state != TASK_DELEGATE)
            return true;
    } else if (!task->placed && !place_from_start(resolver, task)) {
        task_fail(task, EDE_OTHER, "too much memory for one question", false);
        return true;
    }
    for (unsigned host = 0; host < task->delegation.host_count; host++)
        if (!has_address(&task->delegation, host))
            add_cached(resolver, task, host);
    task_goto(task, TASK_CHOOSE);
    return true;
}

// --- an ask --------------------------------------------------------------------------------------

uint64_t delegate_zone_hash(const struct task *task)
{
    return task->goal_key.hash[task->delegation.cut.labels];
}

static struct address address_of(const struct task *task, unsigned index)
{
    struct address address = task->delegation.addresses[index].address;
    if (address_port(&address) == 0)
        address_set_port(&address, task->rules->port);
    return address;
}

// RFC 7873 4.1: of the server's address and a secret of ours, so that no two servers can compare.
static void make_cookie(const struct resolver *resolver, const struct address *server,
                        uint8_t cookie[static 8])
{
    uint64_t hash =
        server->any.sa_family == AF_INET
            ? siphash24(resolver->cookie_key, (const uint8_t *)&server->v4.sin_addr, 4)
            : siphash24(resolver->cookie_key, (const uint8_t *)&server->v6.sin6_addr, 16);
    memcpy(cookie, &hash, 8);
}

static void write_ask(struct resolver *resolver, struct task *task, struct ask_slot *ask,
                      const struct server_known *known, const struct minimised *shown)
{
    uint8_t cookie[COOKIE_CLIENT_SIZE];
    make_cookie(resolver, &ask->server, cookie);
    struct asking asking = {
        .name = name_key_suffix(&task->goal_key, shown->name.labels),
        .type = shown->type,
        .recursive = task->delegation.recursive,
        .dnssec_ok = task->dnssec_ok,
        .checking_disabled = task->checking_disabled,
        .edns = ask->edns,
        .mix_case = ask->mixed,
        .client_cookie = cookie,
        .server = known,
    };
    ask->labels = shown->name.labels;
    ask->type = shown->type;
    ask->whole = shown->whole;
    ask->size = (uint32_t)asking_write(&asking, &resolver->options.luck, ask->octets);
}

static void tell_ask(struct resolver *resolver, const struct task *task, const struct ask_slot *ask,
                     const char *why)
{
    if (!task->trace)
        return;
    uint8_t host = task->delegation.addresses[ask->address].host;
    struct trace_step told = {.step = STEP_ASK,
                              .name = name_suffix(task->goal, ask->labels),
                              .type = ask->type,
                              .address = ask->server,
                              .over_tcp = ask->over_tcp,
                              .ask = ask->number,
                              .text = why};
    if (host != DELEGATION_NO_HOST)
        told.server = task->delegation.hosts[host].name;
    if (!ask->whole) {
        struct trace_step shown = {.step = STEP_MINIMISE, .name = told.name, .type = told.type};
        task_tell(resolver, task, shown);
    }
    task_tell(resolver, task, told);
}

// How long an ask waits. What is known of the server counts, but a walk has its own doubling: it
// neither sends its tries all at once to a server that was fast, nor spends its whole time on one
// reply of a server that was silent for others.
static uint64_t time_to_wait(const struct task *task, unsigned address,
                             const struct server_known *known)
{
    const uint64_t start_us = SERVER_WAIT_START_MS * 1000;
    unsigned again = task->tries[address] > 1 ? task->tries[address] - 1u : 0;
    again = again < WAIT_DOUBLINGS_MAX ? again : WAIT_DOUBLINGS_MAX;
    uint64_t usual_us = (uint64_t)known->srtt_us + 4 * (uint64_t)known->var_us;
    uint64_t most_us = (usual_us > start_us ? usual_us : start_us)
                       << (again + (known->dead ? 2u : 0u));
    uint64_t least_us = again ? start_us << (again - 1) : 0;
    uint64_t wait_us = known->wait_us > least_us ? known->wait_us : least_us;
    return wait_us < most_us ? wait_us : most_us;
}

bool delegate_ask(struct resolver *resolver, struct task *task, const struct delegate_ask *how)
{
    struct address server = address_of(task, how->address);
    struct server_known known;
    servers_get(resolver->options.servers, &server, resolver->now_us, &known);
    if (!task_charge(resolver, task, 0))
        return false;
    struct ask_slot *ask = asks_make(resolver, task, &server);
    if (!ask) {
        task->budget.spent = "too many questions to other servers at once";
        return false;
    }
    uint64_t wait_us = time_to_wait(task, how->address, &known);
    ask->address = how->address;
    ask->resends = how->resends;
    ask->other_case = how->other_case;
    ask->over_tcp = how->over_tcp || known.tcp_only;
    ask->edns = !known.no_edns && !how->plain;
    ask->mixed = !known.no_case;
    if (ask->over_tcp)
        wait_us = wait_us * 2 > TCP_WAIT_MIN_US ? wait_us * 2 : TCP_WAIT_MIN_US;
    ask->silent_us = ask->hedge_us = ask->late_us = resolver->now_us + wait_us;
    if (known.usual_us && known.usual_us < wait_us && !ask->over_tcp)
        ask->late_us = resolver->now_us + known.usual_us;
    if (how->patience_us && how->patience_us < wait_us && !ask->over_tcp)
        ask->hedge_us = resolver->now_us + how->patience_us;
    if (known.probe)
        servers_probing(resolver->options.servers, &server, resolver->now_us);
    struct minimised shown =
        minimise_next(&task->minimise, task->delegation.cut, task->goal, task->type);
    write_ask(resolver, task, ask, &known, &shown);
    asks_send(resolver, ask);
    tell_ask(resolver, task, ask, how->why);
    return true;
}

// --- CHOOSE --------------------------------------------------------------------------------------

static bool waits_for(const struct task *task, unsigned index)
{
    for (const struct ask_slot *ask = task->asks; ask; ask = ask->sibling)
        if (ask->address == index && !ask->timed_out)
            return true;
    return false;
}

static void look_at_server(const struct resolver *resolver, const struct task *task, unsigned index,
                           struct choose_server *server)
{
    struct address address = address_of(task, index);
    struct server_known known;
    const struct servers *servers = resolver->options.servers;
    // What is configured may be on this host; what the tree says may not (RFC 6890).
    bool allowed = task->delegation.configured
                       ? (address.any.sa_family == AF_INET ? task->rules->ipv4 : task->rules->ipv6)
                       : rules_may_ask(task->rules, &address);
    *server = (struct choose_server){.tries = task->tries[index], .waits = waits_for(task, index)};
    server->excluded =
        task->excluded >> index & 1 || !allowed || !asks_has_room(resolver, &address);
    if (server->excluded)
        return;
    servers_get(servers, &address, resolver->now_us, &known);
    server->wait_us = known.srtt_us || known.timeouts ? known.wait_us : 0;
    server->usual_us = known.usual_us;
    server->doubtful =
        known.dead || !servers_family_works(servers, address.any.sa_family) ||
        servers_is_lame(servers, &address, delegate_zone_hash(task), resolver->now_us);
}

// How long before another one is asked as well. Those that were asked already are asked again at a
// pace at which the packets last as long as the time.
static uint64_t find_patience(const struct resolver *resolver, const struct task *task,
                              const struct choose_server *servers, unsigned index)
{
    uint64_t best_us = choose_patience(servers, task->delegation.address_count, index);
    if (best_us == UINT32_MAX)
        best_us = SERVER_WAIT_START_MS * 1000;
    if (servers[index].tries == 0 || task->end_us <= resolver->now_us || !task->budget.packets)
        return best_us;
    uint64_t pace_us = (task->end_us - resolver->now_us) / task->budget.packets;
    return best_us > pace_us ? best_us : pace_us;
}

// `again`: those that had their tries may be asked, too.
static bool ask_next(struct resolver *resolver, struct task *task, bool again)
{
    struct choose_server servers[DELEGATION_ADDRESSES_MAX];
    unsigned count = task->delegation.address_count;
    for (unsigned i = 0; i < count; i++)
        look_at_server(resolver, task, i, &servers[i]);
    if (again)
        choose_again(servers, count);
    int index = choose_server(servers, count, luck_get32(&resolver->options.luck));
    if (index < 0)
        return false;
    servers[index].tries = task->tries[index];
    struct delegate_ask how = {
        .address = (uint8_t)index,
        .patience_us = find_patience(resolver, task, servers, (unsigned)index),
        .why = servers[index].wait_us ? "among the fastest" : "not known yet"};
    task->tries[index] += task->tries[index] < UINT8_MAX;
    if (delegate_ask(resolver, task, &how))
        task_goto(task, TASK_ASK);
    else
        task_fail(task, EDE_OTHER, task->budget.spent, task->budget.packets == 0);
    return true;
}

static unsigned count_needs(const struct task *task)
{
    unsigned count = 0;
    for (unsigned i = 0; i < REFERRAL_NEEDS_MAX; i++)
        count += task->needs[i].child != NULL;
    return count;
}

// A host of the cut's own zone is nobody's but its servers' to tell, and those that have addresses
// have been asked: thirteen names for one address are one server (self-pointed glue).
static bool is_known_or_inside(const struct delegation *delegation, unsigned host)
{
    bool inside = name_is_within(delegation->hosts[host].name, delegation->cut);
    return has_address(delegation, host) || (inside && delegation->address_count > 0);
}

// Looks for a host's address of one type. False: every host was sought, or the limit is reached.
static bool seek(struct resolver *resolver, struct task *task, unsigned family)
{
    unsigned count = task->delegation.host_count;
    unsigned start = count ? luck_below(&resolver->options.luck, count) : 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned host = (start + i) % count;
        if (task->sought[family] >> host & 1 || is_known_or_inside(&task->delegation, host))
            continue;
        task->sought[family] |= (uint16_t)(1u << host);
        if (task->needs_made == REFERRAL_NEEDS_MAX)
            return false;
        if (!task_need(resolver, task, host, family ? TYPE_AAAA : TYPE_A))
            continue;
        task->needs_made++;
        return true;
    }
    return false;
}

// No server is left to ask: looks for more of them.
static bool seek_addresses(struct resolver *resolver, struct task *task)
{
    const struct servers *servers = resolver->options.servers;
    bool use[] = {task->rules->ipv4, task->rules->ipv6};
    unsigned first = !servers_family_works(servers, AF_INET) && use[1];
    unsigned most = task->budget.packets * 2 > task->rules->packets_max ? NEEDS_AT_ONCE : 1;
    while (count_needs(task) < most && use[first] && seek(resolver, task, first))
        continue;
    // The other family only when the first has brought nothing: each look-up is a walk.
    if (count_needs(task) == 0 && use[!first])
        seek(resolver, task, !first);
    return count_needs(task) > 0;
}

static bool has_open_ask(const struct task *task)
{
    for (const struct ask_slot *ask = task->asks; ask; ask = ask->sibling)
        if (!ask->timed_out)
            return true;
    return false;
}

static void give_up(struct task *task)
{
    char zone[NAME_TEXT_MAX], text[FAILURE_TEXT_MAX];
    name_print(task->delegation.cut, zone);
    if (task->fault_count)
        snprintf(text, sizeof text, "no server of %.150s answered", zone);
    else
        snprintf(text, sizeof text, "no server of %.150s has an address that may be asked", zone);
    const char *copy = notes_copy(&task->notes, text, strlen(text) + 1);
    // A circle is one only seen from here: somebody else may find a way in.
    task_fail(task, EDE_NO_REACHABLE_AUTHORITY, copy ? copy : "no server answered",
              task->fault_count > 0 || task->depth == 0);
}

// What the parent of a host's own zone says of its address: glue that no client ever sees.
static void add_glue(struct resolver *resolver, struct task *task, unsigned host)
{
    struct name name = task->delegation.hosts[host].name;
    struct name_key key;
    struct delegation glue;
    name_key_make(name, resolver->options.secret, &key);
    for (unsigned depth = name.labels + 1u; depth-- > 0;) {
        struct cache_key where = {&key, depth, TYPE_NS, task->delegation.source};
        struct cache_found found;
        if (!cache_get_delegation(resolver->options.cache, &where, resolver_now_s(resolver),
                                  &found) ||
            !delegation_unpack(found.payload, found.payload_size, &glue))
            continue;
        for (unsigned i = 0; i < glue.address_count; i++) {
            uint8_t of = glue.addresses[i].host;
            if (of != DELEGATION_NO_HOST && name_equal(glue.hosts[of].name, name))
                delegation_add_address(&task->delegation, &glue.addresses[i].address,
                                       (uint8_t)host);
        }
    }
}

// Nobody who should know has answered. First, addresses of the hosts that only glue knows: a child
// may be wrong about itself. Then those who answered from a cache, without authority: their word is
// better than none.
static bool try_last_resorts(struct resolver *resolver, struct task *task)
{
    if (!task->glue_taken) {
        task->glue_taken = true;
        unsigned before = task->delegation.address_count;
        for (unsigned host = 0; host < task->delegation.host_count; host++)
            add_glue(resolver, task, host);
        if (task->delegation.address_count > before && ask_next(resolver, task, false))
            return true;
    }
    if (task->hearsay || !task->hearsay_of)
        return false;
    task->hearsay = true;
    task->excluded &= ~task->hearsay_of;
    for (unsigned i = 0; i < task->delegation.address_count; i++)
        if (task->hearsay_of >> i & 1)
            task->tries[i] = 0;
    return ask_next(resolver, task, false);
}

// Others may have more luck, and so it is not remembered; an answer past its time may be there.
static void end_crowded(struct resolver *resolver, struct task *task)
{
    char zone[NAME_TEXT_MAX], text[FAILURE_TEXT_MAX];
    name_print(task->delegation.cut, zone);
    snprintf(text, sizeof text, "too many questions wait for the servers of %.150s", zone);
    const char *why = notes_copy(&task->notes, text, strlen(text) + 1);
    if (!why)
        why = "too many questions wait for its servers";
    resolver->counts.crowded++;
    task_tell(resolver, task, (struct trace_step){.step = STEP_LIMIT, .text = why});
    task_fail(task, EDE_NO_REACHABLE_AUTHORITY, why, false);
}

bool delegate_choose(struct resolver *resolver, struct task *task)
{
    if (!quota_enter(resolver, task)) {
        end_crowded(resolver, task);
        return true;
    }
    if (ask_next(resolver, task, false))
        return true;
    if (has_open_ask(task)) {
        task_goto(task, TASK_ASK);
        return true;
    }
    if (seek_addresses(resolver, task)) {
        task_goto(task, TASK_NEED);
        return true;
    }
    if (try_last_resorts(resolver, task))
        return true;
    // Silence is not an answer: who is silent now may hear the next packet.
    if (resolver->now_us >= task->end_us || !ask_next(resolver, task, true))
        give_up(task);
    return true;
}
