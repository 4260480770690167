// Messages between daemon and checker (probe.h).
#include "policy/probe.h"

#include <string.h>

struct head {
    uint64_t id;
    struct address address;
    uint32_t timeout_ms;
    uint16_t kind, verify, status_count;
    uint16_t statuses[PROBE_STATUSES_MAX];
};

static bool put_text(uint8_t *message, size_t *size, const char *text)
{
    size_t length = strlen(text) + 1;
    if (length > PROBE_MESSAGE_MAX - *size)
        return false;
    memcpy(message + *size, text, length);
    *size += length;
    return true;
}

size_t probe_write(const struct probe *probe, uint8_t message[static PROBE_MESSAGE_MAX])
{
    struct head head;
    size_t size = sizeof head;
    memset(&head, 0, sizeof head); // its gaps, too
    head.id = probe->id;
    head.address = probe->address;
    head.timeout_ms = probe->timeout_ms;
    head.kind = (uint16_t)probe->kind;
    head.verify = probe->verify;
    head.status_count = probe->status_count;
    memcpy(head.statuses, probe->statuses, sizeof head.statuses);
    memcpy(message, &head, sizeof head);
    bool good = put_text(message, &size, probe->host) && put_text(message, &size, probe->path) &&
                put_text(message, &size, probe->text);
    return good ? size : 0;
}

static const char *take_text(const uint8_t *message, size_t size, size_t *at)
{
    const char *text = (const char *)message + *at;
    const char *end = memchr(text, 0, size - *at);
    if (!end)
        return NULL;
    *at += (size_t)(end - text) + 1;
    return text;
}

bool probe_read(const uint8_t *message, size_t size, struct probe *probe)
{
    struct head head;
    size_t at = sizeof head;
    if (size < sizeof head)
        return false;
    memcpy(&head, message, sizeof head);
    if (head.kind > PROBE_SCRIPT || head.status_count > PROBE_STATUSES_MAX)
        return false;
    *probe = (struct probe){.id = head.id,
                            .kind = (enum probe_kind)head.kind,
                            .address = head.address,
                            .timeout_ms = head.timeout_ms,
                            .verify = head.verify,
                            .status_count = head.status_count};
    memcpy(probe->statuses, head.statuses, sizeof probe->statuses);
    probe->host = take_text(message, size, &at);
    probe->path = probe->host ? take_text(message, size, &at) : NULL;
    probe->text = probe->path ? take_text(message, size, &at) : NULL;
    return probe->text && at == size;
}

size_t probe_write_result(const struct probe_result *result,
                          uint8_t message[static PROBE_MESSAGE_MAX])
{
    uint64_t good = result->good;
    memcpy(message, &result->id, sizeof result->id);
    memcpy(message + sizeof result->id, &good, sizeof good);
    memcpy(message + 16, result->words, sizeof result->words);
    return 16 + sizeof result->words;
}

bool probe_read_result(const uint8_t *message, size_t size, struct probe_result *result)
{
    uint64_t good;
    if (size != 16 + sizeof result->words)
        return false;
    memcpy(&result->id, message, sizeof result->id);
    memcpy(&good, message + sizeof result->id, sizeof good);
    memcpy(result->words, message + 16, sizeof result->words);
    result->good = good == 1;
    return good <= 1 && memchr(result->words, 0, sizeof result->words);
}
