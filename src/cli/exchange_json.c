// The machine's form of a reply (exchange_json.h).
//
//   {"v":1, "server":"192.0.2.53:53", "transport":"udp", "outcome":"answer",
//    "question":{"name","class","type"},
//    "id", "opcode", "rcode", "flags":["qr","aa"], "edns":{"version","do","payload","nsid",...},
//    "answer":[{"name","ttl","class","type","data"}], "authority":[...], "additional":[...],
//    "rtt_ms", "octets"}                     from "id" on only if there was a good reply; else
//    "problem"
#include "cli/exchange_json.h"

#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/buffer.h"
#include "base/json.h"
#include "cli/exchange.h"
#include "cli/exchange_text.h"
#include "cli/idn.h"
#include "dns/rdata.h"
#include "dns/type.h"

static void put_question(struct json *json, struct name name, uint16_t class, uint16_t type)
{
    char text[NAME_TEXT_MAX], class_text[CLASS_TEXT_MAX], type_text[TYPE_TEXT_MAX];
    name_print(name, text);
    class_print(class, class_text);
    type_print(type, type_text);
    json_text(json, "name", text);
    struct buffer unicode = {0};
    if (idn_to_unicode(name, &unicode))
        json_text(json, "unicode", buffer_text(&unicode));
    buffer_free(&unicode);
    json_text(json, "class", class_text);
    json_text(json, "type", type_text);
}

static void put_hex(struct json *json, const char *key, struct response_option option)
{
    struct buffer text = {0};
    for (size_t i = 0; i < option.size; i++)
        buffer_format(&text, "%02x", option.octets[i]);
    json_text(json, key, buffer_text(&text));
    buffer_free(&text);
}

static void put_header(struct json *json, const struct response *response)
{
    static const struct {
        uint16_t bit;
        const char *word;
    } bits[] = {{FLAG_QR, "qr"}, {FLAG_AA, "aa"}, {FLAG_TC, "tc"}, {FLAG_RD, "rd"},
                {FLAG_RA, "ra"}, {0x40, "z"},     {FLAG_AD, "ad"}, {FLAG_CD, "cd"}};
    json_number(json, "id", response->id);
    const char *opcode = opcode_word(message_opcode(response->flags));
    if (opcode)
        json_text(json, "opcode", opcode);
    else
        json_number(json, "opcode", message_opcode(response->flags));
    const char *rcode = rcode_word(response->rcode);
    char number[16];
    snprintf(number, sizeof number, "RCODE%u", response->rcode);
    json_text(json, "rcode", rcode ? rcode : number);
    json_open_array(json, "flags");
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        if (response->flags & bits[i].bit)
            json_text(json, NULL, bits[i].word);
    json_close_array(json);
}

static void put_edns(struct json *json, const struct response *response)
{
    if (!response->edns)
        return;
    json_open_object(json, "edns");
    json_number(json, "version", response->version);
    json_bool(json, "do", response->dnssec_ok);
    json_number(json, "payload", response->payload);
    if (response->nsid.octets) {
        json_octets(json, "nsid", (const char *)response->nsid.octets, response->nsid.size);
        put_hex(json, "nsid_hex", response->nsid);
    }
    if (response->cookie.octets)
        put_hex(json, "cookie", response->cookie);
    json_open_array(json, "ede");
    for (size_t i = 0; i < response->ede_count; i++) {
        const struct response_option *text = &response->edes[i].text;
        json_open_object(json, NULL);
        json_number(json, "code", response->edes[i].code);
        const char *words = response_ede_words(response->edes[i].code);
        if (words)
            json_text(json, "words", words);
        json_octets(json, "text", (const char *)text->octets, text->size);
        json_close_object(json);
    }
    json_close_array(json);
    json_close_object(json);
}

static void put_section(struct json *json, const char *key, const struct response *response,
                        enum section section)
{
    struct buffer data = {0};
    json_open_array(json, key);
    for (size_t i = 0; i < response->count; i++) {
        const struct response_record *record = &response->records[i];
        if (record->section != section)
            continue;
        json_open_object(json, NULL);
        put_question(json, record->owner, record->class, record->type);
        json_number(json, "ttl", record->ttl);
        buffer_clear(&data);
        rdata_print(record->type, record->rdata, record->rdata_size, &data);
        json_text(json, "data", buffer_text(&data));
        json_close_object(json);
    }
    json_close_array(json);
    buffer_free(&data);
}

static void put_problem(struct json *json, const struct exchange *exchange)
{
    switch (exchange->ask.result) {
    case ASK_NO_SERVER: json_text(json, "problem", strerror(exchange->ask.error)); break;
    case ASK_TIMED_OUT: json_number(json, "tries", exchange->ask.sent); break;
    case ASK_BAD_REPLY:
    case ASK_REPLIED: json_text(json, "problem", exchange->problem); break;
    }
}

void exchange_json(const struct exchange *exchange, const struct exchange_view *view,
                   struct buffer *to)
{
    char server[ADDRESS_TEXT_MAX];
    address_print(view->server, server);
    const struct request *request = &exchange->request;
    const struct response *response = &exchange->response;
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "server", server);
    json_text(&json, "transport", exchange->ask.over_tcp ? "tcp" : "udp");
    json_text(&json, "outcome", outcome_word(exchange->outcome));
    json_open_object(&json, "question");
    put_question(&json, request->name, request->class, request->type);
    json_close_object(&json);
    if (exchange->outcome >= OUTCOME_BAD_REPLY) {
        put_problem(&json, exchange);
    } else {
        put_header(&json, response);
        put_edns(&json, response);
        put_section(&json, "answer", response, SECTION_ANSWER);
        put_section(&json, "authority", response, SECTION_AUTHORITY);
        put_section(&json, "additional", response, SECTION_ADDITIONAL);
        json_double(&json, "rtt_ms", exchange->ask.rtt_us / 1000.0);
        json_number(&json, "octets", (int64_t)response->size);
    }
    json_close_object(&json);
    buffer_add_char(to, '\n');
}
