// What is not there, proven: the examples of RFC 4035 appendix B and RFC 5155 appendix B, and what
// they leave out. Signatures are no real ones: nothing here looks into them.
#include "../zone/hashed.h"
#include "asking.h"

#include "base/limits.h"

#define SIG(owner, type, labels)                                                                   \
    owner " RRSIG " type " 5 " labels " 3600 20040509183619 20040409183619 38519 example. AA==\n"

// --- RFC 4035 ------------------------------------------------------------------------------------

#define NSEC(owner, labels, rdata) owner " NSEC " rdata "\n" SIG(owner, "NSEC", labels)

// Appendix A.
static const char
    rfc4035[] =
        "$TTL 3600\n"
        "@ SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600\n" SIG("@", "SOA", "1") "@ NS ns1\n@ NS ns2\n" SIG("@", "NS", "1") "@ MX 1 xx\n" SIG("@", "MX", "1") NSEC("@", "1", "a.example. NS SOA MX RRSIG NSEC DNSKEY") "@ DNSKEY 256 3 5 AQOy\n@ DNSKEY 257 3 5 AQOe\n" SIG("@", "DNSKEY", "1") "a NS ns1.a\na NS ns2.a\n"
                                                                                                                                                                                                                                                                                                                      "a DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n" SIG("a",
                                                                                                                                                                                                                                                                                                                                                                                      "DS",
                                                                                                                                                                                                                                                                                                                                                                                      "2") NSEC("a", "2", "ai.example. NS DS RRSIG NSEC") "ns1.a A 192.0.2.5\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                          "ns2.a A 192.0.2.6\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                          "ai A 192.0.2.9\n" SIG("ai", "A", "2") "ai HINFO \"KLH-10\" \"ITS\"\n" SIG(
                                                                                                                                                                                                                                                                                                                                                                                                                                              "ai",
                                                                                                                                                                                                                                                                                                                                                                                                                                              "HINFO", "2") "ai AAAA 2001:db8::f00:baa9\n" SIG("ai",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                               "AAAA", "2") NSEC("ai", "2", "b.example. A HINFO AAAA RRSIG NSEC") "b NS ns1.b\nb NS ns2.b\n" NSEC("b",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "2", "ns1.example. NS RRSIG NSEC") "ns1.b A 192.0.2.7\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "ns2.b A 192.0.2.8\n"
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "ns1 A 192.0.2.1\n" SIG("ns1", "A", "2")
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                         NSEC(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "ns1", "2", "ns2.example. A RRSIG NSEC") "ns2 A 192.0.2.2\n" SIG("ns2", "A", "2")
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                             NSEC("ns2", "2", "*.w.example. A RRSIG NSEC") "*.w MX 1 ai\n" SIG(
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "*.w",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "MX",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                 "2") NSEC("*.w",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           "2", "x.w.example. MX RRSIG NSEC") "x.w MX 1 xx\n" SIG("x.w",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "MX", "3") NSEC("x.w", "3", "x.y.w.example. MX RRSIG NSEC") "x.y.w MX 1 xx\n" SIG("x.y.w",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "MX", "4") NSEC("x.y.w", "4",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "xx.example. MX RRSIG NSEC") "xx A 192.0.2.10\n" SIG("xx", "A", "2") "xx HINFO \"KLH-10\" \"TOPS-20\"\n" SIG("xx", "HINFO", "2") "xx AAAA 2001:db8::f00:baaa\n" SIG("xx",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "AAAA",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        "2") NSEC("xx",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "2",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  "example. A HINFO AAAA RRSIG NSEC");

#define PUT(section, owner, type, rdata)                                                           \
    section " " owner " 3600 " type " " rdata "\n" section " " owner " 3600 RRSIG " type "\n"
#define SOA4035                                                                                    \
    PUT("au", "example.", "SOA", "ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600")
#define NS_OF_EXAMPLE                                                                              \
    "au example. 3600 NS ns1.example.\nau example. 3600 NS ns2.example.\n"                         \
    "au example. 3600 RRSIG NS\n"
#define ADDRESSES(host, a, aaaa)                                                                   \
    PUT("ad", host ".example.", "A", a) PUT("ad", host ".example.", "AAAA", aaaa)
#define ADDRESSES_OF_NS                                                                            \
    PUT("ad", "ns1.example.", "A", "192.0.2.1") PUT("ad", "ns2.example.", "A", "192.0.2.2")
#define NSEC_APEX  PUT("au", "example.", "NSEC", "a.example. NS SOA MX RRSIG NSEC DNSKEY")
#define NSEC_AI    PUT("au", "ai.example.", "NSEC", "b.example. A HINFO AAAA RRSIG NSEC")
#define NSEC_B     PUT("au", "b.example.", "NSEC", "ns1.example. NS RRSIG NSEC")
#define NSEC_NS1   PUT("au", "ns1.example.", "NSEC", "ns2.example. A RRSIG NSEC")
#define NSEC_NS2   PUT("au", "ns2.example.", "NSEC", "*.w.example. A RRSIG NSEC")
#define NSEC_WILD  PUT("au", "*.w.example.", "NSEC", "x.w.example. MX RRSIG NSEC")
#define NSEC_X_W   PUT("au", "x.w.example.", "NSEC", "x.y.w.example. MX RRSIG NSEC")
#define NSEC_X_Y_W PUT("au", "x.y.w.example.", "NSEC", "xx.example. MX RRSIG NSEC")
#define NSEC_XX    PUT("au", "xx.example.", "NSEC", "example. A HINFO AAAA RRSIG NSEC")

struct question {
    const char *question, *expected;
};

static void ask_all(struct world *world, const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_answer(world, questions[i].question, questions[i].expected);
}

// Appendix B, with the sections that full answers have.
static void test_rfc4035_appendix_b(void **state)
{
    static const struct question questions[] = {
        {"x.w.example. MX do", // B.1
         "NOERROR aa answer\n" PUT("an", "x.w.example.", "MX", "1 xx.example.")
             NS_OF_EXAMPLE ADDRESSES("xx", "192.0.2.10", "2001:db8::f00:baaa") ADDRESSES_OF_NS},
        {"ml.example. A do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_B NSEC_APEX}, // B.2
        {"ns1.example. MX do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},          // B.3
        {"mc.a.example. MX do",                                                  // B.4
         "NOERROR referral\n"
         "au a.example. 3600 NS ns1.a.example.\n"
         "au a.example. 3600 NS ns2.a.example.\n" PUT(
             "au", "a.example.", "DS",
             "57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B") "glue ns1.a.example. 3600 A "
                                                                   "192.0.2.5\n"
                                                                   "glue ns2.a.example. 3600 A "
                                                                   "192.0.2.6\n"},
        {"mc.b.example. MX do", // B.5
         "NOERROR referral\n"
         "au b.example. 3600 NS ns1.b.example.\n"
         "au b.example. 3600 NS ns2.b.example.\n" NSEC_B "glue ns1.b.example. 3600 A 192.0.2.7\n"
         "glue ns2.b.example. 3600 A 192.0.2.8\n"},
        {"a.z.w.example. MX do", // B.6
         "NOERROR aa wildcard\n" PUT("an", "a.z.w.example.", "MX", "1 ai.example.")
             NSEC_X_Y_W NS_OF_EXAMPLE ADDRESSES("ai", "192.0.2.9", "2001:db8::f00:baa9")
                 ADDRESSES_OF_NS},
        {"a.z.w.example. AAAA do", // B.7
         "NOERROR aa nodata\n" SOA4035 NSEC_X_Y_W NSEC_WILD},
        {"example. DS do", "NOERROR aa nodata\n" SOA4035 NSEC_APEX}, // B.8
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", rfc4035);
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
        {"ns1.example. NSEC do",
         "NOERROR aa answer\n" PUT("an", "ns1.example.", "NSEC", "ns2.example. A RRSIG NSEC")},
        {"ns1.example. NSEC", "NOERROR aa answer\nan ns1.example. 3600 NSEC ns2.example. A RRSIG "
                              "NSEC\n"},
        {"ns1.example. DNSKEY do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},
        {"ns1.example. NSEC3 do", "NOERROR aa nodata\n" SOA4035 NSEC_NS1},
        {"ml.example. NSEC do", "NXDOMAIN aa nxdomain\n" SOA4035 NSEC_B NSEC_APEX},
        {"ns1.example. RRSIG do", "NOERROR aa answer\nan ns1.example. 3600 RRSIG A\n"},
        {"a.z.w.example. RRSIG do",
         "NOERROR aa wildcard\nan a.z.w.example. 3600 RRSIG MX\n" NSEC_X_Y_W},
        {"a.z.w.example. ANY do",
         "NOERROR aa wildcard\n" PUT("an", "a.z.w.example.", "MX", "1 ai.example.") NSEC_X_Y_W},
        // A cut's NSEC is the parent's, but only DS is not referred.
        {"b.example. NSEC do",
         "NOERROR referral\n"
         "au b.example. 3600 NS ns1.b.example.\n"
         "au b.example. 3600 NS ns2.b.example.\n" NSEC_B "glue ns1.b.example. 3600 A 192.0.2.7\n"
         "glue ns2.b.example. 3600 A 192.0.2.8\n"},
        // Nobody asked for proofs.
        {"ml.example. A", "NXDOMAIN aa nxdomain\nau example. 3600 SOA ns1.example. "
                          "bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"},
        {"ml.example. A edns", "NXDOMAIN aa nxdomain\nau example. 3600 SOA ns1.example. "
                               "bugs.x.w.example. 1081539377 3600 300 3600000 3600\n"},
        {"a.z.w.example. MX", "NOERROR aa wildcard\nan a.z.w.example. 3600 MX 1 ai.example.\n"},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", rfc4035);
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

#define NSEC3(hash, next, types)                                                                   \
    hash " NSEC3 1 1 12 aabbccdd " next " " types "\n" SIG(hash, "NSEC3", "2")

// Appendix A.
static const char rfc5155[] =
    "$TTL 3600\n"
    "@ SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600\n" SIG(
        "@", "SOA",
        "1") "@ NS ns1\n@ NS ns2\n" SIG("@", "NS",
                                        "1") "@ MX 1 xx\n" SIG("@", "MX",
                                                               "1") "@ DNSKEY 256 3 7 "
                                                                    "AwEAAaetidLzsKWUt4swWR8yu0wPHP"
                                                                    "iUi8LU\n" SIG(
                                                                        "@", "DNSKEY",
                                                                        "1") "@ "
                                                                             "NSEC3PARAM"
                                                                             " 1 0 12 "
                                                                             "aabbccdd"
                                                                             "\n" SIG("@",
                                                                                      "N"
                                                                                      "S"
                                                                                      "E"
                                                                                      "C"
                                                                                      "3"
                                                                                      "P"
                                                                                      "A"
                                                                                      "R"
                                                                                      "A"
                                                                                      "M",
                                                                                      "1")
                                                                                 NSEC3(H_APEX,
                                                                                       H_NS1,
                                                                                       "MX"
                                                                                       " D"
                                                                                       "NS"
                                                                                       "KE"
                                                                                       "Y "
                                                                                       "NS"
                                                                                       " S"
                                                                                       "OA"
                                                                                       " N"
                                                                                       "SE"
                                                                                       "C3"
                                                                                       "PA"
                                                                                       "RA"
                                                                                       "M "
                                                                                       "RR"
                                                                                       "SI"
                                                                                       "G") H_NS1
    " A 192.0.2.127\n" SIG(H_NS1, "A", "2") NSEC3(H_NS1, H_XYW, "A RRSIG")
        NSEC3(H_XYW, H_A, "MX RRSIG") NSEC3(
            H_A, H_XW,
            "NS DS RRSIG") "a NS ns1.a\na NS ns2.a\n"
                           "a DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C\n" SIG(
                               "a", "DS",
                               "2") "ns1.a A 192.0.2.5\n"
                                    "ns2.a A 192.0.2.6\n"
                                    "ai A 192.0.2.9\n" SIG(
                                        "ai",
                                        "A", "2") "ai HINFO \"KLH-10\" \"ITS\"\n" SIG("ai",
                                                                                      "HINFO", "2") "ai AAAA 2001:db8:0:0:0:0:f00:baa9\n" SIG("ai",
                                                                                                                                              "AAAA",
                                                                                                                                              "2")
                                        NSEC3(H_XW, H_AI,
                                              "MX RRSIG") "c NS ns1.c\nc NS ns2.c\n"
                                                          "ns1.c A 192.0.2.7\n"
                                                          "ns2.c A 192.0.2.8\n" NSEC3(
                                                              H_AI, H_YW,
                                                              "A HINFO AAAA RRSIG") NSEC3(H_YW, H_W,
                                                                                          "")
                                                              NSEC3(H_W, H_NAME, "")
                                                                  NSEC3(H_NAME, H_NS2, "A RRSIG") "ns1 A 192.0.2.1\n" SIG("ns1", "A", "2") "ns2 A 192.0.2.2\n" SIG(
                                                                      "ns2", "A",
                                                                      "2") NSEC3(H_NS2, H_WILD,
                                                                                 "A RRSIG") NSEC3(H_WILD, H_XX, "MX RRSIG")
                                                                      NSEC3(H_XX, H_APEX, "A HINFO AAAA RRSIG") "*.w MX 1 ai\n" SIG("*.w", "MX", "2") "x.w MX 1 xx\n" SIG(
                                                                          "x.w", "MX",
                                                                          "3") "x.y.w MX 1 "
                                                                               "xx\n" SIG(
                                                                                   "x.y."
                                                                                   "w",
                                                                                   "MX",
                                                                                   "4") "xx A "
                                                                                        "192.0.2."
                                                                                        "10\n" SIG("xx", "A", "2") "xx HINFO \"KLH-10\" \"TOPS-20\"\n" SIG(
                                                                                            "xx",
                                                                                            "HINFO",
                                                                                            "2") "x"
                                                                                                 "x"
                                                                                                 " "
                                                                                                 "A"
                                                                                                 "A"
                                                                                                 "A"
                                                                                                 "A"
                                                                                                 " "
                                                                                                 "2"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 "1"
                                                                                                 ":"
                                                                                                 "d"
                                                                                                 "b"
                                                                                                 "8"
                                                                                                 ":"
                                                                                                 "0"
                                                                                                 ":"
                                                                                                 "0"
                                                                                                 ":"
                                                                                                 "0"
                                                                                                 ":"
                                                                                                 "0"
                                                                                                 ":"
                                                                                                 "f"
                                                                                                 "0"
                                                                                                 "0"
                                                                                                 ":"
                                                                                                 "b"
                                                                                                 "a"
                                                                                                 "a"
                                                                                                 "a"
                                                                                                 "\n" SIG("xx",
                                                                                                          "AAAA",
                                                                                                          "2");

#define SOA5155                                                                                    \
    PUT("au", "example.", "SOA", "ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600")
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

#define PUT3(hash, next, types) PUT("au", hash ".example.", "NSEC3", "1 1 12 AABBCCDD " next types)
#define PUT3_APEX               PUT3(H_APEX, U_NS1, " NS SOA MX RRSIG DNSKEY NSEC3PARAM")
#define PUT3_NS1                PUT3(H_NS1, U_XYW, " A RRSIG")
#define PUT3_A                  PUT3(H_A, U_XW, " NS DS RRSIG")
#define PUT3_XW                 PUT3(H_XW, U_AI, " MX RRSIG")
#define PUT3_AI                 PUT3(H_AI, U_YW, " A HINFO AAAA RRSIG")
#define PUT3_YW                 PUT3(H_YW, U_W, "")
#define PUT3_W                  PUT3(H_W, U_NAME, "")
#define PUT3_NAME               PUT3(H_NAME, U_NS2, " A RRSIG")
#define PUT3_NS2                PUT3(H_NS2, U_WILD, " A RRSIG")
#define PUT3_WILD               PUT3(H_WILD, U_XX, " MX RRSIG")

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
         "NOERROR aa wildcard\n" PUT("an", "a.z.w.example.", "MX", "1 ai.example.")
             PUT3_NS2 NS_OF_EXAMPLE ADDRESSES("ai", "192.0.2.9", "2001:db8::f00:baa9")
                 ADDRESSES_OF_NS},
        {"a.z.w.example. AAAA do", // B.5
         "NOERROR aa nodata\n" SOA5155 PUT3_W PUT3_NS2 PUT3_WILD},
        {"example. DS do", "NOERROR aa nodata\n" SOA5155 PUT3_APEX}, // B.6
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", rfc5155);
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
         "NOERROR aa answer\n" PUT("an", "a.example.", "DS",
                                   "58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C")},
        // 7.2.8: what NSEC3 stand at are no names ...
        {H_XX ".example. NSEC3 do", "NXDOMAIN aa nxdomain\n" SOA5155 PUT3_APEX PUT3_W PUT3_AI},
        {"x." H_XX ".example. A do", "NXDOMAIN aa nxdomain\n" SOA5155 PUT3_APEX PUT3_W PUT3_AI},
        // ... but this one has an address, too.
        {H_NS1 ".example. A do",
         "NOERROR aa answer\n" PUT("an", H_NS1 ".example.", "A", "192.0.2.127")},
        {H_NS1 ".example. NSEC3 do", "NOERROR aa nodata\n" SOA5155 PUT3_NAME},
        {H_NS1 ".example. RRSIG do", "NOERROR aa answer\nan " H_NS1 ".example. 3600 RRSIG A\n"},
        {"X.W.example. A do", "NOERROR aa nodata\n" SOA5155 PUT3_XW},
        {"*.w.example. A do", "NOERROR aa nodata\n" SOA5155 PUT3_WILD},
        {"w.example. NSEC3 do", "NOERROR aa nodata\n" SOA5155 PUT3_W},
        // Nobody asked for proofs.
        {"a.c.x.w.example. A", "NXDOMAIN aa nxdomain\nau example. 3600 SOA ns1.example. "
                               "bugs.x.w.example. 1 3600 300 3600000 3600\n"},
    };
    (void)state;
    struct world world;
    world_of(&world, "example.", rfc5155);
    ask_all(&world, questions, COUNT(questions));
    world_close(&world);
}

// --- what the RFCs' examples leave out -----------------------------------------------------------

#define NSEC_LINE(owner, next) "au " owner " 3600 NSEC " next " RRSIG NSEC\n"
#define SOA_LINE(origin)                                                                           \
    "au " origin " 300 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"

// RFC 2308 3 and RFC 4035 3.1: the RRSIG of a SOA goes out with the SOA's TTL, whatever that is.
static void test_negative_ttl(void **state)
{
    (void)state;
    struct world world;
    world_of(&world, "example.", APEX SIG("@", "SOA", "1") "@ NSEC example. NS\n");
    assert_answer(&world, "example. A do",
                  "NOERROR aa nodata\n" SOA_LINE("example.") "au example. 300 RRSIG SOA\n"
                                                             "au example. 3600 NSEC example. NS\n");
    assert_answer(&world, "example. SOA do",
                  "NOERROR aa answer\n"
                  "an example. 3600 SOA ns.invalid. admin.invalid. 7 7200 3600 1209600 300\n"
                  "an example. 3600 RRSIG SOA\n");
    world_close(&world);
}

// A zone that is not signed, or whose chain is not whole, has nothing to prove with.
static void test_no_chain(void **state)
{
    static const char *const texts[] = {
        APEX "*.w A 192.0.2.1\ncut NS ns.invalid.\n",
        APEX "*.w A 192.0.2.1\ncut NS ns.invalid.\n" H_APEX " NSEC3 1 0 0 - " H_APEX " NS\n",
        APEX "*.w A 192.0.2.1\ncut NS ns.invalid.\n@ NSEC3PARAM 1 0 0 -\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct world world;
        world_of(&world, "example.", texts[i]);
        assert_answer(&world, "x.example. A do", "NXDOMAIN aa nxdomain\n" SOA_LINE("example."));
        assert_answer(&world, "w.example. A do", "NOERROR aa nodata\n" SOA_LINE("example."));
        assert_answer(&world, "x.w.example. A do",
                      "NOERROR aa wildcard\nan x.w.example. 3600 A 192.0.2.1\n");
        assert_answer(&world, "x.w.example. MX do", "NOERROR aa nodata\n" SOA_LINE("example."));
        assert_answer(&world, "cut.example. A do",
                      "NOERROR referral\nau cut.example. 3600 NS ns.invalid.\n");
        world_close(&world);
    }
}

// Each step of a chain by a wildcard is proven, in the zone of that step, and DNAMEs need no proof.
static void test_aliases(void **state)
{
    static const char here[] = APEX "@ NSEC *.w.example. RRSIG NSEC\n"
                                    "*.w CNAME x.v.other.\n*.w NSEC *.to.example. RRSIG NSEC\n"
                                    "*.to CNAME any.w\n*.to NSEC d.example. RRSIG NSEC\n"
                                    "d DNAME to\nd NSEC example. RRSIG NSEC\n";
    static const char there[] = APEX "@ NSEC *.v.other. RRSIG NSEC\n"
                                     "*.v A 192.0.2.1\n*.v NSEC other. RRSIG NSEC\n";
    static const struct question questions[] = {
        {"a.to.example. A do",
         "NOERROR aa wildcard\n"
         "an a.to.example. 3600 CNAME any.w.example.\n"
         "an any.w.example. 3600 CNAME x.v.other.\n"
         "an x.v.other. 3600 A 192.0.2.1\n" NSEC_LINE("*.to.example.", "d.example.")
             NSEC_LINE("*.w.example.", "*.to.example.") NSEC_LINE("*.v.other.", "other.")},
        {"a.d.example. MX do",
         "NOERROR aa nodata\n"
         "an d.example. 3600 DNAME to.example.\n"
         "an a.d.example. 3600 CNAME a.to.example.\n"
         "an a.to.example. 3600 CNAME any.w.example.\n"
         "an any.w.example. 3600 CNAME x.v.other.\n" SOA_LINE("other.")
             NSEC_LINE("*.to.example.", "d.example.") NSEC_LINE("*.w.example.", "*.to.example.")
                 NSEC_LINE("*.v.other.", "other.")},
        // The alias itself, asked for.
        {"a.w.example. CNAME do",
         "NOERROR aa wildcard\n"
         "an a.w.example. 3600 CNAME x.v.other.\n" NSEC_LINE("*.w.example.", "*.to.example.")},
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
                                    "a.*.bare TXT x\na.*.bare NSEC *.w.example. RRSIG NSEC\n"
                                    "*.w TXT x\n*.w NSEC *.v.w.example. RRSIG NSEC\n"
                                    "*.v.w TXT x\n*.v.w NSEC example. RRSIG NSEC\n";
    static const struct question questions[] = {
        {"x.bare.example. A do",
         "NOERROR aa nodata\n" SOA_LINE("example.") NSEC_LINE("a.*.bare.example.", "*.w.example.")
             NSEC_LINE("example.", "a.*.bare.example.")},
        {"*.bare.example. A do",
         "NOERROR aa nodata\n" SOA_LINE("example.") NSEC_LINE("example.", "a.*.bare.example.")},
        {"x.v.w.example. TXT do",
         "NOERROR aa wildcard\nan x.v.w.example. 3600 TXT \"x\"\n" NSEC_LINE("*.v.w.example.",
                                                                             "example.")},
        {"v.w.example. TXT do",
         "NOERROR aa nodata\n" SOA_LINE("example.") NSEC_LINE("*.w.example.", "*.v.w.example.")},
        {"u.w.example. TXT do", "NOERROR aa wildcard\nan u.w.example. 3600 TXT \"x\"\n" NSEC_LINE(
                                    "*.w.example.", "*.v.w.example.")},
        {"x.u.w.example. A do",
         "NOERROR aa nodata\n" SOA_LINE("example.") NSEC_LINE("*.w.example.", "*.v.w.example.")},
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
// the closest provable encloser stands for them. In hashes, [1] covers y.under and under, [0] is
// the zone's own.
static void test_opt_out(void **state)
{
    static const char text[] = APEX "z.y.under NS ns.invalid.\n"
                                    "signed NS ns.invalid.\nsigned DS 1 13 200 00\n"
                                    "a.ent TXT x\nb.ent NS ns.invalid.\n";
    static const char *const names[] = {"example.", "signed.example.", "ent.example.",
                                        "a.ent.example."};
    (void)state;
    struct world world;
    world_of_hashed(&world, text, names, COUNT(names));
    const struct image *image = &zones_get(&world.zones, name_of("example."))->image;
    struct name_key key;
    name_key_make(name_of("under.example."), &test_secret, &key);
    const struct node *under = image_find(image, &key, 2);
    assert_true(under->flags & NODE_COVERED);
    char expected[8] = "0";
    // What covers "under" by its hash, worked out in the test of press_chain.c.
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t label[NSEC3_LABEL_SIZE];
        nsec3_label(hash_of(names[i], &(struct nsec3_params){.algorithm = NSEC3_SHA1}).octets,
                    label);
        if (memcmp(image_node(image, node_hashed(under)->self)->name + 1, label, sizeof label) ==
                0 &&
            i > 0)
            strcat(expected, (char[]){(char)('0' + i), 0});
    }
    // DS at the cut, a referral, the empty non-terminals, and a name below one: the same proof.
    assert_proofs(&world, "z.y.under.example. DS do", names, COUNT(names), expected);
    assert_proofs(&world, "z.y.under.example. A do", names, COUNT(names), expected);
    assert_proofs(&world, "x.z.y.under.example. A do", names, COUNT(names), expected);
    assert_proofs(&world, "y.under.example. A do", names, COUNT(names), expected);
    assert_proofs(&world, "under.example. A do", names, COUNT(names), expected);
    // What has its own.
    assert_proofs(&world, "ent.example. A do", names, COUNT(names), "2");
    assert_proofs(&world, "a.ent.example. A do", names, COUNT(names), "3");
    assert_proofs(&world, "signed.example. A do", names, COUNT(names), "");
    assert_proofs(&world, "example. A do", names, COUNT(names), "0");
    assert_answer(&world, "y.under.example. A", "NOERROR aa nodata\n" SOA_LINE("example."));
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
        cmocka_unit_test(test_rfc4035_appendix_b),
        cmocka_unit_test(test_nsec),
        cmocka_unit_test(test_rfc5155_appendix_b),
        cmocka_unit_test(test_nsec3),
        cmocka_unit_test(test_negative_ttl),
        cmocka_unit_test(test_no_chain),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_opt_out),
        cmocka_unit_test(test_most_proofs),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
