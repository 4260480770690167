// What health checks say (commands_health.h).
#include "daemon/commands_health.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/reply.h"

static void put_target(struct json *json, const struct checked *target, uint64_t now_ms)
{
    const struct health_state *state = &target->state;
    char address[ADDRESS_TEXT_MAX];
    address_print_host(&target->address, address);
    json_open_object(json, NULL);
    json_text(json, "check", target->check->name);
    json_text(json, "address", address);
    json_text(json, "state", health_word(state->verdict));
    if (state->changed_ms)
        json_number(json, "since_s", (int64_t)((now_ms - state->changed_ms) / 1000));
    json_number(json, "good", state->good);
    json_number(json, "bad", state->bad);
    if (state->ended_ms) {
        json_text(json, "words", target->words);
        json_number(json, "last_s", (int64_t)((now_ms - state->ended_ms) / 1000));
    }
    bool waits = !state->is_running && state->due_ms > now_ms;
    json_number(json, "next_s", waits ? (int64_t)((state->due_ms - now_ms + 999) / 1000) : 0);
    json_close_object(json);
}

void command_run_health(struct daemon *daemon, struct control_client *client, json_t *request)
{
    const struct checking *checking = &daemon->checking;
    uint64_t now_ms = clock_now_ms();
    struct reply reply;
    (void)request;
    reply_begin(&reply, 0);
    json_open_array(&reply.json, "targets");
    for (size_t i = 0; i < checking->count; i++)
        put_target(&reply.json, &checking->targets[i], now_ms);
    json_close_array(&reply.json);
    reply_send(daemon, client, &reply, false);
}

static size_t count_of(const struct checking *checking, enum health verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < checking->count; i++)
        count += checking->targets[i].state.verdict == verdict;
    return count;
}

void commands_health_count(const struct checking *checking, struct json *json)
{
    if (checking->count == 0)
        return;
    json_open_object(json, "health");
    for (enum health verdict = HEALTH_UNKNOWN; verdict <= HEALTH_DOWN; verdict++)
        json_number(json, health_word(verdict), (int64_t)count_of(checking, verdict));
    json_close_object(json);
}

static void put_label(const char *text, struct buffer *to)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(to, '\\');
        buffer_add_char(to, *text);
    }
}

void commands_health_metrics(const struct checking *checking, struct buffer *to)
{
    if (checking->count == 0)
        return;
    buffer_add_text(to, "# HELP onym_health_up Whether health checks find the address well.\n"
                        "# TYPE onym_health_up gauge\n");
    for (size_t i = 0; i < checking->count && i < METRICS_TARGETS_MAX; i++) {
        const struct checked *target = &checking->targets[i];
        char address[ADDRESS_TEXT_MAX];
        address_print_host(&target->address, address);
        buffer_add_text(to, "onym_health_up{check=\"");
        put_label(target->check->name, to);
        buffer_format(to, "\",address=\"%s\"} %d\n", address, target->state.verdict != HEALTH_DOWN);
    }
    buffer_format(to,
                  "# HELP onym_health_changes_total Addresses that went up or down.\n"
                  "# TYPE onym_health_changes_total counter\n"
                  "onym_health_changes_total %" PRIu64 "\n"
                  "# HELP onym_checks_total Health checks, by result.\n"
                  "# TYPE onym_checks_total counter\n"
                  "onym_checks_total{result=\"good\"} %" PRIu64 "\n"
                  "onym_checks_total{result=\"bad\"} %" PRIu64 "\n",
                  checking->changes, checking->good, checking->bad);
}
