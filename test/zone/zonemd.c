// ZONEMD: the examples of RFC 8976 appendix A, zones of our own whose digests other programs
// computed, every verdict, and what must change a digest or must not.
#include "reading.h"

#include <ctype.h>
#include <dirent.h>

#include "dns/type.h"
#include "zone/zonemd.h"

static void read_zone(struct reading *reading, const char *origin, const char *text)
{
    static const struct check_options check = {.strict = false};
    reading_of_text(reading, origin, text);
    records_sort(&reading->records);
    bool sound = check_records(&reading->records, &check, &reading->report);
    if (!reading->good || !sound)
        fail_msg("%s", reading_problems(reading));
}

static void print_digest(const struct records *records, enum digest_kind kind,
                         char hex[static 2 * DIGEST_SIZE_MAX + 1])
{
    uint8_t digest[DIGEST_SIZE_MAX];
    zonemd_digest(records, kind, digest);
    for (size_t i = 0; i < digest_size(kind); i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void assert_digest(const char *origin, const char *text, enum digest_kind kind,
                          const char *wanted)
{
    char hex[2 * DIGEST_SIZE_MAX + 1];
    struct reading reading;
    read_zone(&reading, origin, text);
    print_digest(&reading.records, kind, hex);
    assert_string_equal(hex, wanted);
    reading_end(&reading);
}

// --- RFC 8976 appendix A -------------------------------------------------------------------------

#define RFC_SOA "example. 86400 IN SOA ns1 admin 2018031900 ( 1800 900 604800 86400 )\n"
#define RFC_NS  "86400 IN NS ns1\n 86400 IN NS ns2\n"

static const char rfc_simple[] =
    RFC_SOA " " RFC_NS " 86400 IN ZONEMD 2018031900 1 1 ( c68090d90a7aed71 6bc459f9340e3d7c\n"
            " 1370d4d24b7e2fc3 a1ddc0b9a87153b9 a9713b3c9ae5cc27 777f98b8e730044c )\n"
            "ns1 3600 IN A 203.0.113.63\n"
            "ns2 3600 IN AAAA 2001:db8::63\n";

// Without its out-of-zone record, which our parser refuses.
static const char rfc_complex[] =
    RFC_SOA " " RFC_NS " 86400 IN ZONEMD 2018031900 1 1 ( a3b69bad980a3504 e1cffcb0fd6397f9\n"
            " 3848071c93151f55 2ae2f6b1711d4bd2 d8b39808226d7b9d b71e34b72077f8fe )\n"
            "ns1 3600 IN A 203.0.113.63\n"
            "NS2 3600 IN AAAA 2001:db8::63\n"
            "occluded.sub 7200 IN TXT \"I'm occluded but must be digested\"\n"
            "sub 7200 IN NS ns1\n"
            "duplicate 300 IN TXT \"I must be digested just once\"\n"
            "duplicate 300 IN TXT \"I must be digested just once\"\n"
            "UPPERCASE 3600 IN TXT \"canonicalize uppercase owner names\"\n"
            "* 777 IN PTR dont-forget-about-wildcards\n"
            "mail 3600 IN MX 20 MAIL1\n"
            "mail 3600 IN MX 10 Mail2.Example.\n"
            "sortme 3600 IN AAAA 2001:db8::5:61\n"
            "sortme 3600 IN AAAA 2001:db8::3:62\n"
            "sortme 3600 IN AAAA 2001:db8::4:63\n"
            "sortme 3600 IN AAAA 2001:db8::1:65\n"
            "sortme 3600 IN AAAA 2001:db8::2:64\n"
            "non-apex 900 IN ZONEMD 2018031900 1 1 ( 616c6c6f77656420 6275742069676e6f\n"
            " 7265642e20616c6c 6f77656420627574 2069676e6f726564 2e20616c6c6f7765 )\n";

static const char rfc_multiple[] =
    RFC_SOA " " RFC_NS " 86400 IN ZONEMD 2018031900 1 1 ( 62e6cf51b02e54b9 b5f967d547ce4313\n"
            " 6792901f9f88e637 493daaf401c92c27 9dd10f0edb1c56f8 080211f8480ee306 )\n"
            " 86400 IN ZONEMD 2018031900 1 2 ( 08cfa1115c7b948c 4163a901270395ea\n"
            " 226a930cd2cbcf2f a9a5e6eb85f37c8a 4e114d884e66f176 eab121cb02db7d65\n"
            " 2e0cc4827e7a3204 f166b47e5613fd27 )\n"
            " 86400 IN ZONEMD 2018031900 1 240 ( e2d523f654b9422a 96c5a8f44607bbee )\n"
            " 86400 IN ZONEMD 2018031900 241 1 ( 080211f8480ee306 493daaf401c92c27\n"
            " 62e6cf51b02e54b9 6792901f9f88e637 9dd10f0edb1c56f8 b5f967d547ce4313 )\n"
            "ns1.example. 3600 IN A 203.0.113.63\n"
            "ns2.example. 86400 IN TXT \"This example has multiple digests\"\n"
            "ns2.example. 3600 IN AAAA 2001:db8::63\n";

static void test_appendix_a(void **state)
{
    (void)state;
    static const char *const zones[] = {rfc_simple, rfc_complex, rfc_multiple};
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct reading reading;
        read_zone(&reading, "example.", zones[i]);
        size_t told = reading.report.errors;
        assert_int_equal(zonemd_check(&reading.records, &reading.report), ZONEMD_VERIFIED);
        assert_int_equal(reading.report.errors, told);
        reading_end(&reading);
    }
    assert_digest("example.", rfc_multiple, DIGEST_SHA512,
                  "08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a"
                  "4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204f166b47e5613fd27");
}

// --- zones of our own ----------------------------------------------------------------------------

// Names in rdata that are folded (NS, MX, CNAME, DNAME, PTR, SRV, NAPTR, RP, RRSIG) and that are
// not (NSEC, HTTPS); types on both sides of RRSIG at one owner; glue, and what is hidden below a
// cut and below a DNAME; a signed ZONEMD at the apex and one elsewhere. Digests by dnspython 2.3;
// ldns-verify-zone 1.8 verifies it with them.
static const char own_full[] =
    "$ORIGIN Example.TEST.\n"
    "$TTL 3600\n"
    "@ SOA NS1.Example.Test. Host\\.Master 2024010101 7200 3600 1209600 300\n"
    "@ NS Ns1\n"
    "@ NS ns.elsewhere.TEST.\n"
    "@ 60 MX 10 Mail\n"
    "@ 300 CAA 0 issue \"CA.Example.NET\"\n"
    "@ 300 TYPE65280 \\# 4 41424344\n"
    "@ 300 RRSIG SOA 13 2 3600 20240201000000 20240101000000 4711 Example.Test. AAECAwQF\n"
    "@ 60 RRSIG MX 13 2 60 20240201000000 20240101000000 4711 Example.Test. BgcICQoL\n"
    "@ 300 RRSIG CAA 13 2 300 20240201000000 20240101000000 4711 Example.Test. DA0ODxAR\n"
    "@ 900 RRSIG ZONEMD 13 2 900 20240201000000 20240101000000 4711 Example.Test. EhMUFRYX\n"
    "@ NSEC A.Example.Test. NS SOA MX RRSIG NSEC ZONEMD CAA TYPE65280\n"
    "@ RRSIG NSEC 13 2 3600 20240201000000 20240101000000 4711 Example.Test. GBkaGxwd\n"
    "Ns1 A 192.0.2.1\n"
    "ns1 AAAA 2001:DB8::1\n"
    "Mail A 192.0.2.25\n"
    "_sip._udp SRV 1 2 5060 SIP.Example.test.\n"
    "naptr NAPTR 10 20 \"U\" \"E2U+SIP\" \"!^.*$!sip:Info@Example.test!\" Replace.Example.TEST.\n"
    "web HTTPS 1 SVC.Example.Test. alpn=h2\n"
    "alias CNAME Web\n"
    "old DNAME New.Example.TEST.\n"
    "below.old TXT \"hidden by a DNAME\"\n"
    "cut NS ns.CUT\n"
    "ns.cut A 192.0.2.53\n"
    "x.y.cut TXT \"hidden by a cut\" \"in two strings\"\n"
    "*.wild PTR Target\n"
    "a\\000b TXT \"zero\"\n"
    "a\\001b TXT \"one\"\n"
    "\\200 TXT \"high\"\n"
    "a TXT \"A\"\n"
    "Z.a TXT \"z\"\n"
    "deep ZONEMD 1 1 1 "
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e"
    "2f\n"
    "deep RRSIG ZONEMD 13 3 3600 20240201000000 20240101000000 4711 Example.Test. HR4fICEi\n"
    "host RP Mbox.Example.test. Txt.Example.TEST.\n"
    "host TXT \"b\" \n"
    "host TXT \"B\" \"c\"\n"
    "host TXT \"a\"\n";

#define FULL_SHA384                                                                                \
    "ee73369d6b93586a2be1d0db9234c2556fc4c3e9a1f20ec6"                                             \
    "bf5fc7489ea429d07e673a3450591d1c7da59c5ac9d533ef"

static void test_full(void **state)
{
    (void)state;
    assert_digest("example.test.", own_full, DIGEST_SHA384, FULL_SHA384);
    assert_digest("example.test.", own_full, DIGEST_SHA512,
                  "976c5901fd9592dc023ff447532a627f4472014c35eb5eb874f0225cc6e84b02"
                  "ea26ce60888e2b5d3a386d1e05f501f2aeb20ed24717df9c2715d429cc5a1fd0");
}

// By dnspython 2.3 and ldns-verify-zone 1.8 too.
static void test_small(void **state)
{
    (void)state;
    static const char tiny[] = "@ 300 SOA a b 4294967295 1 2 3 4\n@ 300 NS a\na 300 A 192.0.2.1\n";
    assert_digest("tiny.test.", tiny, DIGEST_SHA384,
                  "a592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"
                  "89ad60c4149922f4f206001b1e82324ee6332677da2a104f");
    assert_digest("tiny.test.", tiny, DIGEST_SHA512,
                  "b3a051f42935fa4595781ec18d80627cff1600d68ef67500478af85a0982bbd9"
                  "8782cbae4a38ebf2fae284869b4f8639b89a07ff862f20712aee3d902f57b7f5");
    assert_digest(".", ". 300 SOA a. b. 1 2 3 4 5\n. 300 NS a.\na. 60 A 192.0.2.1\n", DIGEST_SHA384,
                  "e5f28f1ab0a75d5400c4d319db0786c3ab763ab8fbcb2ac6"
                  "d478cae7f60c281ff9155fb88a65d5385adff78a6c62bb58");
}

static void add_opaque(struct buffer *text, const char *owner, unsigned octet, size_t size)
{
    buffer_format(text, "%s 300 TYPE65280 \\# %zu ", owner, size);
    for (size_t i = 0; i < size; i++)
        buffer_format(text, "%02x", octet);
    buffer_add_char(text, '\n');
}

// The largest rdata there can be, and records that end just before and behind a chunk's end. By
// dnspython 2.3.
static void test_large_records(void **state)
{
    (void)state;
    static const char *const owners[] = {"b0", "b1", "b2"};
    struct buffer text = {0};
    buffer_add_text(&text, "@ 300 SOA a b 1 2 3 4 5\n@ 300 NS a\na 300 A 192.0.2.1\n");
    for (unsigned i = 0; i < 3; i++)
        add_opaque(&text, "a", i, RDATA_MAX);
    for (unsigned i = 0; i < 3; i++)
        add_opaque(&text, owners[i], i, 16000 + 100 * i);
    assert_digest("big.test.", buffer_text(&text), DIGEST_SHA384,
                  "d4359d0e247268395c97b5edc3d991e9c55277280a742bf5"
                  "befc37310d107815df0e058bf7739883c82375cff77804ec");
    buffer_free(&text);
}

// RFC 2181 5.2: the TTLs of an RRset are one. Where they are not, the digest is that of the zone as
// we would serve it.
static void test_unequal_ttls_are_levelled(void **state)
{
    (void)state;
    static const char digest[] = "ee2399b3b1eec0981589d8e278a372a3b3907814e2e31afe"
                                 "165179b75130fca953862bbeccc1b26084f088eccb6a0c6b";
    assert_digest("ttl.test.",
                  "@ 300 SOA a b 1 2 3 4 5\n@ 300 NS a\na 60 A 192.0.2.1\na 60 A 192.0.2.2\n",
                  DIGEST_SHA384, digest);
    assert_digest("ttl.test.",
                  "@ 300 SOA a b 1 2 3 4 5\n@ 300 NS a\na 90 A 192.0.2.1\na 60 A 192.0.2.2\n",
                  DIGEST_SHA384, digest);
}

// --- what changes a digest -----------------------------------------------------------------------

// The full zone with one word replaced by another.
static char *replace(const char *word, const char *with)
{
    const char *at = strstr(own_full, word);
    assert_non_null(at);
    return memory_format("%.*s%s%s", (int)(at - own_full), own_full, with, at + strlen(word));
}

static void test_changes(void **state)
{
    static const struct {
        const char *word, *with;
        bool same;
    } changes[] = {
        {"192.0.2.53", "192.0.2.54", false},             // glue
        {"hidden by a cut", "Hidden by a cut", false},   // below a cut
        {"hidden by a DNAME", "hidden by DNAME", false}, // below a DNAME
        {"@ 60 MX", "@ 60 TXT x\n@ 60 MX", false},
        {"60 MX 10 Mail\n", "61 MX 10 Mail\n", false},
        {"BgcICQoL", "BgcICQoM", false}, // a signature
        {"deep ZONEMD 1", "deep ZONEMD 2", false},
        {"HR4fICEi", "HR4fICEj", false},             // over a ZONEMD that is not the apex's
        {"NSEC A.Example", "NSEC a.Example", false}, // RFC 6840 5.1
        {"HTTPS 1 SVC", "HTTPS 1 svc", false},       // not in RFC 4034 6.2's list
        {"CA.Example.NET", "ca.Example.NET", false}, // no name
        {"4 41424344", "4 61424344", false},         // RFC 3597 7
        {"\\000b", "\\002b", false},
        // The apex's ZONEMD and what signs it are left out, letters are folded, duplicates dropped.
        {"EhMUFRYX", "EhMUFRYY", true},
        {"@ 900 RRSIG ZONEMD", "@ 900 ZONEMD 1 1 3 000102030405060708090a0b\n@ 900 RRSIG ZONEMD",
         true},
        {"SRV 1 2 5060 SIP", "SRV 1 2 5060 sip", true},
        {"Replace.Example", "replace.example", true},
        {"Mbox.", "mBOX.", true},
        {"*.wild PTR Target", "*.WILD PTR target", true},
        {"Host\\.Master", "host\\.master", true},
        {"Z.a TXT", "z.A TXT \"z\"\nz.a TXT", true},
    };
    (void)state;
    char hex[2 * DIGEST_SIZE_MAX + 1];
    for (size_t i = 0; i < COUNT(changes); i++) {
        struct reading reading;
        char *text = replace(changes[i].word, changes[i].with);
        read_zone(&reading, "example.test.", text);
        print_digest(&reading.records, DIGEST_SHA384, hex);
        if ((strcmp(hex, FULL_SHA384) == 0) != changes[i].same)
            fail_msg("%s -> %s", changes[i].word, changes[i].with);
        reading_end(&reading);
        free(text);
    }
}

// --- verdicts ------------------------------------------------------------------------------------

#define ZONE "@ 300 SOA a b 4294967295 1 2 3 4\n@ 300 NS a\na 300 A 192.0.2.1\n"
#define Z384                                                                                       \
    "a592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"                                             \
    "89ad60c4149922f4f206001b1e82324ee6332677da2a104f"
#define Z512                                                                                       \
    "b3a051f42935fa4595781ec18d80627cff1600d68ef67500478af85a0982bbd9"                             \
    "8782cbae4a38ebf2fae284869b4f8639b89a07ff862f20712aee3d902f57b7f5"
#define BAD384                                                                                     \
    "b592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"                                             \
    "89ad60c4149922f4f206001b1e82324ee6332677da2a104f"
#define MD "@ 300 ZONEMD 4294967295 "

static const struct {
    const char *text;
    enum zonemd_verdict verdict;
    const char *problems;
} verdicts[] = {
    {ZONE MD "1 1 " Z384 "\n", ZONEMD_VERIFIED, ""},
    {ZONE MD "1 2 " Z512 "\n", ZONEMD_VERIFIED, ""},
    {ZONE, ZONEMD_NONE,
     "1:1+1 error: the zone has no ZONEMD record that it could be verified by\n"},
    // Only the apex counts.
    {ZONE "a 300 ZONEMD 4294967295 1 1 " Z384 "\n", ZONEMD_NONE,
     "1:1+1 error: the zone has no ZONEMD record that it could be verified by\n"},
    {ZONE MD "1 1 " BAD384 "\n", ZONEMD_MISMATCH,
     "4:1+1 error: the SHA-384 digest of the zone is "
     "A592DA78CC99B280FC26B465B351A0ACE75B9FC659DD33D6"
     "89AD60C4149922F4F206001B1E82324EE6332677DA2A104F, but ZONEMD says "
     "B592DA78CC99B280FC26B465B351A0ACE75B9FC659DD33D6"
     "89AD60C4149922F4F206001B1E82324EE6332677DA2A104F"
     " [the zone was changed after its digest was made, or a part of it is missing]\n"},
    {ZONE "@ 300 ZONEMD 7 1 1 " Z384 "\n", ZONEMD_OTHER_SERIAL,
     "4:1+1 error: ZONEMD is for serial 7, but the SOA has 4294967295"
     " [make the digest anew when the zone changes]\n"},
    {ZONE MD "2 1 " Z384 "\n", ZONEMD_UNKNOWN_SCHEME,
     "4:1+1 error: scheme 2 of ZONEMD is not known; it is 1 (SIMPLE) that can be verified\n"},
    {ZONE MD "1 240 " Z384 "\n", ZONEMD_UNKNOWN_ALGORITHM,
     "4:1+1 error: hash algorithm 240 of ZONEMD is not known; 1 (SHA-384) and 2 (SHA-512) are\n"},
    // Too short for what text may say, so written as RFC 3597 5 does. 12 octets are enough by
    // 2.2.4, yet not for SHA-384.
    {ZONE "@ 300 TYPE63 \\# 17 ffffffff0101a592da78cc99b280fc26b4\n", ZONEMD_WRONG_SIZE,
     "4:1+1 error: the digest in ZONEMD has 11 octets; a digest by SHA-384 has 48\n"},
    {ZONE "@ 300 TYPE63 \\# 18 ffffffff0102b3a051f42935fa4595781ec1\n", ZONEMD_WRONG_SIZE,
     "4:1+1 error: the digest in ZONEMD has 12 octets; a digest by SHA-512 has 64\n"},
    // One that verifies is enough, whatever the others are.
    {ZONE MD "1 1 " BAD384 "\n" MD "1 2 " Z512 "\n", ZONEMD_VERIFIED, ""},
    {ZONE MD "9 1 " BAD384 "\n" MD "1 9 " Z512 "\n" MD "1 1 " Z384 "\n", ZONEMD_VERIFIED, ""},
    // The same scheme and algorithm twice: neither counts, even if one is right (4, step 4) ...
    {ZONE MD "1 1 " Z384 "\n" MD "1 1 " BAD384 "\n", ZONEMD_REPEATED,
     "4:1+1 error: another ZONEMD has scheme 1 and hash algorithm 1 too, so neither counts"
     " [keep the one that belongs to this zone]\n"
     "5:1+1 error: another ZONEMD has scheme 1 and hash algorithm 1 too, so neither counts"
     " [keep the one that belongs to this zone]\n"},
    // ... or is of another serial; but a third one may.
    {ZONE MD "1 1 " Z384 "\n@ 300 ZONEMD 7 1 1 " BAD384 "\n" MD "1 2 " Z512 "\n", ZONEMD_VERIFIED,
     ""},
    // The same record twice is one.
    {ZONE MD "1 1 " Z384 "\n" MD "1 1 " Z384 "\n", ZONEMD_VERIFIED,
     "5:1+1 warning: duplicate of tiny.test. ZONEMD (other: line 4): dropped\n"},
    // Each that fails is told; the farthest one is the verdict, first or last.
    {ZONE "@ 300 TYPE63 \\# 17 ffffffff0101a592da78cc99b280fc26b4\n" MD "2 1 " Z384 "\n",
     ZONEMD_WRONG_SIZE,
     "4:1+1 error: the digest in ZONEMD has 11 octets; a digest by SHA-384 has 48\n"
     "5:1+1 error: scheme 2 of ZONEMD is not known; it is 1 (SIMPLE) that can be verified\n"},
    {ZONE MD "2 1 " Z384 "\n@ 300 ZONEMD 7 1 1 " Z384 "\n", ZONEMD_UNKNOWN_SCHEME,
     "5:1+1 error: ZONEMD is for serial 7, but the SOA has 4294967295"
     " [make the digest anew when the zone changes]\n"
     "4:1+1 error: scheme 2 of ZONEMD is not known; it is 1 (SIMPLE) that can be verified\n"},
};

static void test_verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        struct reading reading;
        read_zone(&reading, "tiny.test.", verdicts[i].text);
        enum zonemd_verdict verdict = zonemd_check(&reading.records, &reading.report);
        if (verdict != verdicts[i].verdict)
            fail_msg("%s: %s", zonemd_word(verdict), verdicts[i].text);
        assert_string_equal(reading_problems(&reading), verdicts[i].problems);
        reading_end(&reading);
    }
}

// A great many: the zone is hashed once for each known algorithm, not for each record.
static void test_many(void **state)
{
    enum { MANY = 80 * 256 }; // none, for whoever counts in one octet
    (void)state;
    struct buffer text = {0};
    struct reading reading;
    buffer_add_text(&text, ZONE);
    for (unsigned i = 0; i < MANY; i++)
        buffer_format(&text, "@ 300 TYPE63 \\# 54 ffffffff0101%08x%088d\n", i, 0);
    read_zone(&reading, "tiny.test.", buffer_text(&text));
    assert_int_equal(zonemd_check(&reading.records, &reading.report), ZONEMD_REPEATED);
    assert_int_equal(reading.report.errors, MANY);
    reading_end(&reading);
    buffer_free(&text);
}

static void test_words(void **state)
{
    (void)state;
    for (enum zonemd_verdict verdict = 0; verdict < ZONEMD_VERDICTS; verdict++)
        assert_non_null(zonemd_word(verdict));
    assert_string_equal(zonemd_word(ZONEMD_VERIFIED), "verified");
}

// --- outside data --------------------------------------------------------------------------------

// Reads "key=value" from a vector's config.
static void read_config(const char *path, const char *key, char value[static 64])
{
    char line[128];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    value[0] = 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == '=')
            sscanf(line + strlen(key) + 1, "%63s", value);
    fclose(file);
}

// Problems of the parser do not count here: one vector has a record that is out of its zone.
static void verify_vector(const char *folder)
{
    static const struct check_options check = {.strict = false};
    char origin[64], name[64], expected[64];
    char *config = memory_format("%s/config", folder);
    read_config(config, "origin", origin);
    read_config(config, "zonefile", name);
    read_config(config, "expected_result", expected);
    char *path = memory_format("%s/%s", folder, name);
    struct reading reading;
    reading_of_file(&reading, origin, path);
    records_sort(&reading.records);
    assert_true(check_records(&reading.records, &check, &reading.report));
    bool verified = zonemd_check(&reading.records, &reading.report) == ZONEMD_VERIFIED;
    if (verified != (strcmp(expected, "success") == 0))
        fail_msg("%s: %s", path, reading_problems(&reading));
    reading_end(&reading);
    free(config);
    free(path);
}

static void test_vectors(void **state)
{
    (void)state;
    char *folder = reading_data("vectors/zonemd");
    unsigned count = 0;
    if (!folder)
        skip(); // no outside data
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (const struct dirent *found = readdir(open); found; found = readdir(open)) {
        if (!isdigit((unsigned char)found->d_name[0]))
            continue;
        char *vector = memory_format("%s/%s", folder, found->d_name);
        verify_vector(vector);
        free(vector);
        count++;
    }
    closedir(open);
    free(folder);
    assert_true(count > 0);
    print_message("%u outside vectors\n", count);
}

// A digest that was made stands in the place of those that were there, and verifies the zone.
static void test_made(void **state)
{
    (void)state;
    for (enum zonemd_hash hash = ZONEMD_HASH_SHA384; hash <= ZONEMD_HASH_SHA512; hash++) {
        struct reading reading;
        read_zone(&reading, "example.", rfc_simple);
        size_t before = reading.records.count;
        reading.records.list[reading.records.count - 1].ttl = 7; // another zone than it was
        assert_true(zonemd_put(&reading.records, hash, &reading.report));
        assert_true(zonemd_put(&reading.records, hash, &reading.report)); // and again
        assert_int_equal(reading.records.count, before);
        assert_int_equal(zonemd_check(&reading.records, &reading.report), ZONEMD_VERIFIED);
        size_t found = 0;
        for (size_t i = 0; i < before; i++)
            if (reading.records.list[i].type == TYPE_ZONEMD) {
                const struct record *made = &reading.records.list[i];
                assert_int_equal(made->ttl, 86400); // the SOA's
                assert_memory_equal(made->rdata, "\x78\x48\xb9\x1c\1", 5);
                assert_int_equal(made->rdata[5], hash);
                found++;
            }
        assert_int_equal(found, 1);
        reading_end(&reading);
    }
}

static void test_not_made_of_a_signed_zone(void **state)
{
    struct reading reading;
    (void)state;
    read_zone(&reading, "example.",
              RFC_SOA " " RFC_NS " RRSIG SOA 8 1 60 20300101000000 20200101000000 1 example. AAAA\n"
                      "ns1 A 192.0.2.1\nns2 A 192.0.2.2\n");
    assert_false(zonemd_put(&reading.records, ZONEMD_HASH_SHA384, &reading.report));
    assert_non_null(strstr(reading_problems(&reading), "but the zone is signed"));
    reading_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appendix_a),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_large_records),
        cmocka_unit_test(test_unequal_ttls_are_levelled),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_not_made_of_a_signed_zone),
        cmocka_unit_test(test_vectors),
    };
    return cmocka_run_group_tests_name("zone/zonemd", tests, NULL, NULL);
}
