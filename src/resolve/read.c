// What a reply means for the walk (read.h).
//
//   matches the ask?     no sense at all   passed over, the wait goes on (TuDoor)
//                        another ID, case or question, another cookie: somebody guesses; the ask is
//                        over and the server is asked again over TCP (RFC 5452 9.3)
//   its kind             an answer, a denial, an alias     scrubbed, stored: LOOKUP
//                        a referral                        the new delegation: DELEGATE
//                        about a name in between           one label more: DELEGATE
//                        TC, FORMERR, BADCOOKIE            once more, otherwise: ASK
//                        all else                          another server: CHOOSE
//
// Who is asked about a name in between and does not behave is asked about the whole name before it
// is given up (RFC 9156 2.3 and 5): an NXDOMAIN for an empty non-terminal is an old mistake.
#include "resolve/read.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "dns/type.h"
#include "resolve/asks.h"
#include "resolve/choose.h"
#include "resolve/delegate.h"
#include "resolve/quota.h"
#include "resolve/task.h"

// A reply that is being read, and the ask that it came for, whose slot is free by now.
struct reading {
    struct resolver *resolver;
    struct task *task;
    struct ask_slot ask;
    struct classify_question question;
};

static void tell(const struct reading *reading, enum step step, const char *text)
{
    const struct ask_slot *ask = &reading->ask;
    struct trace_step told = {.step = step,
                              .address = ask->server,
                              .over_tcp = ask->over_tcp,
                              .rtt_us = (uint32_t)(reading->resolver->now_us - ask->sent_us),
                              .rcode = reading->resolver->heard.rcode,
                              .ask = ask->number,
                              .text = text};
    task_tell(reading->resolver, reading->task, told);
}

// --- where it leads ------------------------------------------------------------------------------

// This server is of no help, in this walk or for this zone.
static void rule_out(struct reading *reading, const char *what, bool lame)
{
    struct task *task = reading->task;
    task_blame(task, &reading->ask.server, what);
    task->excluded |= 1u << reading->ask.address;
    if (lame)
        servers_failed(reading->resolver->options.servers, &reading->ask.server, SERVER_LAME,
                       delegate_zone_hash(task), reading->resolver->now_us);
    task_goto(task, TASK_CHOOSE);
}

// Asks the same server once more, in another manner.
static void ask_again(struct reading *reading, struct delegate_ask how)
{
    how.address = reading->ask.address;
    if (delegate_ask(reading->resolver, reading->task, &how))
        task_goto(reading->task, TASK_ASK);
    else
        task_fail(reading->task, EDE_OTHER, reading->task->budget.spent,
                  reading->task->budget.packets == 0);
}

// For a name in between: shows the whole name instead. False: it was the whole name.
static bool show_whole(struct reading *reading)
{
    if (reading->ask.whole)
        return false;
    struct task *task = reading->task;
    task->minimise.off = true;
    if (task->tries[reading->ask.address] > 0)
        task->tries[reading->ask.address]--; // what it did not like was not the question
    task_goto(task, TASK_CHOOSE);
    return true;
}

// --- storing -------------------------------------------------------------------------------------

// What was asked for without DO may come without its signatures: it does not take the place of what
// has them, or others who wait for those would find them gone at the moment of their answer.
static bool says_less(const struct reading *reading, const struct cache_key *key,
                      const struct kept *kept)
{
    const struct resolver *resolver = reading->resolver;
    struct cache_found found;
    return !reading->task->dnssec_ok &&
           cache_get(resolver->options.cache, key, resolver_now_s(resolver), &found) &&
           !found.stale && found.tag & KNOWN_TAG_DNSSEC && found.kind == kept->kind &&
           found.rank >= kept->rank;
}

static void store_one(struct reading *reading, const struct kept *kept)
{
    struct resolver *resolver = reading->resolver;
    struct task *task = reading->task;
    struct name_key made;
    struct cache_key key = {&task->goal_key, kept->owner.labels, kept->type,
                            task->delegation.source};
    if (!name_is_within(task->goal, kept->owner)) {
        name_key_make(kept->owner, resolver->options.secret, &made);
        key.name = &made;
    }
    struct cache_put put = {.kind = kept->kind,
                            .rank = kept->rank,
                            .tag = task->dnssec_ok ? KNOWN_TAG_DNSSEC : 0,
                            .ttl_s = kept->ttl_s,
                            .owner = kept->owner,
                            .rrset = kept->rrset,
                            .soa_owner = kept->soa_owner};
    if (says_less(reading, &key, kept))
        return;
    cache_put(resolver->options.cache, &key, &put, resolver_now_s(resolver));
}

// False: the task's memory is full.
static bool store(struct reading *reading)
{
    struct scrub *scrub = &reading->resolver->scrub;
    struct task *task = reading->task;
    bool good = true;
    for (unsigned i = 0; i < scrub->count; i++) {
        if (reading->question.chain.type != TYPE_ANY)
            store_one(reading, &scrub->kept[i]);
        good &= learned_add(&task->learned, &task->notes, &scrub->kept[i]);
    }
    return good;
}

// RFC 9609 3: from here on these are the root's servers.
static void keep_priming(struct reading *reading)
{
    struct resolver *resolver = reading->resolver;
    struct delegation root;
    if (!reading->task->priming || !scrub_priming(&resolver->heard, &resolver->scrub, &root))
        return;
    size_t size = delegation_pack(&root, resolver->packed);
    struct cache_key key = {&reading->task->goal_key, 0, TYPE_NS, 0};
    struct cache_put put = {.kind = CACHE_DELEGATION,
                            .rank = RANK_REFERRAL,
                            .ttl_s = root.ttl_s,
                            .owner = NAME_ROOT,
                            .payload = resolver->packed,
                            .payload_size = (uint32_t)size};
    cache_put(resolver->options.cache, &key, &put, resolver_now_s(resolver));
}

static void take_answer(struct reading *reading, const struct classified *classified)
{
    struct resolver *resolver = reading->resolver;
    struct task *task = reading->task;
    if (classified->kind == KIND_NXDOMAIN && show_whole(reading))
        return;
    scrub_answer(&resolver->heard, &reading->question, classified, &resolver->scrub);
    if (resolver->scrub.overflow) {
        rule_out(reading, "malformed answer", false);
        return;
    }
    if (!store(reading)) {
        task_fail(task, EDE_OTHER, "too much memory for one question", false);
        return;
    }
    keep_priming(reading);
    if (reading->ask.whole) {
        task_goto(task, TASK_LOOKUP);
        return;
    }
    // No cut at this name; one label more of the same servers.
    asks_cancel_all(resolver, task);
    task->minimise.labels = reading->ask.labels;
    task->minimise.steps++;
    memset(task->tries, 0, sizeof task->tries);
    task_goto(task, TASK_DELEGATE);
}

// --- referrals -----------------------------------------------------------------------------------

// A delegation lasts no longer than the one through which it was found: a zone that was taken away
// must not live on in zones below it that it made itself (ghost and phoenix domains).
static uint32_t referral_ttl(const struct reading *reading, uint32_t ttl_s)
{
    uint64_t end_us = reading->task->delegation_end_us, now_us = reading->resolver->now_us;
    uint64_t left_s = end_us > now_us ? (end_us - now_us) / 1000000 : 0;
    return ttl_s < left_s ? ttl_s : (uint32_t)left_s;
}

static void take_referral(struct reading *reading, const struct classified *classified)
{
    struct resolver *resolver = reading->resolver;
    struct task *task = reading->task;
    struct delegation found;
    if (!scrub_referral(&resolver->heard, task->delegation.cut, classified->cut, &resolver->scrub,
                        &found)) {
        rule_out(reading, "malformed referral", false);
        return;
    }
    struct delegate_packed packed = {
        .octets = resolver->packed,
        .size = delegation_pack(&found, resolver->packed),
        .source = task->delegation.source,
        .ttl_s = referral_ttl(reading, found.ttl_s),
    };
    struct cache_key key = {&task->goal_key, found.cut.labels, TYPE_NS, packed.source};
    struct cache_put put = {.kind = CACHE_DELEGATION,
                            .rank = RANK_REFERRAL,
                            .ttl_s = packed.ttl_s,
                            .owner = found.cut,
                            .payload = packed.octets,
                            .payload_size = (uint32_t)packed.size};
    cache_put(resolver->options.cache, &key, &put, resolver_now_s(resolver));
    if (!delegate_place(resolver, task, &packed)) {
        task_fail(task, EDE_OTHER, "too much memory for one question", false);
        return;
    }
    task_goto(task, TASK_DELEGATE);
}

// --- not understood ------------------------------------------------------------------------------

static void take_no_edns(struct reading *reading, const char *what)
{
    const struct heard *heard = &reading->resolver->heard;
    bool may_be_edns = reading->ask.edns && (!heard->edns.present || heard->rcode == RCODE_BADVERS);
    if (may_be_edns && reading->ask.resends < RESENDS_MAX) {
        // Remembered once a question without EDNS was answered better.
        ask_again(reading, (struct delegate_ask){.resends = (uint8_t)(reading->ask.resends + 1),
                                                 .over_tcp = reading->ask.over_tcp,
                                                 .plain = true,
                                                 .why = "again, without EDNS"});
        return;
    }
    if (!show_whole(reading))
        rule_out(reading, what, false);
}

// Its cookie was kept by now: the next ask has it. A server that wants another one each time is
// asked over TCP, where none is needed (RFC 7873 5.3).
static void take_bad_cookie(struct reading *reading)
{
    if (reading->ask.resends > RESENDS_MAX || reading->ask.over_tcp) {
        rule_out(reading, "BADCOOKIE", false);
        return;
    }
    ask_again(reading, (struct delegate_ask){.resends = (uint8_t)(reading->ask.resends + 1),
                                             .over_tcp = reading->ask.resends == RESENDS_MAX,
                                             .why = "again, with its cookie"});
}

static void take_truncated(struct reading *reading)
{
    if (reading->ask.over_tcp)
        rule_out(reading, "truncated over TCP", false);
    else
        ask_again(reading, (struct delegate_ask){.resends = reading->ask.resends,
                                                 .over_tcp = true,
                                                 .plain = !reading->ask.edns,
                                                 .why = "truncated: again over TCP"});
}

static void take_refusal(struct reading *reading, enum reply_kind kind)
{
    // What a forwarder cannot resolve, or a server cannot say of one name, says nothing of others.
    bool lame = kind != KIND_SERVFAIL && kind != KIND_ODD && !reading->task->delegation.recursive;
    if (show_whole(reading))
        return;
    if (kind == KIND_LAME)
        reading->task->hearsay_of |= 1u << reading->ask.address;
    rule_out(reading, classify_word(kind), lame);
}

// --- a reply that matches ------------------------------------------------------------------------

static void learn_of_server(struct reading *reading)
{
    struct resolver *resolver = reading->resolver;
    const struct heard *heard = &resolver->heard;
    const struct ask_slot *ask = &reading->ask;
    struct servers *servers = resolver->options.servers;
    uint64_t rtt_us = resolver->now_us - ask->sent_us;
    histogram_add(&resolver->counts.rtt, rtt_us, 1);
    servers_replied(servers, &ask->server, (uint32_t)(ask->over_tcp ? rtt_us / 2 : rtt_us),
                    resolver->now_us);
    quota_replied(resolver, reading->task);
    if (heard->edns.cookie_size > COOKIE_CLIENT_SIZE)
        servers_keep_cookie(servers, &ask->server, heard->edns.cookie + COOKIE_CLIENT_SIZE,
                            (uint8_t)(heard->edns.cookie_size - COOKIE_CLIENT_SIZE),
                            resolver->now_us);
    bool understood = heard->rcode == RCODE_NOERROR || heard->rcode == RCODE_NXDOMAIN;
    if (!ask->edns && ask->resends > 0 && understood)
        servers_learn(servers, &ask->server, SERVER_NO_EDNS, resolver->now_us);
}

static void take_reply(struct reading *reading, const struct classified *classified)
{
    enum reply_kind kind = classified->kind;
    switch (kind) {
    case KIND_ANSWER:
    case KIND_ALIAS:
    case KIND_NODATA:
    case KIND_NXDOMAIN: take_answer(reading, classified); break;
    case KIND_REFERRAL: take_referral(reading, classified); break;
    case KIND_TRUNCATED: take_truncated(reading); break;
    case KIND_FORMERR:
    case KIND_NOTIMP:
    case KIND_BADVERS: take_no_edns(reading, classify_word(kind)); break;
    case KIND_BADCOOKIE: take_bad_cookie(reading); break;
    case KIND_UPWARD:
    case KIND_LAME:
    case KIND_REFUSED:
    case KIND_SERVFAIL:
    case KIND_ODD: take_refusal(reading, kind); break;
    }
}

static void tell_reply(const struct reading *reading, const struct classified *classified)
{
    if (!reading->task->trace)
        return;
    char text[NAME_TEXT_MAX + 32], name[NAME_TEXT_MAX];
    snprintf(text, sizeof text, "%s", classify_word(classified->kind));
    if (classified->kind == KIND_REFERRAL) {
        name_print(classified->cut, name);
        snprintf(text, sizeof text, "referral to %s", name);
    }
    tell(reading, STEP_REPLY, text);
}

static struct reading begin(struct resolver *resolver, const struct ask_slot *ask)
{
    struct task *task = ask->task;
    struct reading reading = {.resolver = resolver, .task = task};
    memcpy(&reading.ask, ask, offsetof(struct ask_slot, octets));
    reading.question = (struct classify_question){
        .chain = {.name = name_suffix(task->goal, ask->labels),
                  .type = ask->type,
                  .zone = task->delegation.cut},
        .recursive = task->delegation.recursive,
        .hearsay = task->hearsay,
    };
    return reading;
}

static enum reply_verdict read_match(struct resolver *resolver, struct ask_slot *ask)
{
    struct reading reading = begin(resolver, ask);
    struct task *task = reading.task;
    struct classified *classified = &resolver->classified;
    asks_end(resolver, ask);
    resolver->counts.replies++;
    learn_of_server(&reading);
    task_goto(task, TASK_READ);
    classify(&resolver->heard, &reading.question, classified);
    tell_reply(&reading, classified);
    if (task_charge(resolver, task, resolver->heard.size))
        take_reply(&reading, classified);
    else
        task_goto(task, TASK_CHOOSE); // it ends there
    tasks_make_ready(resolver, task);
    return REPLY_TAKEN;
}

// --- a reply that does not -----------------------------------------------------------------------

static enum reply_verdict pass_over(struct resolver *resolver, struct ask_slot *ask)
{
    struct reading reading = begin(resolver, ask);
    resolver->counts.ignored++;
    tell(&reading, STEP_BAD_REPLY, "malformed");
    if (!ask->over_tcp)
        return REPLY_IGNORED;
    read_failure(resolver, ask, ASK_CLOSED); // nobody else speaks on that stream
    return REPLY_SUSPECT;
}

static enum reply_verdict suspect(struct resolver *resolver, struct ask_slot *ask, const char *what,
                                  bool other_case)
{
    struct reading reading = begin(resolver, ask);
    resolver->counts.suspect++;
    tell(&reading, STEP_BAD_REPLY, what);
    if (ask->over_tcp) {
        read_failure(resolver, ask, ASK_CLOSED);
        return REPLY_SUSPECT;
    }
    if (!other_case)
        servers_learn(resolver->options.servers, &ask->server, SERVER_TCP_ONLY, resolver->now_us);
    asks_end(resolver, ask);
    task_goto(reading.task, TASK_READ);
    ask_again(&reading, (struct delegate_ask){.resends = reading.ask.resends,
                                              .over_tcp = true,
                                              .other_case = other_case,
                                              .plain = !reading.ask.edns,
                                              .why = "somebody guesses: again over TCP"});
    tasks_make_ready(resolver, reading.task);
    return REPLY_SUSPECT;
}

// RFC 7873 5.3: a cookie that is there must be ours.
static bool has_wrong_cookie(const struct heard *heard, const struct ask_slot *ask)
{
    if (heard->edns.cookie_size == 0 || !ask->edns)
        return false;
    size_t at = HEADER_SIZE;
    bool good = message_skip_name(ask->octets, ask->size, &at);
    assert(good);
    (void)good;
    const uint8_t *ours = ask->octets + at + 4 + 11 + 4; // behind question, OPT, option's head
    return memcmp(heard->edns.cookie, ours, COOKIE_CLIENT_SIZE) != 0;
}

// Over TCP nobody guesses: what letters look like there is what the server does with them.
static void learn_of_case(struct resolver *resolver, const struct ask_slot *ask, bool same)
{
    struct servers *servers = resolver->options.servers;
    if (ask->over_tcp && !same)
        servers_learn(servers, &ask->server, SERVER_NO_CASE, resolver->now_us);
    else if (ask->over_tcp && ask->other_case)
        servers_learn(servers, &ask->server, SERVER_TCP_ONLY, resolver->now_us);
}

// Names in the reply that are compressed into the question would bring our mixed letters into the
// cache and to clients: the question gets those that it was asked with.
static void unmix(const struct ask_slot *ask, uint8_t *octets)
{
    struct name plain = name_suffix(ask->task->goal, ask->labels);
    memcpy(octets + HEADER_SIZE, plain.wire, plain.size); // it is the same name (asking_compare)
}

enum reply_verdict read_reply(struct resolver *resolver, struct ask_slot *ask, uint8_t *octets,
                              size_t size)
{
    bool same = true;
    switch (asking_compare(ask->octets, ask->size, octets, size)) {
    case MATCH_NO_SENSE: return pass_over(resolver, ask);
    case MATCH_NOT: return suspect(resolver, ask, "another ID or question", false);
    case MATCH_CASE:
        same = false;
        if (ask->mixed && !ask->over_tcp)
            return suspect(resolver, ask, "letters of another case", true);
        break;
    case MATCH_YES: break;
    }
    if (!heard_read(&resolver->heard, octets, size, resolver->options.secret))
        return pass_over(resolver, ask);
    if (ask->mixed)
        unmix(ask, octets);
    if (has_wrong_cookie(&resolver->heard, ask))
        return suspect(resolver, ask, "another cookie", false);
    learn_of_case(resolver, ask, same || !ask->mixed);
    return read_match(resolver, ask);
}

static const char *failure_word(enum ask_failure failure)
{
    switch (failure) {
    case ASK_UNREACHABLE: return "unreachable";
    case ASK_REFUSED: return "nobody listens there";
    case ASK_CLOSED: return "closed the connection";
    case ASK_NO_ROOM: return "no socket to ask it from";
    }
    return "failed";
}

void read_no_case(struct resolver *resolver, const struct ask_slot *ask)
{
    servers_learn(resolver->options.servers, &ask->server, SERVER_NO_CASE, resolver->now_us);
}

void read_failure(struct resolver *resolver, struct ask_slot *ask, enum ask_failure failure)
{
    struct reading reading = begin(resolver, ask);
    struct task *task = reading.task;
    tell(&reading, STEP_FAILED, failure_word(failure));
    task_blame(task, &ask->server, failure_word(failure));
    if (ask->other_case)
        read_no_case(resolver, ask);
    else if (failure != ASK_NO_ROOM)
        servers_failed(resolver->options.servers, &ask->server, SERVER_UNREACHABLE, 0,
                       resolver->now_us);
    bool is_word = failure == ASK_UNREACHABLE || failure == ASK_REFUSED;
    // What fails at once, again and again, would take all packets before there was time to wait.
    if ((is_word && !ask->other_case) || task->tries[ask->address] >= CHOOSE_TRIES_MAX)
        task->excluded |= 1u << ask->address;
    asks_end(resolver, ask);
    if (task->state == TASK_ASK)
        task_goto(task, TASK_CHOOSE);
    tasks_make_ready(resolver, task);
}
