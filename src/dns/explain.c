// Answers and steps as JSON (explain.h).
#include "dns/explain.h"

#include <stdio.h>

#include "base/buffer.h"
#include "dns/rdata_print.h"

static void put_name(struct json *json, const char *key, struct name name)
{
    char text[NAME_TEXT_MAX];
    name_print(name, text);
    json_text(json, key, text);
}

static void put_type(struct json *json, uint16_t type)
{
    char text[TYPE_TEXT_MAX];
    type_print(type, text);
    json_text(json, "type", text);
}

static void put_rcode(struct json *json, uint16_t rcode)
{
    char number[16];
    const char *word = rcode_word(rcode);
    snprintf(number, sizeof number, "RCODE%u", rcode);
    json_text(json, "rcode", word ? word : number);
}

// --- the answer ----------------------------------------------------------------------------------

static void put_record(struct json *json, const struct answer_rrset *rrset, uint16_t type,
                       const uint8_t *entry)
{
    struct buffer data = {0};
    json_open_object(json, NULL);
    put_name(json, "name", rrset->owner);
    json_number(json, "ttl", rrset->ttl);
    put_type(json, type);
    rdata_print(type, rrset_rdata(entry), rrset_rdata_size(entry), &data);
    json_text(json, "data", buffer_text(&data));
    json_close_object(json);
    buffer_free(&data);
}

static void put_rrset(struct json *json, const struct answer_rrset *rrset)
{
    const uint8_t *entry = rrset->rrset->body;
    for (unsigned i = 0; i < rrset->rrset->count; i++, entry = rrset_next(entry))
        if (rrset->part != PART_SIGNATURES)
            put_record(json, rrset, rrset->rrset->type, entry);
    for (unsigned i = 0; i < rrset->rrset->signatures; i++, entry = rrset_next(entry))
        if (rrset->part != PART_DATA)
            put_record(json, rrset, TYPE_RRSIG, entry);
}

void explain_question(struct name name, uint16_t type, struct json *json)
{
    char name_text[NAME_TEXT_MAX], type_text[TYPE_TEXT_MAX];
    name_print(name, name_text);
    type_print(type, type_text);
    json_text(json, "name", name_text);
    json_text(json, "type", type_text);
}

void explain_answer(const struct answer *answer, struct json *json)
{
    static const char *const sections[] = {[SECTION_ANSWER] = "answer",
                                           [SECTION_AUTHORITY] = "authority",
                                           [SECTION_ADDITIONAL] = "additional"};
    put_rcode(json, answer->rcode);
    json_text(json, "reason", answer_reason_word((enum answer_reason)answer->reason));
    if (answer->ede != EDE_NONE) {
        json_open_object(json, "ede");
        json_number(json, "code", answer->ede);
        if (answer->ede_text)
            json_text(json, "text", answer->ede_text);
        json_close_object(json);
    }
    for (unsigned section = SECTION_ANSWER; section <= SECTION_ADDITIONAL; section++) {
        json_open_array(json, sections[section]);
        for (unsigned i = 0; i < answer->count; i++)
            if (answer->rrsets[i].section == section)
                put_rrset(json, &answer->rrsets[i]);
        json_close_array(json);
    }
}

// --- the steps -----------------------------------------------------------------------------------

// Does this step tell of a reply, so that its RCODE means something?
static bool has_rcode(enum step step)
{
    return step == STEP_REPLY || step == STEP_DONE || step == STEP_KNOWN || step == STEP_STALE;
}

static void put_step(struct json *json, const struct trace_step *step)
{
    json_open_object(json, NULL);
    json_text(json, "step", trace_word(step->step));
    json_number(json, "task", step->task);
    json_number(json, "depth", step->depth);
    json_double(json, "at_ms", (double)step->at_us / 1000);
    if (step->name.size)
        put_name(json, "name", step->name);
    if (step->type)
        put_type(json, step->type);
    if (step->server.size)
        put_name(json, "server", step->server);
    if (step->address.size) {
        char text[ADDRESS_TEXT_MAX];
        address_print(&step->address, text);
        json_text(json, "address", text);
        json_text(json, "transport", step->over_tcp ? "tcp" : "udp");
    }
    if (step->rtt_us)
        json_double(json, "rtt_ms", step->rtt_us / 1000.0);
    if (has_rcode(step->step))
        put_rcode(json, step->rcode);
    if (step->ttl_s)
        json_number(json, "ttl", step->ttl_s);
    if (step->ask)
        json_number(json, "ask", step->ask);
    if (step->text)
        json_text(json, "text", step->text);
    json_close_object(json);
}

void explain_steps(const struct trace *trace, struct json *json)
{
    json_open_array(json, "steps");
    for (const struct trace_step *step = trace->first; step; step = step->next)
        put_step(json, step);
    json_close_array(json);
}
