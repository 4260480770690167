// Replies as text (exchange_text.h). What a server says is a stranger's text: names and rdata are
// printed with escapes, the rest goes through output_clean.
#include "cli/exchange_text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "cli/exchange.h"
#include "cli/idn.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "dns/edns.h"
#include "dns/rdata.h"
#include "dns/type.h"

// An empty line between two parts, but none at the start.
static void add_gap(struct buffer *to)
{
    if (to->size > 0)
        buffer_add_char(to, '\n');
}

static void add_rcode(struct buffer *to, unsigned rcode)
{
    const char *word = rcode_word(rcode);
    if (word)
        buffer_add_text(to, word);
    else
        buffer_format(to, "RCODE%u", rcode);
}

static void add_type(struct buffer *to, uint16_t type)
{
    char text[TYPE_TEXT_MAX];
    type_print(type, text);
    buffer_add_text(to, text);
}

static void add_hex(struct buffer *to, const uint8_t *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buffer_format(to, "%02x", octets[i]);
}

static void add_ms(struct buffer *to, uint64_t us)
{
    buffer_format(to, us < 100000 ? "%.1f ms" : "%.0f ms", (double)us / 1000);
}

// --- header and EDNS -----------------------------------------------------------------------------

static const char *colour_of(enum outcome outcome)
{
    return outcome == OUTCOME_ANSWER ? "32" : outcome <= OUTCOME_NXDOMAIN ? "33" : "1;31";
}

static void add_flags(struct buffer *to, uint16_t flags)
{
    static const struct {
        uint16_t bit;
        const char *word;
    } bits[] = {{FLAG_QR, "qr"}, {FLAG_AA, "aa"}, {FLAG_TC, "tc"}, {FLAG_RD, "rd"},
                {FLAG_RA, "ra"}, {0x40, "z"},     {FLAG_AD, "ad"}, {FLAG_CD, "cd"}};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (flags & bits[i].bit)
            buffer_format(to, " %s", bits[i].word);
}

static void add_header(struct buffer *to, const struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    struct buffer status = {0};
    add_rcode(&status, response->rcode);
    buffer_add_text(to, ";; status: ");
    output_paint(to, colour_of(exchange->outcome), buffer_text(&status));
    buffer_free(&status);
    if (exchange->outcome >= OUTCOME_NODATA && exchange->outcome <= OUTCOME_NXDOMAIN)
        buffer_format(to, " (%s)", outcome_words(exchange->outcome));
    if (message_opcode(response->flags) != OPCODE_QUERY)
        buffer_format(to, ", opcode: %u", message_opcode(response->flags));
    buffer_add_text(to, ", flags:");
    add_flags(to, response->flags);
    buffer_format(to, ", id: %u\n", response->id);
}

// RFC 5001 2.3: any octets. Most are text.
static void add_nsid(struct buffer *to, struct response_option nsid)
{
    buffer_add_text(to, ";; NSID: \"");
    output_clean(to, (const char *)nsid.octets, nsid.size);
    buffer_add_text(to, "\" (");
    add_hex(to, nsid.octets, nsid.size);
    buffer_add_text(to, ")\n");
}

// RFC 7873 5.3: our half must come back as it went.
static void add_cookie(struct buffer *to, const struct exchange *exchange)
{
    struct response_option cookie = exchange->response.cookie;
    buffer_add_text(to, ";; cookie: ");
    add_hex(to, cookie.octets, cookie.size);
    bool ours = exchange->request.cookie_size >= COOKIE_CLIENT_SIZE &&
                memcmp(cookie.octets, exchange->request.cookie, COOKIE_CLIENT_SIZE) == 0;
    if (!ours)
        buffer_add_text(to, " (bad: the first half is not ours)\n");
    else if (cookie.size == COOKIE_CLIENT_SIZE)
        buffer_add_text(to, " (only our own half)\n");
    else
        buffer_add_text(to,
                        exchange->cookie_renewed ? " (good, on the second try)\n" : " (good)\n");
}

static void add_ede(struct buffer *to, const struct response *response, size_t index)
{
    unsigned code = response->edes[index].code;
    struct response_option text = response->edes[index].text;
    const char *words = response_ede_words(code);
    buffer_format(to, ";; EDE: %u%s%s", code, words ? " " : "", words ? words : "");
    if (text.size) {
        buffer_add_text(to, ": ");
        output_clean(to, (const char *)text.octets, text.size);
    }
    buffer_add_char(to, '\n');
}

static void add_edns(struct buffer *to, const struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    if (!response->edns)
        return;
    buffer_format(to, ";; EDNS: version %u,%s payload %u\n", response->version,
                  response->dnssec_ok ? " do," : "", response->payload);
    if (response->nsid.octets)
        add_nsid(to, response->nsid);
    if (response->cookie.octets)
        add_cookie(to, exchange);
    if (response->keepalive.size == 2)
        buffer_format(to, ";; keepalive: %.1f s\n",
                      (response->keepalive.octets[0] << 8 | response->keepalive.octets[1]) / 10.0);
    for (size_t i = 0; i < response->ede_count; i++)
        add_ede(to, response, i);
}

static void add_warnings(struct buffer *to, const struct exchange *exchange)
{
    const struct response *response = &exchange->response;
    if (exchange->truncated)
        buffer_add_text(to, ";; truncated over UDP, asked again over TCP\n");
    else if (response->flags & FLAG_TC)
        buffer_add_text(to, ";; warning: truncated, there is more\n");
    if (response->problem)
        buffer_format(to, ";; warning: %s\n", response->problem);
    if (response->left_over)
        buffer_format(to, ";; warning: %zu octets behind the last record\n", response->left_over);
    if (exchange->request.edns && !response->edns && exchange->outcome == OUTCOME_ERROR)
        buffer_add_text(to, ";; warning: no EDNS in the reply; try +noedns\n");
    if (exchange->request.flags & FLAG_RD && !(response->flags & FLAG_RA) &&
        exchange->outcome == OUTCOME_REFERRAL)
        buffer_add_text(to, ";; warning: recursion was wanted and is not available\n");
    if (exchange->ask.over_tcp &&
        (exchange->request.type == TYPE_AXFR || exchange->request.type == TYPE_IXFR))
        buffer_add_text(to, ";; warning: of a transfer only the first message is shown\n");
    if (exchange->ask.strays)
        buffer_format(to, ";; warning: %u other messages came and were ignored\n",
                      exchange->ask.strays);
}

// --- one reply -----------------------------------------------------------------------------------

static void add_question(struct buffer *to, const struct response_record *question, bool unicode)
{
    if (question->owner.size == 0)
        return;
    char name[NAME_TEXT_MAX], class[CLASS_TEXT_MAX], type[TYPE_TEXT_MAX];
    name_print(question->owner, name);
    class_print(question->class, class);
    type_print(question->type, type);
    add_gap(to);
    output_paint(to, "1", ";; QUESTION");
    buffer_format(to, "\n;%s %s %s", name, class, type);
    struct buffer text = {0};
    if (unicode && idn_to_unicode(question->owner, &text))
        buffer_format(to, " ; %s", buffer_text(&text));
    buffer_free(&text);
    buffer_add_char(to, '\n');
}

static void add_sections(struct buffer *to, const struct response *response, unsigned parts,
                         bool unicode)
{
    static const struct {
        enum query_part part;
        const char *title;
    } sections[] = {
        [SECTION_ANSWER] = {PART_ANSWER, ";; ANSWER"},
        [SECTION_AUTHORITY] = {PART_AUTHORITY, ";; AUTHORITY"},
        [SECTION_ADDITIONAL] = {PART_ADDITIONAL, ";; ADDITIONAL"},
    };
    struct listing listing = {.unicode = unicode};
    size_t counts[SECTION_ADDITIONAL + 1] = {0};
    for (size_t i = 0; i < response->count; i++) {
        enum section section = response->records[i].section;
        if (!(parts & sections[section].part))
            continue;
        listing_add(&listing, &response->records[i]);
        counts[section]++;
    }
    size_t first = 0;
    for (enum section section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++) {
        if (counts[section] == 0)
            continue;
        if (parts & PART_COMMENTS) {
            add_gap(to);
            output_paint(to, "1", sections[section].title);
            buffer_add_char(to, '\n');
        }
        listing_print(&listing, first, counts[section], to);
        first += counts[section];
    }
    listing_free(&listing);
}

static void add_server(struct buffer *to, const struct exchange_view *view)
{
    char server[ADDRESS_TEXT_MAX];
    address_print(view->server, server);
    buffer_format(to, ";; %s", server);
    struct address again;
    if (!address_parse(view->server_text, 53, &again))
        buffer_format(to, " (%s)", view->server_text);
}

static void add_stats(struct buffer *to, const struct exchange *exchange,
                      const struct exchange_view *view)
{
    char date[32];
    time_t now = (time_t)clock_date_s();
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    add_gap(to);
    add_server(to, view);
    buffer_add_text(to, exchange->ask.over_tcp ? ", tcp, " : ", udp, ");
    add_ms(to, exchange->ask.rtt_us);
    buffer_format(to, ", %zu octets, %s\n", exchange->response.size, date);
}

static bool has_reply(const struct exchange *exchange)
{
    return exchange->outcome < OUTCOME_BAD_REPLY;
}

void exchange_text(const struct exchange *exchange, const struct exchange_view *view,
                   struct buffer *to)
{
    if (!has_reply(exchange))
        return;
    unsigned parts = view->query->parts;
    bool unicode = output_is_utf8_screen();
    if (parts & PART_COMMENTS) {
        add_header(to, exchange);
        add_edns(to, exchange);
        add_warnings(to, exchange);
    }
    if (parts & PART_QUESTION)
        add_question(to, &exchange->response.question, unicode);
    add_sections(to, &exchange->response, parts, unicode);
    if (parts & PART_STATS)
        add_stats(to, exchange, view);
}

void exchange_text_brief(const struct exchange *exchange, struct buffer *to)
{
    const struct response *response = &exchange->response;
    for (size_t i = 0; has_reply(exchange) && i < response->count; i++) {
        const struct response_record *record = &response->records[i];
        if (record->section != SECTION_ANSWER)
            continue;
        rdata_print(record->type, record->rdata, record->rdata_size, to);
        buffer_add_char(to, '\n');
    }
}

// --- all types -----------------------------------------------------------------------------------

// The questions with one outcome: "A AAAA MX", or "all 26 types".
static size_t add_types(struct buffer *to, const struct exchange *exchanges, size_t count,
                        enum outcome outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += exchanges[i].outcome == outcome;
    if (found == count && count > 4) {
        buffer_format(to, "all %zu types", count);
        return found;
    }
    size_t added = 0;
    for (size_t i = 0; i < count; i++) {
        if (exchanges[i].outcome != outcome)
            continue;
        if (added++ > 0)
            buffer_add_char(to, ' ');
        add_type(to, exchanges[i].request.type);
    }
    return found;
}

static void add_outcomes(struct buffer *to, const struct exchange *exchanges, size_t count)
{
    for (enum outcome outcome = OUTCOME_NODATA; outcome < OUTCOME_BAD_REPLY; outcome++) {
        struct buffer types = {0};
        if (add_types(&types, exchanges, count, outcome)) {
            buffer_add_text(to, ";; ");
            output_paint(to, colour_of(outcome), outcome_words(outcome));
            buffer_format(to, ": %s\n", buffer_text(&types));
        }
        buffer_free(&types);
    }
}

// What the server added to say why, each once.
static void add_reasons(struct buffer *to, const struct exchange *exchanges, size_t count)
{
    struct buffer told = {0}, line = {0};
    for (size_t i = 0; i < count; i++) {
        const struct response *response = &exchanges[i].response;
        for (size_t k = 0; has_reply(&exchanges[i]) && k < response->ede_count; k++) {
            buffer_clear(&line);
            add_ede(&line, response, k);
            if (!strstr(buffer_text(&told), buffer_text(&line)))
                buffer_add_text(&told, buffer_text(&line));
        }
    }
    buffer_add_text(to, buffer_text(&told));
    buffer_free(&told);
    buffer_free(&line);
}

void exchange_text_all(const struct exchange *exchanges, const struct exchange_view *view,
                       struct buffer *to)
{
    size_t count = view->query->type_count;
    struct listing listing = {.unicode = output_is_utf8_screen()};
    bool replied = false;
    for (size_t i = 0; i < count; i++) {
        const struct response *response = &exchanges[i].response;
        replied = replied || has_reply(&exchanges[i]);
        for (size_t k = 0; has_reply(&exchanges[i]) && k < response->count; k++)
            if (response->records[k].section == SECTION_ANSWER)
                listing_add_new(&listing, &response->records[k]);
    }
    listing_print(&listing, 0, listing.count, to);
    listing_free(&listing);
    if (view->query->parts & PART_COMMENTS) {
        add_outcomes(to, exchanges, count);
        add_reasons(to, exchanges, count);
    }
    if (replied && view->query->parts & PART_STATS) {
        add_server(to, view);
        buffer_format(to, ", %zu questions, ", count);
        add_ms(to, view->total_us);
        buffer_add_char(to, '\n');
    }
}

// --- what went wrong -----------------------------------------------------------------------------

static const char *find_hint(const struct exchange *exchange)
{
    switch (exchange->ask.result) {
    case ASK_NO_SERVER:
        return exchange->ask.error == ECONNREFUSED
                   ? "nothing listens there: is the server running, and is the port right?"
                   : NULL;
    case ASK_TIMED_OUT:
        if (!exchange->ask.over_tcp)
            return "is UDP let through on the way? try +tcp";
        return exchange->ask.sent ? "the server took the connection and said nothing"
                                  : "nobody took the connection: is TCP let through on the way?";
    case ASK_BAD_REPLY:
    case ASK_REPLIED: break;
    }
    return NULL;
}

static void complain(const struct exchange *exchange, const struct exchange_view *view,
                     const char *types)
{
    char server[ADDRESS_TEXT_MAX], name[NAME_TEXT_MAX];
    address_print(view->server, server);
    name_print(exchange->request.name, name);
    const struct ask *ask = &exchange->ask;
    const char *transport = ask->over_tcp ? "TCP" : "UDP";
    const char *before = exchange->truncated ? "truncated over UDP; " : "";
    uint32_t wait_s = view->query->time_ms / 1000 * view->query->tries;
    const char *hint = find_hint(exchange);
    if (exchange->outcome == OUTCOME_NO_SERVER)
        output_complain(hint, "%sno server at %s (%s): %s", before, server, transport,
                        strerror(ask->error));
    else if (exchange->outcome == OUTCOME_TIMED_OUT)
        output_complain(hint, "%sno reply from %s (%s) within %u s: %s %s", before, server,
                        transport, wait_s, name, types);
    else
        output_complain(hint, "%sbad reply from %s (%s): %s: %s %s", before, server, transport,
                        exchange->problem, name, types);
}

static bool is_same(const struct exchange *a, const struct exchange *b)
{
    return a->outcome == b->outcome && a->problem == b->problem && a->ask.error == b->ask.error;
}

void exchange_text_complain(const struct exchange *exchanges, const struct exchange_view *view)
{
    size_t count = view->query->type_count;
    for (size_t i = 0; i < count; i++) {
        bool told = has_reply(&exchanges[i]);
        for (size_t k = 0; k < i; k++)
            told = told || is_same(&exchanges[k], &exchanges[i]);
        if (told)
            continue;
        struct buffer types = {0};
        for (size_t k = i; k < count; k++) {
            if (!is_same(&exchanges[k], &exchanges[i]))
                continue;
            if (types.size)
                buffer_add_char(&types, ' ');
            add_type(&types, exchanges[k].request.type);
        }
        complain(&exchanges[i], view, buffer_text(&types));
        buffer_free(&types);
    }
}
