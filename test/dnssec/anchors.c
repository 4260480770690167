// The built-in trust anchors: against IANA's digests as they were published, and against the keys
// themselves where the machine has them (Debian's dns-root-data).
#include "../dns/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "dns/type.h"
#include "dnssec/anchors.h"
#include "zone/parse.h"

#define KEYS "/usr/share/dns/root.key"

static void test_digests(void **state)
{
    static const struct {
        uint16_t key_tag;
        const char *hex;
    } published[] = {
        {20326, "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d"},
        {38696, "683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16"},
    };
    size_t count;
    const struct anchor *anchors = anchors_root(&count);
    (void)state;
    assert_int_equal(count, COUNT(published));
    for (size_t i = 0; i < count; i++) {
        char hex[2 * ANCHOR_DIGEST_SIZE + 1];
        for (unsigned at = 0; at < ANCHOR_DIGEST_SIZE; at++)
            sprintf(hex + 2 * (size_t)at, "%02x", anchors[i].digest[at]);
        assert_int_equal(anchors[i].key_tag, published[i].key_tag);
        assert_int_equal(anchors[i].algorithm, 8);
        assert_int_equal(anchors[i].digest_type, 2);
        assert_string_equal(hex, published[i].hex);
    }
}

// RFC 4034 appendix B.
static uint16_t key_tag(const struct record *key)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < key->rdata_size; i++)
        sum += i & 1 ? key->rdata[i] : (uint32_t)key->rdata[i] << 8;
    return (uint16_t)(sum + (sum >> 16));
}

// RFC 4034 5.1.4: the digest of owner and key.
static bool is_anchored(const struct record *key)
{
    size_t count;
    const struct anchor *anchors = anchors_root(&count);
    uint8_t hash[ANCHOR_DIGEST_SIZE], octets[1 + 2048] = {0};
    assert_in_range(key->rdata_size, 5, 2048);
    memcpy(octets + 1, key->rdata, key->rdata_size);
    digest_once(DIGEST_SHA256, octets, 1u + key->rdata_size, hash);
    for (size_t i = 0; i < count; i++)
        if (anchors[i].key_tag == key_tag(key) && anchors[i].algorithm == key->rdata[3])
            return memcmp(hash, anchors[i].digest, sizeof hash) == 0;
    return false;
}

static void test_keys(void **state)
{
    static const struct parse_options options = {.ttl_default = 3600};
    struct report report = {0};
    struct records records;
    char *text;
    size_t size;
    (void)state;
    if (file_read(KEYS, 65536, &text, &size)) {
        print_message("skipped: there is no %s\n", KEYS);
        skip();
    }
    records_begin(&records, NAME_ROOT);
    assert_true(parse_text(KEYS, text, size, &records, &options, &report));
    size_t keys = 0;
    for (size_t i = 0; i < records.count; i++) {
        if (records.list[i].type != TYPE_DNSKEY)
            continue;
        assert_true(is_anchored(&records.list[i]));
        keys++;
    }
    assert_true(keys > 0);
    records_free(&records);
    report_free(&report);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_digests), cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
