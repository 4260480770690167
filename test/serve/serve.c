// Packets in, packets out: every RCODE, and everything that a stranger may send.
#include "asking.h"

#include <stdlib.h>
#include <unistd.h>

static struct served served;
static struct query_packet query;

static const char zone[] = APEX "www A 192.0.2.1\nwww TYPE1000 \\# 1 00\n";
#define SOA "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
#define WWW "an www.example. 3600 A 192.0.2.1\n"

static int open_server(void **state)
{
    (void)state;
    served_of(&served, "example.", zone);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    served_close(&served);
    return 0;
}

static void begin(const char *name, unsigned type)
{
    packet_begin(&query, 0x1234, 0);
    packet_question(&query, name, type, CLASS_IN);
}

static void assert_udp(const char *expected)
{
    assert_reply(&served, &query, TRANSPORT_UDP, expected);
    if (served.size)
        assert_memory_equal(served.reply, "\x12\x34", 2);
}

// The reply as text, for the caller to free.
static char *reply_text(void)
{
    struct buffer text = {0};
    if (served_send(&served, &query, TRANSPORT_UDP))
        print_reply(served.reply, served.size, &text);
    return text.text;
}

// --- headers -------------------------------------------------------------------------------------

static void test_question_counts(void **state)
{
    (void)state;
    packet_begin(&query, 0x1234, FLAG_RD);
    assert_udp("FORMERR rd\n");
    packet_opt(&query, 1232, 0, "", 0);
    assert_udp("FORMERR rd\nopt 1232\n");
    begin("www.example.", TYPE_A);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW);
    packet_question(&query, "www.example.", TYPE_A, CLASS_IN); // RFC 9619
    assert_udp("FORMERR\n");
    bytes_put16(query.octets + 4, 65535);
    assert_udp("FORMERR\n");
}

// Too short for an ID to answer with, or a response: never a reply to a reply.
static void test_silence(void **state)
{
    (void)state;
    begin("www.example.", TYPE_A);
    for (query.size = 0; query.size < HEADER_SIZE; query.size++)
        assert_udp("");
    assert_int_equal(served.worker.stats.dropped_short, HEADER_SIZE);
    for (unsigned opcode = 0; opcode < 16; opcode++)
        for (unsigned kind = 0; kind < 3; kind++) {
            packet_begin(&query, 0x1234, FLAG_QR | opcode << 11 | kind);
            if (kind)
                packet_question(&query, "www.example.", TYPE_A, CLASS_IN);
            if (kind == 2)
                query.size--;
            assert_udp("");
        }
    assert_int_equal(served.worker.stats.dropped_response, 48);
    assert_int_equal(served.worker.stats.response_octets, 0);
}

// RFC 8906 3.1.4: NOTIMP with the opcode, no AA, all sections empty.
static void test_opcodes(void **state)
{
    (void)state;
    for (unsigned opcode = 1; opcode < 16; opcode++) {
        char expected[32];
        if (opcode == OPCODE_UPDATE || opcode == OPCODE_NOTIFY)
            continue; // test/serve/update.c
        snprintf(expected, sizeof expected, "NOTIMP opcode=%u rd\n", opcode);
        packet_begin(&query, 0x1234, opcode << 11 | FLAG_RD | FLAG_CD | FLAG_AD | FLAG_AA);
        assert_udp(expected);
        packet_question(&query, "example.", TYPE_SOA, CLASS_IN);
        assert_udp(expected);
        packet_opt(&query, 1232, 0, "", 0);
        assert_udp(expected);
        query.size -= 3;
        assert_udp(expected);
        assert_reply(&served, &query, TRANSPORT_TCP, expected);
    }
}

// RD and CD are said again, everything else is ours (RFC 1035 4.1.1, RFC 4035 3.1.6, RFC 8906
// 3.1.3: Z and an RCODE in a query are ignored).
static void test_flags(void **state)
{
    static const struct {
        unsigned flags;
        const char *expected;
    } cases[] = {
        {FLAG_RD, "NOERROR aa rd\n"}, {FLAG_CD, "NOERROR aa cd\n"}, {FLAG_AD, "NOERROR aa\n"},
        {FLAG_RA, "NOERROR aa\n"},    {FLAG_TC, "NOERROR aa\n"},    {FLAG_AA, "NOERROR aa\n"},
        {0x40, "NOERROR aa\n"},       {15, "NOERROR aa\n"},         {0x07ff, "NOERROR aa rd cd\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "%sqd www.example. A\n" WWW, cases[i].expected);
        packet_begin(&query, 0x1234, cases[i].flags);
        packet_question(&query, "www.example.", TYPE_A, CLASS_IN);
        assert_udp(expected);
    }
}

static void test_malformed(void **state)
{
    (void)state;
    // The question is cut: nothing of it can be said again.
    begin("www.example.", TYPE_A);
    query.size--;
    assert_udp("FORMERR\n");
    // A record is cut, too few, too much: the question is there.
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "", 0);
    query.size--;
    assert_udp("FORMERR\nqd www.example. A\n");
    query.size++;
    packet_count(&query, SECTION_AUTHORITY);
    assert_udp("FORMERR\nqd www.example. A\n");
    begin("www.example.", TYPE_A);
    packet_put(&query, "x", 1);
    assert_udp("FORMERR\nqd www.example. A\n");
    // A pointer in the question.
    packet_begin(&query, 0x1234, 0);
    packet_put(&query, "\300\14\0\1\0\1", 6);
    packet_count(&query, SECTION_QUESTION);
    assert_udp("FORMERR\n");
}

// --- EDNS ----------------------------------------------------------------------------------------

static void test_badvers(void **state)
{
    (void)state;
    for (unsigned version = 1; version < 256; version += version < 3 ? 1 : 50) {
        begin("www.example.", TYPE_A);
        packet_opt(&query, 4096, version << 16 | EDNS_FLAG_DO, "\0\3\0\0\0\12\0\1x", 9);
        assert_udp("BADVERS\nqd www.example. A\nopt 1232 do\n");
    }
}

static void test_bad_opt(void **state)
{
    static const struct {
        enum section section;
        const char *owner;
        unsigned copies;
        const char *opt;
    } cases[] = {
        {SECTION_ADDITIONAL, "example.", 1, ""},
        {SECTION_ADDITIONAL, ".", 2, "opt 1232\n"},
        {SECTION_ADDITIONAL, ".", 9, "opt 1232\n"},
        {SECTION_ANSWER, ".", 1, ""},
        {SECTION_AUTHORITY, ".", 1, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[64];
        begin("www.example.", TYPE_A);
        for (unsigned j = 0; j < cases[i].copies; j++)
            packet_record(&query, &(struct packet_record){.section = cases[i].section,
                                                          .owner = cases[i].owner,
                                                          .type = TYPE_OPT,
                                                          .class = 4096,
                                                          .rdata = "",
                                                          .size = 0});
        snprintf(expected, sizeof expected, "FORMERR\nqd www.example. A\n%s", cases[i].opt);
        assert_udp(expected);
    }
}

// Sizes, flags and options that nobody knows change nothing (RFC 6891 6.1.2, 6.1.4).
static void test_unknown_edns(void **state)
{
    static const struct {
        unsigned payload;
        uint32_t ttl;
        const char *options;
        size_t size;
    } cases[] = {
        {0, 0, "", 0},
        {511, 0, "", 0},
        {65535, 0x7fff, "", 0},
        {1232, 0xff000000, "", 0},
        {1232, 0, "\377\376\0\3abc", 7},
        {1232, 0, "\0\10\0\7\0\1\30\0\300\0\2", 11}, // client subnet
        {1232, 0, "\0\14\0\2\0\0\0\17\0\2\0\5", 12}, // padding, and an error from a client
        {1232, 0, "\0\13\0\0", 4},                   // keepalive over UDP: RFC 7828 3.3.1
        {1232, 0, "\0\13\0\2\0\1", 6},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin("www.example.", TYPE_A);
        packet_opt(&query, cases[i].payload, cases[i].ttl, cases[i].options, cases[i].size);
        assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n");
    }
}

static void test_do_is_echoed(void **state)
{
    (void)state;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0xffff, "", 0);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 do\n");
    begin("none.example.", TYPE_A);
    packet_opt(&query, 1232, EDNS_FLAG_DO, "", 0);
    assert_udp("NXDOMAIN aa\nqd none.example. A\n" SOA "opt 1232 do\n");
}

static void test_nsid(void **state)
{
    (void)state;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\3\0\0", 4);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n"); // none is configured
    served.server.identity.nsid_size = 4;
    memcpy(served.server.identity.nsid, "ns-1", 4);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 nsid=ns-1\n");
    begin("elsewhere.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\3\0\0", 4);
    assert_udp("REFUSED\nqd elsewhere. A\nopt 1232 nsid=ns-1 ede=20\n");
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "", 0);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n"); // not asked for
}

#define ZONEVERSION "\0\23\0\0"
#define EXPIRE      "\0\11\0\0"

// RFC 9660 3.2: whatever our zone says, it says of which version; others' answers and those without
// a zone do not.
static void test_zone_version(void **state)
{
    static const char old[] = "$TTL 300\n@ SOA ns h 4294967295 1 2 3 4\n@ NS ns\n"
                              "ns A 192.0.2.1\nalias CNAME ns.deep.example.\nout CNAME else.\n"
                              "sub NS ns.sub\nsub DS 1 13 2 "
                              "0000000000000000000000000000000000000000000000000000000000000000\nns"
                              ".sub A 192.0.2.2\n*.w A 192.0.2.3\n";
    static const struct {
        const char *name;
        unsigned type;
        const char *version; // NULL: none
    } cases[] = {
        {"ns.example.", TYPE_A, "1/0/4294967295"},
        {"ns.example.", TYPE_AAAA, "1/0/4294967295"},
        {"no.example.", TYPE_A, "1/0/4294967295"},
        {"x.w.example.", TYPE_A, "1/0/4294967295"},
        {"x.sub.example.", TYPE_A, "1/0/4294967295"}, // a referral, without AA
        {"sub.example.", TYPE_DS, "1/0/4294967295"},
        {"alias.example.", TYPE_A, "1/0/4294967295"}, // the question's zone, not the target's
        {"out.example.", TYPE_A, "1/0/4294967295"},
        {"ns.DEEP.example.", TYPE_A, "2/0/7"},
        {"deep.example.", TYPE_SOA, "2/0/7"},
        {"deep.example.", TYPE_DS, "1/0/4294967295"}, // the parent's side
        {"elsewhere.", TYPE_A, NULL},
        {"www.broken.", TYPE_A, NULL},
    };
    static const struct world_zone zones[] = {
        {"example.", old, ZONE_SERVED},
        {"deep.example.", APEX "ns A 192.0.2.9\n", ZONE_SERVED},
        {"broken.", NULL, ZONE_BROKEN},
    };
    (void)state;
    served_open(&served, zones, COUNT(zones));
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned asked = 0; asked < 2; asked++) {
            char wanted[64] = "";
            begin(cases[i].name, cases[i].type);
            packet_opt(&query, 1232, 0, asked ? ZONEVERSION : "", asked ? 4 : 0);
            char *reply = reply_text();
            if (cases[i].version)
                snprintf(wanted, sizeof wanted, " version=%s\n", cases[i].version);
            if ((strstr(reply, " version=") != NULL) != (asked && cases[i].version) ||
                (asked && !strstr(reply, wanted)))
                fail_msg("%s: %s", cases[i].name, reply);
            free(reply);
        }
    served_close(&served);
}

// What stands in a client's option is ignored; another class has no zone, and CHAOS no version.
static void test_zone_version_oddly_asked(void **state)
{
    (void)state;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\23\0\6\1\0\0\0\0\1", 10);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 version=1/0/7\n");
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, ZONEVERSION ZONEVERSION, 8);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 version=1/0/7\n");
    packet_begin(&query, 0x1234, 0);
    packet_question(&query, "version.bind.", TYPE_TXT, CLASS_CH);
    packet_opt(&query, 1232, 0, ZONEVERSION, 4);
    char *reply = reply_text();
    assert_null(strstr(reply, "version="));
    free(reply);
}

// RFC 7314: of the zone whose SOA is asked for, and of nothing else.
static void test_expire(void **state)
{
    (void)state;
    begin("example.", TYPE_SOA);
    packet_opt(&query, 1232, 0, EXPIRE, 4);
    assert_udp("NOERROR aa\nqd example. SOA\nan example. 3600 SOA ns.invalid. admin.invalid. 7 "
               "7200 3600 1209600 300\nopt 1232 expire=1209600\n");
    begin("example.", TYPE_SOA);
    packet_opt(&query, 1232, 0, ZONEVERSION EXPIRE, 8);
    assert_udp("NOERROR aa\nqd example. SOA\nan example. 3600 SOA ns.invalid. admin.invalid. 7 "
               "7200 3600 1209600 300\nopt 1232 version=1/0/7 expire=1209600\n");
    begin("www.example.", TYPE_SOA);
    packet_opt(&query, 1232, 0, EXPIRE, 4);
    assert_udp("NOERROR aa\nqd www.example. SOA\n" SOA "opt 1232\n");
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, EXPIRE, 4);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n");
    begin("elsewhere.", TYPE_SOA);
    packet_opt(&query, 1232, 0, EXPIRE, 4);
    assert_udp("REFUSED\nqd elsewhere. SOA\nopt 1232 ede=20\n");
}

static void test_keepalive(void **state)
{
    (void)state;
    served.keepalive_ds = 1234;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\13\0\0", 4);
    assert_reply(&served, &query, TRANSPORT_TCP,
                 "NOERROR aa\nqd www.example. A\n" WWW "opt 1232 keepalive=1234\n");
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "", 0);
    assert_reply(&served, &query, TRANSPORT_TCP,
                 "NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n");
}

// --- cookies -------------------------------------------------------------------------------------

// The cookie of the last reply.
static struct edns reply_cookie(void)
{
    struct edns edns = {0};
    struct message message;
    struct message_record record;
    assert_true(message_open(&message, served.reply, served.size));
    while (message_next(&message, &record))
        if (record.type == TYPE_OPT)
            assert_int_equal(edns_read(record.class, record.ttl, served.reply + record.rdata_at,
                                       record.rdata_size, &edns),
                             EDNS_OK);
    assert_int_equal(edns.cookie_size, COOKIE_SIZE);
    return edns;
}

static void test_cookies(void **state)
{
    (void)state;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\12\0\10abcdefgh", 12);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 cookie=24\n");
    struct edns edns = reply_cookie();
    assert_memory_equal(edns.cookie, "abcdefgh", 8);
    assert_int_equal(cookie_check(&served.server.cookies, &edns, &served.client, SERVED_DATE_S),
                     COOKIE_GOOD);
    // Sent back, and a wrong one: both get a fresh one, and the answer.
    for (unsigned wrong = 0; wrong < 2; wrong++) {
        uint8_t option[4 + COOKIE_SIZE] = {0, OPTION_COOKIE, 0, COOKIE_SIZE};
        memcpy(option + 4, edns.cookie, COOKIE_SIZE);
        option[27] ^= (uint8_t)wrong;
        begin("www.example.", TYPE_A);
        packet_opt(&query, 1232, 0, option, sizeof option);
        assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 cookie=24\n");
        struct edns fresh = reply_cookie();
        assert_memory_equal(fresh.cookie, edns.cookie, COOKIE_SIZE);
    }
    // The longest that another server may have made.
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "\0\12\0\50abcdefgh0123456789012345678901234567890123456789", 44);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW "opt 1232 cookie=24\n");
}

static void test_bad_cookie_lengths(void **state)
{
    (void)state;
    for (unsigned size = 0; size <= 60; size++) {
        uint8_t option[4 + 60] = {0, OPTION_COOKIE, 0, (uint8_t)size};
        begin("www.example.", TYPE_A);
        packet_opt(&query, 1232, 0, option, 4 + size);
        bool good = size == 8 || (size >= 16 && size <= 40);
        assert_udp(good ? "NOERROR aa\nqd www.example. A\n" WWW "opt 1232 cookie=24\n"
                        : "FORMERR\nqd www.example. A\nopt 1232\n");
    }
}

// RFC 7873 5.4: no question, only a cookie.
static void test_cookie_only_query(void **state)
{
    (void)state;
    packet_begin(&query, 0x1234, FLAG_RD);
    packet_opt(&query, 1232, 0, "\0\12\0\10abcdefgh", 12);
    assert_udp("NOERROR rd\nopt 1232 cookie=24\n");
    struct edns edns = reply_cookie();
    assert_int_equal(cookie_check(&served.server.cookies, &edns, &served.client, SERVED_DATE_S),
                     COOKIE_GOOD);
}

// --- types and classes ---------------------------------------------------------------------------

static void test_types_that_cannot_be_asked(void **state)
{
    (void)state;
    for (unsigned type = 0; type <= 256; type++) {
        bool meta = type == 0 || type == TYPE_OPT || (type >= 128 && type <= 254);
        if (!meta)
            continue;
        char expected[80], mnemonic[TYPE_TEXT_MAX];
        const char *rcode = "FORMERR";
        unsigned ede = 30;
        if (type == TYPE_IXFR)
            rcode = "REFUSED", ede = 18;
        else if (type == TYPE_MAILB || type == TYPE_MAILA)
            rcode = "NOTIMP", ede = 21;
        type_print((uint16_t)type, mnemonic);
        begin("www.example.", type);
        snprintf(expected, sizeof expected, "%s\nqd www.example. %s\n", rcode, mnemonic);
        assert_udp(expected); // no EDE without EDNS
        packet_opt(&query, 1232, 0, "", 0);
        snprintf(expected, sizeof expected, "%s\nqd www.example. %s\nopt 1232 ede=%u\n", rcode,
                 mnemonic, ede);
        assert_udp(expected);
    }
}

// RFC 5936 4.2: AXFR is nothing for UDP; over TCP it is not allowed (yet).
static void test_axfr(void **state)
{
    (void)state;
    begin("example.", TYPE_AXFR);
    packet_opt(&query, 1232, 0, "", 0);
    assert_udp("FORMERR\nqd example. AXFR\nopt 1232 ede=30\n");
    assert_int_equal(served.worker.stats.reasons[REASON_BAD_QUERY], 1);
    assert_reply(&served, &query, TRANSPORT_TCP, "REFUSED\nqd example. AXFR\nopt 1232 ede=18\n");
    assert_int_equal(served.worker.stats.reasons[REASON_REFUSED], 1);
}

static void test_unknown_types_are_types(void **state)
{
    (void)state;
    begin("www.example.", 1000);
    assert_udp("NOERROR aa\nqd www.example. TYPE1000\n"
               "an www.example. 3600 TYPE1000 \\# 1 00\n");
    static const uint16_t types[] = {1001, 127, 256, 32769, 65280, 65535};
    for (size_t i = 0; i < COUNT(types); i++) {
        char expected[160], mnemonic[TYPE_TEXT_MAX];
        type_print(types[i], mnemonic);
        snprintf(expected, sizeof expected, "NOERROR aa\nqd www.example. %s\n" SOA, mnemonic);
        begin("www.example.", types[i]);
        assert_udp(expected);
    }
}

static void test_classes(void **state)
{
    static const struct {
        uint16_t class;
        const char *expected;
    } cases[] = {
        {CLASS_IN, "NOERROR aa\nqd www.example. A\n" WWW "opt 1232\n"},
        {CLASS_ANY, "NOERROR\nqd www.example. A\n" WWW "opt 1232\n"},
        {CLASS_CH, "REFUSED\nqd www.example. A\nopt 1232 ede=20\n"},
        {CLASS_HS, "REFUSED\nqd www.example. A\nopt 1232 ede=20\n"},
        {CLASS_NONE, "REFUSED\nqd www.example. A\nopt 1232 ede=20\n"},
        {0, "REFUSED\nqd www.example. A\nopt 1232 ede=20\n"},
        {65535, "REFUSED\nqd www.example. A\nopt 1232 ede=20\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        packet_begin(&query, 0x1234, 0);
        packet_question(&query, "www.example.", TYPE_A, cases[i].class);
        packet_opt(&query, 1232, 0, "", 0);
        assert_udp(cases[i].expected);
    }
}

// --- errors --------------------------------------------------------------------------------------

// RFC 8914 2: text behind the code, without a NUL.
static void test_ede_text(void **state)
{
    static const struct {
        const char *name;
        uint16_t type;
        enum transport transport;
        const char *text;
    } cases[] = {
        {"elsewhere.", TYPE_A, TRANSPORT_UDP, "not a zone served here"},
        {"example.", TYPE_OPT, TRANSPORT_UDP, "this type cannot be asked for"},
        {"example.", TYPE_MAILA, TRANSPORT_UDP, "MAILA and MAILB are obsolete"},
        {"example.", TYPE_AXFR, TRANSPORT_UDP, "AXFR needs TCP"},
        {"example.", TYPE_AXFR, TRANSPORT_TCP, "zone transfer is not allowed"},
        {"example.", TYPE_IXFR, TRANSPORT_UDP, "zone transfer is not allowed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t size = strlen(cases[i].text);
        begin(cases[i].name, cases[i].type);
        packet_opt(&query, 1232, 0, "", 0);
        served_send(&served, &query, cases[i].transport);
        assert_memory_equal(served.reply + served.size - size, cases[i].text, size);
        assert_int_equal(bytes_get16(served.reply + served.size - size - 4), 2 + size);
    }
}

// RFC 8945 5.2.1: a key that is not known. The reply is NOTAUTH with an unsigned TSIG: BADKEY.
static void test_tsig(void **state)
{
    static const char rdata[] = "\4hmac\0\0\0\1\2\3\4\1\54\0\2mm\x12\x34\0\0\0\0";
    (void)state;
    begin("www.example.", TYPE_A);
    packet_opt(&query, 1232, 0, "", 0);
    packet_record(&query, &(struct packet_record){SECTION_ADDITIONAL, "Key.", TYPE_TSIG, CLASS_ANY,
                                                  0, rdata, sizeof rdata - 1});
    assert_udp("NOTAUTH\nqd www.example. A\nopt 1232\ntsig\n");
    // Key, type, class, TTL, size; algorithm, time and fudge as sent; no MAC; ID; error.
    static const char record[] = "\3Key\0\0\372\0\377\0\0\0\0\0\26"
                                 "\4hmac\0\0\0\1\2\3\4\1\54\0\0\x12\x34\0\21\0";
    assert_memory_equal(served.reply + served.size - sizeof record, record, sizeof record);
    // What comes after it has none.
    begin("www.example.", TYPE_A);
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW);
}

// A TSIG that cannot be read, not the last record, or one of two.
static void test_tsig_malformed(void **state)
{
    static const char rdata[] = "\4hmac\0\0\0\1\2\3\4\1\54\0\0\x12\x34\0\0\0\0";
    (void)state;
    for (size_t size = 0; size < 16; size++) {
        begin("www.example.", TYPE_A);
        packet_record(&query, &(struct packet_record){SECTION_ADDITIONAL, "Key.", TYPE_TSIG,
                                                      CLASS_ANY, 0, rdata, size});
        assert_udp("FORMERR\nqd www.example. A\n");
    }
    for (unsigned opt = 0; opt < 2; opt++) {
        begin("www.example.", TYPE_A);
        packet_record(&query, &(struct packet_record){SECTION_ADDITIONAL, "Key.", TYPE_TSIG,
                                                      CLASS_ANY, 0, rdata, sizeof rdata - 1});
        packet_record(&query,
                      &(struct packet_record){SECTION_ADDITIONAL, ".", opt ? TYPE_OPT : TYPE_TSIG,
                                              CLASS_ANY, 0, rdata, opt ? 0 : sizeof rdata - 1});
        assert_udp("FORMERR\nqd www.example. A\n");
    }
}

// --- batches -------------------------------------------------------------------------------------

// BATCH_MAX packets of all kinds at once: each gets what it would get alone.
static void test_batch(void **state)
{
    (void)state;
    static uint8_t octets[BATCH_MAX][SLOT_OCTETS];
    struct packet packets[BATCH_MAX];
    for (unsigned i = 0; i < BATCH_MAX; i++) {
        begin(i % 4 == 0 ? "www.example." : i % 4 == 1 ? "none.example." : "elsewhere.", TYPE_A);
        bytes_put16(query.octets, (uint16_t)i);
        if (i % 4 == 3)
            query.octets[2] |= 0x80;
        memcpy(octets[i], query.octets, query.size);
        packets[i] = (struct packet){.octets = octets[i],
                                     .size = (uint32_t)query.size,
                                     .room = SLOT_OCTETS,
                                     .client = &served.client,
                                     .transport = TRANSPORT_UDP};
    }
    struct serve_now now = serve_now_of(SERVED_NOW_US, SERVED_DATE_S);
    serve_batch(&served.server, &served.worker, packets, BATCH_MAX, &now);
    for (unsigned i = 0; i < BATCH_MAX; i++) {
        static const unsigned rcodes[] = {RCODE_NOERROR, RCODE_NXDOMAIN, RCODE_REFUSED};
        if (i % 4 == 3) {
            assert_int_equal(packets[i].size, 0);
            continue;
        }
        assert_int_equal(bytes_get16(octets[i]), i);
        assert_int_equal(reply_rcode(octets[i], packets[i].size), rcodes[i % 4]);
    }
}

static void test_counts(void **state)
{
    (void)state;
    const struct stats *stats = &served.worker.stats;
    begin("www.example.", TYPE_A);
    size_t asked = query.size;
    assert_udp("NOERROR aa\nqd www.example. A\n" WWW);
    uint64_t said = served.size;
    assert_int_equal(stats->requests[STATS_UDP][STATS_IPV4], 1);
    assert_true(address_parse("2001:db8::1", 53, &served.client));
    served_send(&served, &query, TRANSPORT_TCP);
    said += served.size;
    assert_int_equal(stats->requests[STATS_TCP][STATS_IPV6], 1);
    assert_int_equal(stats->requests_by_type[stats_type_index(TYPE_A)], 2);
    assert_int_equal(stats->responses[STATS_AUTH][RCODE_NOERROR], 2);
    assert_int_equal(stats->reasons[REASON_ANSWER], 2);
    assert_int_equal(stats->request_octets, 2 * asked);
    assert_int_equal(stats->response_octets, said);
    begin("elsewhere.", TYPE_MX);
    served_send(&served, &query, TRANSPORT_UDP);
    assert_int_equal(stats->responses[STATS_POLICY][RCODE_REFUSED], 1);
    query.size--;
    served_send(&served, &query, TRANSPORT_UDP);
    assert_int_equal(stats->responses[STATS_ERROR][RCODE_FORMERR], 1);
    assert_int_equal(stats->requests[STATS_UDP][STATS_IPV6], 2);
    assert_int_equal(stats->requests_by_type[stats_type_index(TYPE_MX)], 1);
}

// A batch's time is every one's of it, by source; what was not said anything to has none.
static void test_durations(void **state)
{
    (void)state;
    const struct histogram *durations = served.worker.stats.durations;
    uint64_t now_us = 1000000;
    begin("www.example.", TYPE_A);
    served_send(&served, &query, TRANSPORT_UDP);
    served_send(&served, &query, TRANSPORT_UDP);
    begin("elsewhere.", TYPE_MX);
    served_send(&served, &query, TRANSPORT_UDP);
    served.worker.now.us = now_us;
    serve_sent(&served.worker, now_us + 30);
    assert_int_equal(durations[STATS_AUTH].counts[2], 2);
    assert_int_equal(durations[STATS_AUTH].sum_us, 60);
    assert_int_equal(durations[STATS_POLICY].sum_us, 30);
    serve_sent(&served.worker, now_us + 60);
    assert_int_equal(durations[STATS_AUTH].sum_us, 60);
}

// A line for each query; no name and no packet can break out of it.
static void test_query_log(void **state)
{
    (void)state;
    FILE *log = tmpfile();
    assert_non_null(log);
    int standard_error = dup(STDERR_FILENO);
    assert_true(standard_error >= 0 && dup2(fileno(log), STDERR_FILENO) == STDERR_FILENO);
    served.server.log_queries = true;
    begin("a\\010\\255\"%s.example.", TYPE_A);
    served_send(&served, &query, TRANSPORT_UDP);
    query.size -= 2;
    served_send(&served, &query, TRANSPORT_TCP);
    query.octets[2] |= 0x80; // silence is no query
    served_send(&served, &query, TRANSPORT_UDP);
    assert_true(dup2(standard_error, STDERR_FILENO) == STDERR_FILENO);
    close(standard_error);

    static const char *const lines[] = {
        "query client=192.0.2.53:1053 proto=udp name=a\\010\\255\\\"%s.example. type=A "
        "rcode=NXDOMAIN reason=nxdomain octets=",
        "query client=192.0.2.53:1053 proto=tcp name=- type=TYPE0 "
        "rcode=FORMERR reason=bad-query octets=12\n"};
    char line[1024];
    rewind(log);
    for (unsigned i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, log));
        if (!strstr(line, lines[i]))
            fail_msg("%s", line);
    }
    assert_null(fgets(line, sizeof line, log));
    fclose(log);
}

// --- by chance -----------------------------------------------------------------------------------

// Valid queries, a few octets of which are changed, cut or added to: no crash, no reply to a
// response, and a reply otherwise that is a whole message of the right ID and a sane RCODE.
static void test_mutated_queries(void **state)
{
    static const char *const names[] = {"www.example.", "none.example.", ".", "id.server.", "a.b."};
    static const uint16_t types[] = {TYPE_A, TYPE_ANY, TYPE_AXFR, TYPE_DS, TYPE_TXT};
    (void)state;
    struct dice dice = dice_seed(17);
    struct buffer text = {0};
    for (unsigned i = 0; i < 20000; i++) {
        packet_begin(&query, dice_roll(&dice) & 0xffff, FLAG_RD);
        packet_question(&query, names[dice_roll(&dice) % COUNT(names)],
                        types[dice_roll(&dice) % COUNT(types)],
                        dice_roll(&dice) % 8 ? CLASS_IN : CLASS_CH);
        if (dice_roll(&dice) % 2)
            packet_opt(&query, 1232, EDNS_FLAG_DO, "\0\12\0\10abcdefgh\0\3\0\0", 16);
        for (unsigned j = dice_roll(&dice) % 5; j-- > 0;)
            query.octets[dice_roll(&dice) % query.size] = (uint8_t)dice_roll(&dice);
        if (dice_roll(&dice) % 8 == 0)
            query.size = dice_roll(&dice) % query.size;
        for (unsigned j = dice_roll(&dice) % 16; j > 13; j--)
            packet_put(&query, &dice, 3);
        served_send(&served, &query, dice_roll(&dice) % 4 ? TRANSPORT_UDP : TRANSPORT_TCP);
        bool silent = query.size < HEADER_SIZE || query.octets[2] & 0x80;
        assert_int_equal(served.size == 0, silent);
        if (silent)
            continue;
        assert_memory_equal(served.reply, query.octets, 2);
        buffer_clear(&text);
        print_reply(served.reply, served.size, &text); // and that it can be read at all
    }
    buffer_free(&text);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_question_counts),
        WITH_SERVER(test_silence),
        WITH_SERVER(test_opcodes),
        WITH_SERVER(test_flags),
        WITH_SERVER(test_malformed),
        WITH_SERVER(test_badvers),
        WITH_SERVER(test_bad_opt),
        WITH_SERVER(test_unknown_edns),
        WITH_SERVER(test_do_is_echoed),
        WITH_SERVER(test_nsid),
        cmocka_unit_test(test_zone_version),
        WITH_SERVER(test_zone_version_oddly_asked),
        WITH_SERVER(test_expire),
        WITH_SERVER(test_keepalive),
        WITH_SERVER(test_cookies),
        WITH_SERVER(test_bad_cookie_lengths),
        WITH_SERVER(test_cookie_only_query),
        WITH_SERVER(test_types_that_cannot_be_asked),
        WITH_SERVER(test_axfr),
        WITH_SERVER(test_unknown_types_are_types),
        WITH_SERVER(test_classes),
        WITH_SERVER(test_ede_text),
        WITH_SERVER(test_tsig),
        WITH_SERVER(test_tsig_malformed),
        WITH_SERVER(test_batch),
        WITH_SERVER(test_counts),
        WITH_SERVER(test_durations),
        WITH_SERVER(test_query_log),
        WITH_SERVER(test_mutated_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
