// Octets from the wire: read as a message record by record, and answered as a query.
//
// What was expanded must be well-formed rdata; what was answered is judged by inside.c.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

// `octets` ends where its memory does, so that a look behind it is seen.
static void read_message(const uint8_t *octets, size_t size)
{
    static uint8_t rdata[RDATA_MAX];
    struct message message;
    struct message_record record;
    if (!message_open(&message, octets, size))
        return;
    while (message_next(&message, &record)) {
        struct name again;
        assert(name_view(record.owner.wire, NAME_OCTETS_MAX, &again));
        assert(again.size == record.owner.size && again.labels == record.owner.labels);
        size_t expanded;
        if (record.section == SECTION_QUESTION)
            continue;
        assert(record.rdata_at + record.rdata_size <= size);
        if (rdata_expand(record.type, octets, size, record.rdata_at, record.rdata_size, rdata,
                         &expanded))
            assert(rdata_check(record.type, rdata, expanded) == NULL);
    }
    assert(message.at <= size);
}

// A name at every offset that the message could have one.
static void read_names(const uint8_t *octets, size_t size)
{
    uint8_t storage[NAME_OCTETS_MAX];
    for (size_t start = HEADER_SIZE; start < size && start < 64; start++) {
        struct name name;
        size_t at = start, skipped = start;
        bool whole = message_name(octets, size, &at, storage, &name);
        if (!whole)
            continue;
        assert(message_skip_name(octets, size, &skipped) && skipped == at);
        assert(at <= size);
    }
}

static void decode(const uint8_t *octets, size_t size)
{
    static const struct hash_key secret = {{1, 2}};
    struct query query;
    query.over_stream = size & 1;
    if (query_decode(octets, size, &secret, &query) == QUERY_OK) {
        assert(query.question_end <= size);
        assert(query.key.size == query.name.size && query.key.labels == query.name.labels);
        assert(name_equal(query.name, name_key_suffix(&query.key, query.key.labels)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    if (size > MESSAGE_MAX)
        return 0;
    uint8_t *copy = memory_get(size ? size : 1);
    memcpy(copy, octets, size);
    uint8_t *exact = realloc(copy, size ? size : 1);
    read_message(exact, size);
    read_names(exact, size);
    decode(exact, size);
    inside_ask(inside_server(false), exact, size);
    inside_ask(inside_server(true), exact, size);
    free(exact);
    return 0;
}
