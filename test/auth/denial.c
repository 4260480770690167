// What is not there, proven: the examples of RFC 4035 appendix B and RFC 5155 appendix B, and what
// they leave out. Signatures are no real ones: nothing here looks into them.
#include "../zone/hashed.h"
#include "asking.h"

#include "base/limits.h"

// Lines that begin with "+" have a signature beside them: in a zone, "+owner TYPE rdata", and in an
// expected answer, "+section owner TTL TYPE rdata".
static void expand(const char *text, bool zone, struct buffer *to)
{
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        bool is_signed = *text == '+';
        text += is_signed;
        buffer_add(to, text, (size_t)(end + 1 - text));
        if (!is_signed)
            continue;
        const char *type = text;
        for (unsigned words = zone ? 1 : 3; words > 0; words--)
            type = strchr(type, ' ') + 1;
        buffer_format(to, "%.*sRRSIG %.*s%s\n", (int)(type - text), text, (int)strcspn(type, " "),
                      type,
                      zone ? " 5 2 3600 20040509183619 20040409183619 38519 example. AA==" : "");
    }
}

static void world_of_signed(struct world *world, const char *text)
{
    struct buffer zone = {0};
    expand(text, true, &zone);
    world_of(world, "example.", buffer_text(&zone));
    buffer_free(&zone);
}

// --- RFC 4035 ------------------------------------------------------------------------------------

// Appendix A.
static const char rfc4035[] =
    "$TTL 3600\n"
    "+@ SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"
    "@ NS ns1\n"
    "+@ NS "
    "ns2\n"
    "+@ MX 1 xx\n"
    "+@ NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY\n"
    "@ DNSKEY 256 3 5 AQOy\n"
    "+@ DNSKEY 257 3 5 AQOe\n"
    "a NS ns1.a\n"
    "a NS ns2.a\n"
    "+a DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n"
    "+a NSEC ai.example. NS DS RRSIG NSEC\n"
    "ns1.a A 192.0.2.5\n"
    "ns2.a A 192.0.2.6\n"
    "+ai A 192.0.2.9\n"
    "+ai HINFO \"KLH-10\" \"ITS\"\n"
    "+ai AAAA 2001:db8::f00:baa9\n"
    "+ai NSEC b.example. A HINFO AAAA RRSIG NSEC\n"
    "b NS ns1.b\n"
    "b NS ns2.b\n"
    "+b NSEC ns1.example. NS RRSIG NSEC\n"
    "ns1.b A 192.0.2.7\n"
    "ns2.b A 192.0.2.8\n"
    "+ns1 A 192.0.2.1\n"
    "+ns1 NSEC ns2.example. A RRSIG NSEC\n"
    "+ns2 A 192.0.2.2\n"
    "+ns2 NSEC *.w.example. A RRSIG NSEC\n"
    "+*.w MX 1 ai\n"
    "+*.w NSEC x.w.example. MX RRSIG NSEC\n"
    "+x.w MX 1 xx\n"
    "+x.w NSEC x.y.w.example. MX RRSIG NSEC\n"
    "+x.y.w MX 1 xx\n"
    "+x.y.w NSEC xx.example. MX RRSIG NSEC\n"
    "+xx A 192.0.2.10\n"
    "+xx HINFO \"KLH-10\" \"TOPS-20\"\n"
    "+xx AAAA 2001:db8::f00:baaa\n"
    "+xx NSEC example. A HINFO AAAA RRSIG NSEC\n";

#define SOA4035                                                                                    \
    "+au example. 3600 SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"
#define NS_OF_EXAMPLE                                                                              \
    "au example. 3600 NS ns1.example.\n"                                                           \
    "+au example. 3600 NS ns2.example.\n"
#define ADDRESSES_OF_NS "+ad ns1.example. 3600 A 192.0.2.1\n+ad ns2.example. 3600 A 192.0.2.2\n"
#define NSEC_APEX       "+au example. 3600 NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY\n"
#define NSEC_AI         "+au ai.example. 3600 NSEC b.example. A HINFO AAAA RRSIG NSEC\n"
#define NSEC_B          "+au b.example. 3600 NSEC ns1.example. NS RRSIG NSEC\n"
#define NSEC_NS1        "+au ns1.example. 3600 NSEC ns2.example. A RRSIG NSEC\n"
#define NSEC_NS2        "+au ns2.example. 3600 NSEC *.w.example. A RRSIG NSEC\n"
#define NSEC_WILD       "+au *.w.example. 3600 NSEC x.w.example. MX RRSIG NSEC\n"
#define NSEC_X_W        "+au x.w.example. 3600 NSEC x.y.w.example. MX RRSIG NSEC\n"
#define NSEC_X_Y_W      "+au x.y.w.example. 3600 NSEC xx.example. MX RRSIG NSEC\n"
#define NSEC_XX         "+au xx.example. 3600 NSEC example. A HINFO AAAA RRSIG NSEC\n"

struct question {
    const char *question, *expected;
};

static void ask_all(struct world *world, const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer expected = {0};
        expand(questions[i].expected, false, &expected);
        assert_answer(world, questions[i].question, buffer_text(&expected));
        buffer_free(&expected);
    }
}

// Appendix B, with the sections that full answers have.
static void test_rfc4035_appendix_b(void **state)
{
    static const struct question questions[] = {
        {"x.w.example. MX do", // B.1
         "NOERROR aa answer\n"
         "+an x.w.example. 3600 MX 1 xx.example.\n" NS_OF_EXAMPLE
         "+ad xx.example. 3600 A 192.0.2.10\n"
         "+ad xx.example. 3600 AAAA 2001:db8::f00:baaa\n" ADDRESSES_OF_NS},
        {"ml.example. A do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_B NSEC_APEX}, // B.2
        {"ns1.example. MX do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},          // B.3
        {"mc.a.example. MX do",                                                  // B.4
         "NOERROR referral\n"
         "au a.example. 3600 NS ns1.a.example.\n"
         "au a.example. 3600 NS ns2.a.example.\n"
         "+au a.example. 3600 DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n"
         "glue ns1.a.example. 3600 A 192.0.2.5\n"
         "glue ns2.a.example. 3600 A 192.0.2.6\n"},
        {"mc.b.example. MX do", // B.5
         "NOERROR referral\n"
         "au b.example. 3600 NS ns1.b.example.\n"
         "au b.example. 3600 NS ns2.b.example.\n" NSEC_B "glue ns1.b.example. 3600 A 192.0.2.7\n"
         "glue ns2.b.example. 3600 A 192.0.2.8\n"},
        {"a.z.w.example. MX do", // B.6
         "NOERROR aa wildcard\n"
         "+an a.z.w.example. 3600 MX 1 ai.example.\n" NSEC_X_Y_W NS_OF_EXAMPLE
         "+ad ai.example. 3600 A 192.0.2.9\n"
         "+ad ai.example. 3600 AAAA 2001:db8::f00:baa9\n" ADDRESSES_OF_NS},
        {"a.z.w.example. AAAA do", // B.7
         "NOERROR aa nodata\n" SOA4035 NSEC_X_Y_W NSEC_WILD},
        {"example. DS do", "NOERROR aa nodata\n" SOA4035 NSEC_APEX}, // B.8
    };
    (void)state;
    struct world world;
    world_of_signed(&world, rfc4035);
    world.options.minimal = false;
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

static void test_nsec(void **state)
{
    static const struct question questions[] = {
        // DS at a cut without: the parent's no (3.1.4.1).
        {"b.example. DS do", "NOERROR aa nodata\n" SOA4035 NSEC_B},
        // Empty non-terminals: what covers them says that something is below.
        {"w.example. A do", "NOERROR aa nodata\n" SOA4035 NSEC_NS2},
        {"y.w.example. A do", "NOERROR aa nodata\n" SOA4035 NSEC_X_W},
        // One record covers the name and the wildcard.
        {"a.xx.example. A do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_XX},
        // No wildcard below a name that exists: *.y.w.example is covered, not *.w.example.
        {"a.y.w.example. MX do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_X_W},
        // The last one covers what is behind all names.
        {"zz.example. A do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_XX NSEC_APEX},
        // Names in any case, of the wildcard itself, and below it.
        {"ML.EXAMPLE. A do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_B NSEC_APEX},
        {"*.w.example. A do", "NOERROR aa nodata\n" SOA4035 NSEC_WILD},
        {"a.*.w.example. MX do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_WILD},
        // Types of DNSSEC are asked as others.
        {"ns1.example. NSEC do", "NOERROR aa answer\n"
                                 "+an ns1.example. 3600 NSEC ns2.example. A RRSIG NSEC\n"},
        {"ns1.example. NSEC", "NOERROR aa answer\n"
                              "an ns1.example. 3600 NSEC ns2.example. A RRSIG NSEC\n"},
        {"ns1.example. DNSKEY do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},
        {"ns1.example. NSEC3 do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},
        {"ml.example. NSEC do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_B NSEC_APEX},
        {"ns1.example. RRSIG do", "NOERROR aa answer\n"
                                  "an ns1.example. 3600 RRSIG A\n"},
        {"a.z.w.example. RRSIG do", "NOERROR aa wildcard\n"
                                    "an a.z.w.example. 3600 RRSIG MX\n" NSEC_X_Y_W},
        {"a.z.w.example. ANY do", "NOERROR aa wildcard\n"
                                  "+an a.z.w.example. 3600 MX 1 ai.example.\n" NSEC_X_Y_W},
        // A cut's NSEC is the parent's, but only DS is not referred.
        {"b.example. NSEC do",
         "NOERROR referral\n"
         "au b.example. 3600 NS ns1.b.example.\n"
         "au b.example. 3600 NS ns2.b.example.\n" NSEC_B "glue ns1.b.example. 3600 A 192.0.2.7\n"
         "glue ns2.b.example. 3600 A 192.0.2.8\n"},
        // Nobody asked for proofs.
        {"ml.example. A",
         "NXDOMAIN aa nxdomain\n"
         "au example. 3600 SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"},
        {"ml.example. A edns",
         "NXDOMAIN aa nxdomain\n"
         "au example. 3600 SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"},
        {"a.z.w.example. MX", "NOERROR aa wildcard\n"
                              "an a.z.w.example. 3600 MX 1 ai.example.\n"},
    };
    (void)state;
    struct world world;
    world_of_signed(&world, rfc4035);
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// --- RFC 5155 ------------------------------------------------------------------------------------

#define H_APEX "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom" // of example
#define H_NS1  "2t7b4g4vsa5smi47k61mv5bv1a22bojr"
#define H_XYW  "2vptu5timamqttgl4luu9kg21e0aor3s" // x.y.w.example
#define H_A    "35mthgpgcu1qg68fab165klnsnk3dpvl"
#define H_XW   "b4um86eghhds6nea196smvmlo4ors995"
#define H_AI   "gjeqe526plbf1g8mklp59enfd789njgi"
#define H_YW   "ji6neoaepv8b5o6k4ev33abha8ht9fgc"
#define H_W    "k8udemvp1j2f7eg6jebps17vp3n8i58h"
#define H_NAME "kohar7mbb8dc2ce8a9qvl8hon4k53uhi" // of 2t7b4g...example, which has an address
#define H_NS2  "q04jkcevqvmu85r014c7dkba38o0ji5r"
#define H_WILD "r53bq7cc2uvmubfu5ocmm6pers9tk9en" // *.w.example
#define H_XX   "t644ebqk9bibcna874givr6joj62mlhv"

#define PARAMS " NSEC3 1 1 12 aabbccdd "

// Appendix A.
static const char rfc5155[] = "$TTL 3600\n"
                              "+@ SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600\n"
                              "@ NS ns1\n"
                              "+@ NS ns2\n"
                              "+@ MX 1 xx\n"
                              "+@ DNSKEY 256 3 7 AwEAAaetidLzsKWUt4swWR8yu0wPHPiUi8LU\n"
                              "+@ NSEC3PARAM 1 0 12 aabbccdd\n"
                              "+" H_APEX PARAMS H_NS1 " MX DNSKEY NS SOA NSEC3PARAM RRSIG\n"
                              "+" H_NS1 " A 192.0.2.127\n"
                              "+" H_NS1 PARAMS H_XYW " A RRSIG\n"
                              "+" H_XYW PARAMS H_A " MX RRSIG\n"
                              "+" H_A PARAMS H_XW " NS DS RRSIG\n"
                              "a NS ns1.a\n"
                              "a NS ns2.a\n"
                              "+a DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C\n"
                              "ns1.a A 192.0.2.5\n"
                              "ns2.a A 192.0.2.6\n"
                              "+ai A 192.0.2.9\n"
                              "+ai HINFO \"KLH-10\" \"ITS\"\n"
                              "+ai AAAA 2001:db8:0:0:0:0:f00:baa9\n"
                              "+" H_XW PARAMS H_AI " MX RRSIG\n"
                              "c NS ns1.c\n"
                              "c NS ns2.c\n"
                              "ns1.c A 192.0.2.7\n"
                              "ns2.c A 192.0.2.8\n"
                              "+" H_AI PARAMS H_YW " A HINFO AAAA RRSIG\n"
                              "+" H_YW PARAMS H_W "\n"
                              "+" H_W PARAMS H_NAME "\n"
                              "+" H_NAME PARAMS H_NS2 " A RRSIG\n"
                              "+ns1 A 192.0.2.1\n"
                              "+ns2 A 192.0.2.2\n"
                              "+" H_NS2 PARAMS H_WILD " A RRSIG\n"
                              "+" H_WILD PARAMS H_XX " MX RRSIG\n"
                              "+" H_XX PARAMS H_APEX " A HINFO AAAA RRSIG\n"
                              "+*.w MX 1 ai\n"
                              "+x.w MX 1 xx\n"
                              "+x.y.w MX 1 xx\n"
                              "+xx A 192.0.2.10\n"
                              "+xx HINFO \"KLH-10\" \"TOPS-20\"\n"
                              "+xx AAAA 2001:db8:0:0:0:0:f00:baaa\n";

#define SOA5155 "+au example. 3600 SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600\n"
// As they are printed inside of rdata.
#define U_APEX "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM"
#define U_NS1  "2T7B4G4VSA5SMI47K61MV5BV1A22BOJR"
#define U_XYW  "2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S"
#define U_A    "35MTHGPGCU1QG68FAB165KLNSNK3DPVL"
#define U_XW   "B4UM86EGHHDS6NEA196SMVMLO4ORS995"
#define U_AI   "GJEQE526PLBF1G8MKLP59ENFD789NJGI"
#define U_YW   "JI6NEOAEPV8B5O6K4EV33ABHA8HT9FGC"
#define U_W    "K8UDEMVP1J2F7EG6JEBPS17VP3N8I58H"
#define U_NAME "KOHAR7MBB8DC2CE8A9QVL8HON4K53UHI"
#define U_NS2  "Q04JKCEVQVMU85R014C7DKBA38O0JI5R"
#define U_WILD "R53BQ7CC2UVMUBFU5OCMM6PERS9TK9EN"
#define U_XX   "T644EBQK9BIBCNA874GIVR6JOJ62MLHV"

#define PUT3_APEX                                                                                  \
    "+au " H_APEX ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_NS1                                    \
    " NS SOA MX RRSIG DNSKEY NSEC3PARAM\n"
#define PUT3_NS1  "+au " H_NS1 ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_XYW " A RRSIG\n"
#define PUT3_A    "+au " H_A ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_XW " NS DS RRSIG\n"
#define PUT3_XW   "+au " H_XW ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_AI " MX RRSIG\n"
#define PUT3_AI   "+au " H_AI ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_YW " A HINFO AAAA RRSIG\n"
#define PUT3_YW   "+au " H_YW ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_W "\n"
#define PUT3_W    "+au " H_W ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_NAME "\n"
#define PUT3_NAME "+au " H_NAME ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_NS2 " A RRSIG\n"
#define PUT3_NS2  "+au " H_NS2 ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_WILD " A RRSIG\n"
#define PUT3_WILD "+au " H_WILD ".example. 3600 NSEC3 1 1 12 AABBCCDD " U_XX " MX RRSIG\n"

static void test_rfc5155_appendix_b(void **state)
{
    static const struct question questions[] = {
        {"a.c.x.w.example. A do", // B.1
         "NXDOMAIN aa nxdomain\n" SOA5155 PUT3_XW PUT3_APEX PUT3_A},
        {"ns1.example. MX do", "NOERROR aa nodata\n" SOA5155 PUT3_NS1}, // B.2
        {"y.w.example. A do", "NOERROR aa nodata\n" SOA5155 PUT3_YW},   // B.2.1
        {"mc.c.example. MX do",                                         // B.3
         "NOERROR referral\n"
         "au c.example. 3600 NS ns1.c.example.\n"
         "au c.example. 3600 NS ns2.c.example.\n" PUT3_APEX PUT3_A
         "glue ns1.c.example. 3600 A 192.0.2.7\n"
         "glue ns2.c.example. 3600 A 192.0.2.8\n"},
        {"a.z.w.example. MX do", // B.4
         "NOERROR aa wildcard\n"
         "+an a.z.w.example. 3600 MX 1 ai.example.\n" PUT3_NS2 NS_OF_EXAMPLE
         "+ad ai.example. 3600 A 192.0.2.9\n"
         "+ad ai.example. 3600 AAAA 2001:db8::f00:baa9\n" ADDRESSES_OF_NS},
        {"a.z.w.example. AAAA do", // B.5
         "NOERROR aa nodata\n" SOA5155 PUT3_W PUT3_NS2 PUT3_WILD},
        {"example. DS do", "NOERROR aa nodata\n" SOA5155 PUT3_APEX}, // B.6
    };
    (void)state;
    struct world world;
    world_of_signed(&world, rfc5155);
    world.options.minimal = false;
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

static void test_nsec3(void **state)
{
    static const struct question questions[] = {
        // 7.2.4: no NSEC3 of its own, as it is an unsigned cut under opt-out.
        {"c.example. DS do", "NOERROR aa nodata\n" SOA5155 PUT3_APEX PUT3_A},
        {"a.example. DS do",
         "NOERROR aa answer\n"
         "+an a.example. 3600 DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C\n"},
        // 7.2.8: what NSEC3 stand at are no names ...
        {H_XX ".example. NSEC3 do", "NXDOMAIN aa nxdomain\n" SOA5155 PUT3_APEX PUT3_W PUT3_AI},
        {"x." H_XX ".example. A do", "NXDOMAIN aa nxdomain\n" SOA5155 PUT3_APEX PUT3_W PUT3_AI},
        // ... but this one has an address, too.
        {H_NS1 ".example. A do", "NOERROR aa answer\n"
                                 "+an " H_NS1 ".example. 3600 A 192.0.2.127\n"},
        {H_NS1 ".example. NSEC3 do", "NOERROR aa nodata\n" SOA5155 PUT3_NAME},
        {H_NS1 ".example. RRSIG do", "NOERROR aa answer\n"
                                     "an " H_NS1 ".example. 3600 RRSIG A\n"},
        {"X.W.example. A do", "NOERROR aa nodata\n" SOA5155 PUT3_XW},
        {"*.w.example. A do", "NOERROR aa nodata\n" SOA5155 PUT3_WILD},
        {"w.example. NSEC3 do", "NOERROR aa nodata\n" SOA5155 PUT3_W},
        // Nobody asked for proofs.
        {"a.c.x.w.example. A",
         "NXDOMAIN aa nxdomain\n"
         "au example. 3600 SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600\n"},
    };
    (void)state;
    struct world world;
    world_of_signed(&world, rfc5155);
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// --- what the RFCs' examples leave out -----------------------------------------------------------

// RFC 2308 3 and RFC 4035 3.1: the RRSIG of a SOA goes out with the SOA's TTL, whatever that is.
static void test_negative_ttl(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, "example.",
             APEX "@ RRSIG SOA 13 1 3600 20300101000000 20200101000000 1 example. AA==\n"
                  "@ NSEC example. NS\n");
    assert_answer(&world, "example. A do",
                  "NOERROR aa nodata\n"
                  "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
                  "au example. 300 RRSIG SOA\n"
                  "au example. 3600 NSEC example. NS\n");
    assert_answer(&world, "example. SOA do",
                  "NOERROR aa answer\n"
                  "an example. 3600 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
                  "an example. 3600 RRSIG SOA\n");
    world_close(&world);
}

// Where "*" would stand among the children of a name: behind those that begin with less than "*",
// and before all others. The NSEC that covers it is the one in front of that place.
static void test_place_of_the_wildcard(void **state)
{
    static const char zone[] = APEX "@ NSEC !.example. NS SOA\n"
                                    "! A 192.0.2.1\n"
                                    "! NSEC d.example. A\n"
                                    "d A 192.0.2.2\n"
                                    "d NSEC !.e.d.example. A\n"
                                    "!.e.d A 192.0.2.3\n"
                                    "!.e.d NSEC *a.f.example. A\n"
                                    "*a.f A 192.0.2.4\n"
                                    "*a.f NSEC g.example. A\n"
                                    "g A 192.0.2.5\n"
                                    "g NSEC example. A\n";
#define PROVED(first, second)                                                                      \
    "NXDOMAIN aa nxdomain\n"                                                                       \
    "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n" first second
#define NSEC_LESS "au !.example. 3600 NSEC d.example. A\n"
#define NSEC_D    "au d.example. 3600 NSEC !.e.d.example. A\n"
#define NSEC_E    "au !.e.d.example. 3600 NSEC *a.f.example. A\n"
#define NSEC_F    "au *a.f.example. 3600 NSEC g.example. A\n"
#define NSEC_G    "au g.example. 3600 NSEC example. A\n"
    static const struct question questions[] = {
        {"z.example. A do", PROVED(NSEC_G, NSEC_LESS)}, // *.example. is behind !.example.
        {"a.d.example. A do", PROVED(NSEC_D, "")},      // *.d. and a.d. are before e.d.
        {"z.d.example. A do", PROVED(NSEC_E, NSEC_D)},  // *.d. is before e.d.
        {"z.e.d.example. A do", PROVED(NSEC_E, "")},    // *.e.d. is behind !.e.d.
        {"z.f.example. A do", PROVED(NSEC_F, NSEC_E)},  // *.f. is before *a.f.; f. has no NSEC
        {"z.g.example. A do", PROVED(NSEC_G, "")},      // nothing is below
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", zone);
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// A zone that is not signed, or whose chain is not whole, has nothing to prove with.
static void test_no_chain(void **state)
{
    static const char *const texts[] = {
        APEX "*.w A 192.0.2.1\n"
             "cut NS ns.invalid.\n",
        APEX "*.w A 192.0.2.1\n"
             "cut NS ns.invalid.\n" H_APEX " NSEC3 1 0 0 - " H_APEX " NS\n",
        APEX "*.w A 192.0.2.1\n"
             "cut NS ns.invalid.\n"
             "@ NSEC3PARAM 1 0 0 -\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct world world;
        world_of(&world, "example.", texts[i]);
        assert_answer(&world, "x.example. A do",
                      "NXDOMAIN aa nxdomain\n"
                      "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n");
        assert_answer(&world, "w.example. A do",
                      "NOERROR aa nodata\n"
                      "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n");
        assert_answer(&world, "x.w.example. A do",
                      "NOERROR aa wildcard\n"
                      "an x.w.example. 3600 A 192.0.2.1\n");
        assert_answer(&world, "x.w.example. MX do",
                      "NOERROR aa nodata\n"
                      "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n");
        assert_answer(&world, "cut.example. A do",
                      "NOERROR referral\n"
                      "au cut.example. 3600 NS ns.invalid.\n");
        world_close(&world);
    }
}

// Each step of a chain by a wildcard is proven, in the zone of that step, and DNAMEs need no proof.
static void test_aliases(void **state)
{
    static const char here[] = APEX "@ NSEC *.w.example. RRSIG NSEC\n"
                                    "*.w CNAME x.v.other.\n"
                                    "*.w NSEC *.to.example. RRSIG NSEC\n"
                                    "*.to CNAME any.w\n"
                                    "*.to NSEC d.example. RRSIG NSEC\n"
                                    "d DNAME to\n"
                                    "d NSEC example. RRSIG NSEC\n";
    static const char there[] = APEX "@ NSEC *.v.other. RRSIG NSEC\n"
                                     "*.v A 192.0.2.1\n"
                                     "*.v NSEC other. RRSIG NSEC\n";
    static const struct question questions[] = {
        {"a.to.example. A do", "NOERROR aa wildcard\n"
                               "an a.to.example. 3600 CNAME any.w.example.\n"
                               "an any.w.example. 3600 CNAME x.v.other.\n"
                               "an x.v.other. 3600 A 192.0.2.1\n"
                               "au *.to.example. 3600 NSEC d.example. RRSIG NSEC\n"
                               "au *.w.example. 3600 NSEC *.to.example. RRSIG NSEC\n"
                               "au *.v.other. 3600 NSEC other. RRSIG NSEC\n"},
        {"a.d.example. MX do",
         "NOERROR aa nodata\n"
         "an d.example. 3600 DNAME to.example.\n"
         "an a.d.example. 3600 CNAME a.to.example.\n"
         "an a.to.example. 3600 CNAME any.w.example.\n"
         "an any.w.example. 3600 CNAME x.v.other.\n"
         "au other. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
         "au *.to.example. 3600 NSEC d.example. RRSIG NSEC\n"
         "au *.w.example. 3600 NSEC *.to.example. RRSIG NSEC\n"
         "au *.v.other. 3600 NSEC other. RRSIG NSEC\n"},
        // The alias itself, asked for.
        {"a.w.example. CNAME do", "NOERROR aa wildcard\n"
                                  "an a.w.example. 3600 CNAME x.v.other.\n"
                                  "au *.w.example. 3600 "
                                  "NSEC *.to.example. RRSIG NSEC\n"},
    };
    (void)state;
    struct world world;
    struct world_zone zones[] = {{"example.", here, ZONE_SERVED}, {"other.", there, ZONE_SERVED}};
    world_open(&world, zones, COUNT(zones));
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// A wildcard that is an empty non-terminal, and one below another.
static void test_wildcards(void **state)
{
    static const char text[] = APEX "@ NSEC a.*.bare.example. RRSIG NSEC\n"
                                    "a.*.bare TXT x\n"
                                    "a.*.bare NSEC *.w.example. RRSIG NSEC\n"
                                    "*.w TXT x\n"
                                    "*.w NSEC *.v.w.example. RRSIG NSEC\n"
                                    "*.v.w TXT x\n"
                                    "*.v.w NSEC example. RRSIG NSEC\n";
    static const struct question questions[] = {
        {"x.bare.example. A do",
         "NOERROR aa nodata\n"
         "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
         "au a.*.bare.example. 3600 NSEC *.w.example. RRSIG NSEC\n"
         "au example. 3600 NSEC a.*.bare.example. RRSIG NSEC\n"},
        {"*.bare.example. A do",
         "NOERROR aa nodata\n"
         "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
         "au example. 3600 NSEC a.*.bare.example. RRSIG NSEC\n"},
        {"x.v.w.example. TXT do", "NOERROR aa wildcard\n"
                                  "an x.v.w.example. 3600 TXT \"x\"\n"
                                  "au *.v.w.example. 3600 NSEC example. RRSIG NSEC\n"},
        {"v.w.example. TXT do",
         "NOERROR aa nodata\n"
         "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
         "au *.w.example. 3600 NSEC *.v.w.example. RRSIG NSEC\n"},
        {"u.w.example. TXT do", "NOERROR aa wildcard\n"
                                "an u.w.example. 3600 TXT \"x\"\n"
                                "au *.w.example. 3600 NSEC *.v.w.example. RRSIG NSEC\n"},
        {"x.u.w.example. A do",
         "NOERROR aa nodata\n"
         "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
         "au *.w.example. 3600 NSEC *.v.w.example. RRSIG NSEC\n"},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", text);
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// Names with NSEC3 and without: `hashed` are those that have one.
static void world_of_hashed(struct world *world, const char *text, const char *const *hashed,
                            size_t count)
{
    static const struct nsec3_params params = {.algorithm = NSEC3_SHA1};
    static struct hash20 hashes[HASHED_MAX];
    struct buffer all = {0};
    assert_true(count <= HASHED_MAX);
    for (size_t i = 0; i < count; i++)
        hashes[i] = hash_of(hashed[i], &params);
    buffer_format(&all, "%s@ NSEC3PARAM 1 0 0 -\n", text);
    add_chain(&all, "1 1 0 -", hashes, count);
    world_of(world, "example.", buffer_text(&all));
    buffer_free(&all);
}

// Which names' NSEC3 an answer has, as far as they are among `names`, one letter for each.
static void assert_proofs(struct world *world, const char *question, const char *const *names,
                          size_t count, const char *expected)
{
    static const struct nsec3_params params = {.algorithm = NSEC3_SHA1};
    struct answer answer;
    char found[32] = "";
    assert_int_equal(ask(world, question, &answer), AUTH_ANSWERED);
    for (unsigned i = 0; i < answer.count; i++) {
        if (answer.rrsets[i].rrset->type != TYPE_NSEC3)
            continue;
        for (size_t at = 0; at < count; at++) {
            uint8_t label[NSEC3_LABEL_SIZE];
            nsec3_label(hash_of(names[at], &params).octets, label);
            if (memcmp(answer.rrsets[i].owner.wire + 1, label, sizeof label) == 0)
                strcat(found, (char[]){(char)('0' + at), 0});
        }
    }
    if (strcmp(found, expected) != 0)
        fail_msg("%s: %s, not %s", question, found, expected);
}

// Under opt-out empty non-terminals above unsigned cuts have no NSEC3 (RFC 5155 7.1, erratum 3441):
// the closest provable encloser stands for them: [0], and [1] covers "under", by their hashes.
static void test_opt_out(void **state)
{
    static const char text[] = APEX "z.y.under NS ns.invalid.\n"
                                    "signed NS ns.invalid.\n"
                                    "signed DS 1 13 200 00\n"
                                    "a.ent TXT x\n"
                                    "b.ent NS ns.invalid.\n";
    static const char *const names[] = {"example.", "signed.example.", "ent.example.",
                                        "a.ent.example."};
    (void)state;
    struct world world;
    world_of_hashed(&world, text, names, COUNT(names));
    // DS at the cut, a referral, the empty non-terminals, and a name below one: the same proof.
    assert_proofs(&world, "z.y.under.example. DS do", names, COUNT(names), "01");
    assert_proofs(&world, "z.y.under.example. A do", names, COUNT(names), "01");
    assert_proofs(&world, "x.z.y.under.example. A do", names, COUNT(names), "01");
    assert_proofs(&world, "y.under.example. A do", names, COUNT(names), "01");
    assert_proofs(&world, "under.example. A do", names, COUNT(names), "01");
    // The next closer name of one that does not exist is then one that does; *.example is in [0].
    assert_proofs(&world, "e.under.example. A do", names, COUNT(names), "01");
    // What has its own.
    assert_proofs(&world, "ent.example. A do", names, COUNT(names), "2");
    assert_proofs(&world, "a.ent.example. A do", names, COUNT(names), "3");
    assert_proofs(&world, "signed.example. A do", names, COUNT(names), "");
    assert_proofs(&world, "example. A do", names, COUNT(names), "0");
    assert_answer(&world, "y.under.example. A",
                  "NOERROR aa nodata\n"
                  "au example. 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n");
    world_close(&world);
}

// ANSWER_PROOFS_MAX: every step by a wildcard, then a name that needs three.
static void test_most_proofs(void **state)
{
    static char names[HASHED_MAX][32];
    static const char *list[HASHED_MAX];
    (void)state;
    size_t count = 0;
    struct buffer text = {0};
    struct world world;
    struct answer answer;
    buffer_add_text(&text, APEX);
    strcpy(names[count++], "example.");
    for (unsigned i = 1; i < CHAIN_MAX; i++) {
        buffer_format(&text, "*.w%u CNAME any.%s%u\n", i, i + 1 < CHAIN_MAX ? "w" : "nothing.e",
                      i + 1);
        snprintf(names[count++], sizeof names[0], "w%u.example.", i);
        snprintf(names[count++], sizeof names[0], "*.w%u.example.", i);
    }
    buffer_format(&text, "e%u A 192.0.2.1\n", CHAIN_MAX);
    snprintf(names[count++], sizeof names[0], "e%u.example.", CHAIN_MAX);
    while (count < HASHED_MAX) // so many that no two of the answer's are one
        snprintf(names[count], sizeof names[0], "host%zu.example.", count), count++;
    for (size_t i = 0; i < count; i++)
        list[i] = names[i];
    world_of_hashed(&world, buffer_text(&text), list, count);
    assert_int_equal(ask(&world, "any.w1.example. A do", &answer), AUTH_ANSWERED);
    assert_int_equal(answer.rcode, RCODE_NXDOMAIN);
    unsigned proofs = 0;
    for (unsigned i = 0; i < answer.count; i++)
        proofs += answer.rrsets[i].rrset->type == TYPE_NSEC3;
    assert_int_equal(proofs, ANSWER_PROOFS_MAX);
    world_close(&world);
    buffer_free(&text);
}

// The longest owners of all still fit into the scratch, beside the longest CNAMEs that are made.
static void test_scratch(void **state)
{
    (void)state;
    assert_true(ANSWER_SCRATCH_MAX >= ANSWER_PROOFS_MAX * (NAME_OCTETS_MAX + 1) +
                                          CHAIN_MAX * (sizeof(struct rrset) + 2 + NAME_OCTETS_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc4035_appendix_b), cmocka_unit_test(test_nsec),
        cmocka_unit_test(test_rfc5155_appendix_b), cmocka_unit_test(test_nsec3),
        cmocka_unit_test(test_negative_ttl),       cmocka_unit_test(test_place_of_the_wildcard),
        cmocka_unit_test(test_no_chain),           cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_wildcards),          cmocka_unit_test(test_opt_out),
        cmocka_unit_test(test_most_proofs),        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
