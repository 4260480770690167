// What a primary sends for a zone "x.": messages behind two octets of length each. The first octet
// says what was asked: SOA, IXFR from serial 1, or AXFR.
//
// Records of a whole zone and of differences are of the zone, well-formed, and packed and read
// again are the same; differences follow one another; nothing comes after the end.
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/rdata.h"
#include "transfer/incoming.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static struct name origin(void)
{
    return name_trust((const uint8_t *)"\1x");
}

static void judge_records(const struct records *records)
{
    struct buffer packed = {0};
    struct records again;
    size_t used;
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        assert(name_is_within(record_owner(record), origin()));
        assert(!rdata_check(record->type, record->rdata, record->rdata_size));
    }
    records_pack(records, &packed);
    records_begin(&again, origin());
    bool good = records_unpack((const uint8_t *)packed.text, packed.size, &again, &used);
    assert(good && used == packed.size && again.count == records->count);
    records_free(&again);
    buffer_free(&packed);
}

static void judge(const struct incoming *incoming, enum incoming_result result)
{
    uint32_t serial = 1;
    if (result == INCOMING_WHOLE)
        judge_records(&incoming->records);
    for (size_t i = 0; i < incoming->diff_count && result == INCOMING_DIFFS; i++) {
        assert(incoming->diffs[i].serial_from == serial);
        serial = incoming->diffs[i].serial_to;
        judge_records(&incoming->diffs[i].removed);
        judge_records(&incoming->diffs[i].added);
    }
    assert(result != INCOMING_DIFFS || serial == incoming->newest);
    assert((result == INCOMING_WRONG) == (incoming->problem != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    uint8_t request[INCOMING_REQUEST_MAX];
    struct incoming incoming;
    if (size < 1)
        return 0;
    struct incoming_options options = {.kind = octets[0] % 3,
                                       .zone = origin(),
                                       .has_serial = octets[0] % 3 != INCOMING_AXFR,
                                       .serial = 1,
                                       .id = 0x1234};
    (void)!incoming_begin(&incoming, &options, request, 1700000000);
    enum incoming_result result = INCOMING_MORE;
    for (size_t at = 1; result == INCOMING_MORE && size - at >= 2;) {
        size_t message = bytes_get16(octets + at);
        at += 2;
        if (message > size - at)
            break;
        result = incoming_take(&incoming, octets + at, message, 1700000000);
        at += message;
    }
    judge(&incoming, result);
    incoming_free(&incoming);
    return 0;
}
