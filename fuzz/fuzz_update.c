// An update (RFC 2136) of a zone "x.": a draft is changed, taken, written, and taken back.
//
// Whatever comes, a message that is refused has changed nothing; what was changed is told by the
// difference, which packed and read again is the same; and the inverse of it leads back. The first
// octet says which rules the client may use.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "transfer/update.h"
#include "zone/parse.h"
#include "zone/check.h"
#include "zone/diff.h"
#include "zone/draft.h"
#include "zone/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static const char text[] = "@ 60 SOA ns a 7 1 1 1 1\n@ 60 NS ns\nns 60 A 192.0.2.1\n"
                           "w 60 A 192.0.2.2\nw 60 A 192.0.2.3\nw 60 TXT t\nc 60 CNAME w\n"
                           "d 60 DNAME w\ns 60 NS n.s\nn.s 60 A 192.0.2.4\n* 60 MX 1 w\n";

static struct name origin(void)
{
    return name_trust((const uint8_t *)"\1x");
}

static const struct image *zone_image(void)
{
    static struct image image;
    static bool made;
    struct records records;
    struct report report = {0};
    struct parse_options parse = {.ttl_default = 60};
    struct check_options check = {.strict = false};
    if (made)
        return &image;
    records_begin(&records, origin());
    bool good = parse_text("x", text, sizeof text - 1, &records, &parse, &report);
    records_sort(&records);
    good = good && check_records(&records, &check, &report);
    assert(good && image_build(&records, &inside_key, &image) == 0);
    records_free(&records);
    report_free(&report);
    made = true;
    return &image;
}

static const struct update_policy *policy(void)
{
    static struct update_policy *made;
    static struct name names[2];
    static uint16_t types[] = {TYPE_A, TYPE_TXT};
    if (made)
        return made;
    names[0] = name_trust((const uint8_t *)"\1*\1x");
    names[1] = name_trust((const uint8_t *)"\1w\1x");
    made = update_policy_make(3);
    made->rules[1] =
        (struct update_rule){.names = names, .name_count = 2, .types = types, .type_count = 2};
    made->rules[2].acme = true;
    return made;
}

// The version that the draft has, in order.
static void write_sorted(struct draft *draft, struct buffer *to)
{
    struct records records;
    records_begin(&records, origin());
    draft_write(draft, &records);
    records_sort(&records);
    records_pack(&records, to);
    records_free(&records);
}

static void judge_packed(const struct diff *diff)
{
    struct buffer packed = {0}, again = {0};
    struct diff read;
    diff_pack(diff, &packed);
    bool good = diff_unpack((const uint8_t *)packed.text, packed.size, origin(), &read);
    assert(good);
    diff_pack(&read, &again);
    assert(packed.size == again.size && memcmp(packed.text, again.text, packed.size) == 0);
    diff_free(&read);
    buffer_free(&packed);
    buffer_free(&again);
}

static void lead_back(struct draft *draft, const struct diff *diff)
{
    for (size_t i = 0; i < diff->added.count; i++)
        assert(draft_remove(draft, &diff->added.list[i]));
    for (size_t i = 0; i < diff->removed.count; i++)
        (void)draft_add(draft, &diff->removed.list[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    struct draft draft;
    struct diff diff;
    struct buffer before = {0}, after = {0};
    struct update_outcome outcome;
    if (size < 1 || size > MESSAGE_MAX)
        return 0;
    struct update_request request = {octets + 1, size - 1, policy(), octets[0] & 7};
    draft_begin(&draft, origin(), zone_image(), &inside_key);
    write_sorted(&draft, &before);
    update_apply(&draft, &request, &outcome);
    draft_take(&draft, &diff);
    assert(outcome.rcode == RCODE_NOERROR || diff.removed.count + diff.added.count == 0);
    judge_packed(&diff);
    lead_back(&draft, &diff);
    write_sorted(&draft, &after);
    assert(before.size == after.size && memcmp(before.text, after.text, before.size) == 0);
    diff_free(&diff);
    draft_free(&draft);
    buffer_free(&before);
    buffer_free(&after);
    return 0;
}
