// THE table of RR types, and the small words of the protocol (classes, RCODEs, opcodes).
//
// A row says all that the rest of the program knows about a type: its fields in order (field.h),
// how it may be compressed and folded, where its names stand, what it adds to the additional
// section. IANA's registry "Resource Record (RR) TYPEs" is the source; types without fields have a
// mnemonic there but no text form that we speak, and are RFC 3597's opaque octets.
//
// Two small indexes are made before main() from the table itself: by code and by mnemonic. Each
// record of a zone file asks both.
#include "dns/type.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dns/field.h"

// --- the forms that rdata has --------------------------------------------------------------------

static const uint8_t ip4[] = {FIELD_IP4, FIELD_END};
static const uint8_t ip6[] = {FIELD_IP6, FIELD_END};
static const uint8_t name[] = {FIELD_NAME, FIELD_END};
static const uint8_t two_names[] = {FIELD_NAME, FIELD_NAME, FIELD_END};
static const uint8_t soa[] = {FIELD_NAME,   FIELD_NAME,   FIELD_U32,    FIELD_PERIOD,
                              FIELD_PERIOD, FIELD_PERIOD, FIELD_PERIOD, FIELD_END};
static const uint8_t wks[] = {FIELD_IP4, FIELD_WKS, FIELD_END};
static const uint8_t string[] = {FIELD_STRING, FIELD_END};
static const uint8_t two_strings[] = {FIELD_STRING, FIELD_STRING, FIELD_END};
static const uint8_t three_strings[] = {FIELD_STRING, FIELD_STRING, FIELD_STRING, FIELD_END};
static const uint8_t isdn[] = {FIELD_STRING, FIELD_STRING_OPTIONAL, FIELD_END};
static const uint8_t strings[] = {FIELD_STRINGS, FIELD_END};
static const uint8_t preference_name[] = {FIELD_U16, FIELD_NAME, FIELD_END};
static const uint8_t preference_names[] = {FIELD_U16, FIELD_NAME, FIELD_NAME, FIELD_END};
static const uint8_t nsap[] = {FIELD_NSAP, FIELD_END};
static const uint8_t signature[] = {FIELD_TYPE,   FIELD_ALGORITHM, FIELD_U8,  FIELD_PERIOD,
                                    FIELD_TIME,   FIELD_TIME,      FIELD_U16, FIELD_NAME,
                                    FIELD_BASE64, FIELD_END};
static const uint8_t old_key[] = {FIELD_U16, FIELD_U8, FIELD_ALGORITHM, FIELD_BASE64_OPTIONAL,
                                  FIELD_END};
static const uint8_t key[] = {FIELD_U16, FIELD_U8, FIELD_ALGORITHM, FIELD_BASE64, FIELD_END};
static const uint8_t loc[] = {FIELD_LOC, FIELD_END};
static const uint8_t nxt[] = {FIELD_NAME, FIELD_NXT, FIELD_END};
static const uint8_t hex[] = {FIELD_HEX, FIELD_END};
static const uint8_t srv[] = {FIELD_U16, FIELD_U16, FIELD_U16, FIELD_NAME, FIELD_END};
static const uint8_t naptr[] = {FIELD_U16,    FIELD_U16,  FIELD_STRING, FIELD_STRING,
                                FIELD_STRING, FIELD_NAME, FIELD_END};
static const uint8_t cert[] = {FIELD_CERTIFICATE, FIELD_U16, FIELD_ALGORITHM_WORD, FIELD_BASE64,
                               FIELD_END};
static const uint8_t a6[] = {FIELD_A6, FIELD_A6_NAME, FIELD_END};
static const uint8_t apl[] = {FIELD_APL, FIELD_END};
static const uint8_t ds[] = {FIELD_U16, FIELD_ALGORITHM, FIELD_U8, FIELD_HEX, FIELD_END};
static const uint8_t sshfp[] = {FIELD_U8, FIELD_U8, FIELD_HEX, FIELD_END};
static const uint8_t ipseckey[] = {
    FIELD_U8, FIELD_U8, FIELD_U8, FIELD_GATEWAY, FIELD_BASE64_OPTIONAL, FIELD_END};
static const uint8_t nsec[] = {FIELD_NAME, FIELD_BITMAP, FIELD_END};
static const uint8_t base64[] = {FIELD_BASE64, FIELD_END};
static const uint8_t nsec3[] = {FIELD_U8,   FIELD_U8,     FIELD_U16, FIELD_SALT,
                                FIELD_HASH, FIELD_BITMAP, FIELD_END};
static const uint8_t nsec3param[] = {FIELD_U8, FIELD_U8, FIELD_U16, FIELD_SALT, FIELD_END};
static const uint8_t tlsa[] = {FIELD_U8, FIELD_U8, FIELD_U8, FIELD_HEX, FIELD_END};
static const uint8_t hip[] = {FIELD_HIP, FIELD_NAMES, FIELD_END};
static const uint8_t csync[] = {FIELD_U32, FIELD_U16, FIELD_BITMAP, FIELD_END};
static const uint8_t zonemd[] = {FIELD_U32, FIELD_U8, FIELD_U8, FIELD_HEX, FIELD_END};
static const uint8_t svcb[] = {FIELD_U16, FIELD_NAME, FIELD_SVCPARAMS, FIELD_END};
static const uint8_t dsync[] = {FIELD_TYPE, FIELD_SCHEME, FIELD_U16, FIELD_NAME, FIELD_END};
static const uint8_t locator[] = {FIELD_U16, FIELD_LOCATOR, FIELD_END};
static const uint8_t preference_ip4[] = {FIELD_U16, FIELD_IP4, FIELD_END};
static const uint8_t eui48[] = {FIELD_EUI48, FIELD_END};
static const uint8_t eui64[] = {FIELD_EUI64, FIELD_END};
static const uint8_t uri[] = {FIELD_U16, FIELD_U16, FIELD_TEXT, FIELD_END};
static const uint8_t caa[] = {FIELD_U8, FIELD_TAG, FIELD_TEXT, FIELD_END};
static const uint8_t doa[] = {FIELD_U32,    FIELD_U32,         FIELD_U8,
                              FIELD_STRING, FIELD_BASE64_DASH, FIELD_END};
static const uint8_t amtrelay[] = {FIELD_U8, FIELD_RELAY, FIELD_END};

// --- the table -----------------------------------------------------------------------------------

// Names in rdata that RFC 1035 defines: compressed on the way out (RFC 3597 4), folded.
#define CLASSIC .compress = true, .fold = true
// Names of later types that RFC 4034 6.2 lists: folded only. (RFC 6840 5.1 takes NSEC off that
// list.)
#define FOLD .fold = true
// `count` names stand in the rdata behind `octets` octets.
#define NAMES(count, octets) .names = (count), .names_at = (octets)
#define HOST                 .additional = ADDITIONAL_HOST

// clang-format off
static const struct type_row rows[] = {
    {1, "A", ip4, .source = "RFC 1035 3.4.1"},
    {2, "NS", name, CLASSIC, NAMES(1, 0), HOST, .source = "RFC 1035 3.3.11"},
    {3, "MD", name, CLASSIC, NAMES(1, 0), HOST, .source = "RFC 1035 3.3.4"},
    {4, "MF", name, CLASSIC, NAMES(1, 0), HOST, .source = "RFC 1035 3.3.5"},
    {5, "CNAME", name, .single = true, CLASSIC, NAMES(1, 0), .source = "RFC 1035 3.3.1"},
    {6, "SOA", soa, .single = true, CLASSIC, NAMES(2, 0), .source = "RFC 1035 3.3.13"},
    {7, "MB", name, CLASSIC, NAMES(1, 0), HOST, .source = "RFC 1035 3.3.3"},
    {8, "MG", name, CLASSIC, NAMES(1, 0), .source = "RFC 1035 3.3.6"},
    {9, "MR", name, CLASSIC, NAMES(1, 0), .source = "RFC 1035 3.3.8"},
    {10, "NULL", NULL, .source = "RFC 1035 3.3.10"},
    {11, "WKS", wks, .source = "RFC 1035 3.4.2"},
    {12, "PTR", name, CLASSIC, NAMES(1, 0), .source = "RFC 1035 3.3.12"},
    {13, "HINFO", two_strings, .source = "RFC 1035 3.3.2"},
    {14, "MINFO", two_names, CLASSIC, NAMES(2, 0), .source = "RFC 1035 3.3.7"},
    {15, "MX", preference_name, CLASSIC, NAMES(1, 2), HOST, .source = "RFC 1035 3.3.9"},
    {16, "TXT", strings, .source = "RFC 1035 3.3.14"},
    {17, "RP", two_names, FOLD, NAMES(2, 0), .source = "RFC 1183 2.2"},
    {18, "AFSDB", preference_name, FOLD, NAMES(1, 2), HOST, .source = "RFC 1183 1"},
    {19, "X25", string, .source = "RFC 1183 3.1"},
    {20, "ISDN", isdn, .source = "RFC 1183 3.2"},
    {21, "RT", preference_name, FOLD, NAMES(1, 2), HOST, .source = "RFC 1183 3.3"},
    {22, "NSAP", nsap, .source = "RFC 1706 5"},
    {23, "NSAP-PTR", name, NAMES(1, 0), .source = "RFC 1706 6"},
    {24, "SIG", signature, FOLD, NAMES(1, 18), .source = "RFC 2535 4.1"},
    {25, "KEY", old_key, .source = "RFC 2535 3.1"},
    {26, "PX", preference_names, FOLD, NAMES(2, 2), .source = "RFC 2163 4"},
    {27, "GPOS", three_strings, .source = "RFC 1712 3"},
    {28, "AAAA", ip6, .source = "RFC 3596 2.2"},
    {29, "LOC", loc, .source = "RFC 1876 2"},
    {30, "NXT", nxt, FOLD, NAMES(1, 0), .source = "RFC 2535 5.2"},
    {31, "EID", hex, .source = "draft-ietf-nimrod-dns"},
    {32, "NIMLOC", hex, .source = "draft-ietf-nimrod-dns"},
    {33, "SRV", srv, FOLD, NAMES(1, 6), HOST, .source = "RFC 2782"},
    {34, "ATMA", NULL, .source = "ATM Forum af-dans-0152"},
    {35, "NAPTR", naptr, FOLD, .source = "RFC 3403 4.1"},
    {36, "KX", preference_name, FOLD, NAMES(1, 2), HOST, .source = "RFC 2230 3"},
    {37, "CERT", cert, .source = "RFC 4398 2"},
    {38, "A6", a6, FOLD, .source = "RFC 2874 3.1"},
    {39, "DNAME", name, .single = true, FOLD, NAMES(1, 0), .source = "RFC 6672 2.1"},
    {40, "SINK", NULL, .source = "draft-eastlake-kitchen-sink"},
    {41, "OPT", NULL, .meta = true, .source = "RFC 6891 6.1"},
    {42, "APL", apl, .source = "RFC 3123 4"},
    {43, "DS", ds, .source = "RFC 4034 5.1"},
    {44, "SSHFP", sshfp, .source = "RFC 4255 3.1"},
    {45, "IPSECKEY", ipseckey, .source = "RFC 4025 2.1"},
    {46, "RRSIG", signature, FOLD, NAMES(1, 18), .source = "RFC 4034 3.1"},
    {47, "NSEC", nsec, NAMES(1, 0), .source = "RFC 4034 4.1"},
    {48, "DNSKEY", key, .source = "RFC 4034 2.1"},
    {49, "DHCID", base64, .source = "RFC 4701 3.1"},
    {50, "NSEC3", nsec3, .source = "RFC 5155 3.2"},
    {51, "NSEC3PARAM", nsec3param, .source = "RFC 5155 4.2"},
    {52, "TLSA", tlsa, .source = "RFC 6698 2.1"},
    {53, "SMIMEA", tlsa, .source = "RFC 8162 2"},
    {55, "HIP", hip, .source = "RFC 8005 5"},
    {56, "NINFO", strings, .source = "draft-reid-dnsext-zs"},
    {57, "RKEY", key, .source = "draft-reid-dnsext-rkey"},
    {58, "TALINK", two_names, NAMES(2, 0), .source = "draft-wijngaards-dnsop-trust-history"},
    {59, "CDS", ds, .source = "RFC 7344 3.1"},
    {60, "CDNSKEY", key, .source = "RFC 7344 3.2"},
    {61, "OPENPGPKEY", base64, .source = "RFC 7929 2.1"},
    {62, "CSYNC", csync, .source = "RFC 7477 2.1.1"},
    {63, "ZONEMD", zonemd, .source = "RFC 8976 2.2"},
    {64, "SVCB", svcb, NAMES(1, 2), .additional = ADDITIONAL_SVCB, .source = "RFC 9460 2.2"},
    {65, "HTTPS", svcb, NAMES(1, 2), .additional = ADDITIONAL_SVCB, .source = "RFC 9460 9"},
    {66, "DSYNC", dsync, NAMES(1, 5), .source = "RFC 9859 2.1"},
    {67, "HHIT", base64, .source = "RFC 9886"},
    {68, "BRID", base64, .source = "RFC 9886"},
    {99, "SPF", strings, .source = "RFC 7208 3.1"},
    {100, "UINFO", NULL, .source = "IANA"},
    {101, "UID", NULL, .source = "IANA"},
    {102, "GID", NULL, .source = "IANA"},
    {103, "UNSPEC", NULL, .source = "IANA"},
    {104, "NID", locator, .source = "RFC 6742 2.1"},
    {105, "L32", preference_ip4, .source = "RFC 6742 2.2"},
    {106, "L64", locator, .source = "RFC 6742 2.3"},
    {107, "LP", preference_name, NAMES(1, 2), .source = "RFC 6742 2.4"},
    {108, "EUI48", eui48, .source = "RFC 7043 3"},
    {109, "EUI64", eui64, .source = "RFC 7043 4"},
    {128, "NXNAME", NULL, .meta = true, .source = "RFC 9824"},
    {249, "TKEY", NULL, .meta = true, .source = "RFC 2930 2"},
    {250, "TSIG", NULL, .meta = true, .source = "RFC 8945 4.2"},
    {251, "IXFR", NULL, .meta = true, .source = "RFC 1995 3"},
    {252, "AXFR", NULL, .meta = true, .source = "RFC 5936 2"},
    {253, "MAILB", NULL, .meta = true, .source = "RFC 1035 3.2.3"},
    {254, "MAILA", NULL, .meta = true, .source = "RFC 1035 3.2.3"},
    {255, "ANY", NULL, .meta = true, .source = "RFC 1035 3.2.3"},
    {256, "URI", uri, .source = "RFC 7553 4.5"},
    {257, "CAA", caa, .source = "RFC 8659 4.1"},
    {258, "AVC", strings, .source = "IANA, as TXT"},
    {259, "DOA", doa, .source = "draft-durand-doa-over-dns 3.1"},
    {260, "AMTRELAY", amtrelay, .source = "RFC 8777 4.2"},
    {261, "RESINFO", strings, .source = "RFC 9606 4"},
    {262, "WALLET", strings, .source = "IANA, as TXT"},
    {263, "CLA", NULL, .source = "draft-johnson-dns-ipn-cla"},
    {264, "IPN", NULL, .source = "draft-johnson-dns-ipn-cla"},
    {32768, "TA", ds, .source = "draft-lewis-dns-undocumented-types"},
    {32769, "DLV", ds, .source = "RFC 4431 2"},
    // Private use, as PowerDNS has it: the name whose addresses the server gives as its own.
    {65401, "ALIAS", name, .single = true, NAMES(1, 0), .source = "private use"},
    {0},
};
// clang-format on

// --- the indexes ---------------------------------------------------------------------------------

#define ROWS      (sizeof rows / sizeof *rows - 1) // without the end mark
#define LOW_CODES 300 // codes that have a slot of their own; the few above are searched
#define SLOTS     256 // of the hash of mnemonics: a power of two, more than twice the rows
#define WORD_MAX  (TYPE_TEXT_MAX - 1)

static_assert(ROWS < 255, "an index holds a row's number plus one in an octet");
static_assert(ROWS * 2 < SLOTS, "the hash of mnemonics must stay mostly empty");

static uint8_t row_of_code[LOW_CODES]; // 0: none, else the row's number plus one
static uint8_t row_of_word[SLOTS];     // the same; a taken slot is passed over
static size_t first_high;              // the first row whose code is not below LOW_CODES

// `word` in upper case.
static unsigned hash_word(const char *word, size_t size)
{
    unsigned hash = 0;
    for (size_t i = 0; i < size; i++)
        hash = hash * 31 + (unsigned char)word[i];
    return (hash ^ hash >> 7) % SLOTS;
}

__attribute__((constructor)) static void make_indexes(void)
{
    for (size_t row = 0; row < ROWS; row++) {
        unsigned slot = hash_word(rows[row].mnemonic, strlen(rows[row].mnemonic));
        while (row_of_word[slot])
            slot = (slot + 1) % SLOTS;
        row_of_word[slot] = (uint8_t)(row + 1);
        if (rows[row].code < LOW_CODES) {
            row_of_code[rows[row].code] = (uint8_t)(row + 1);
            first_high = row + 1;
        }
    }
}

const struct type_row *type_find(uint16_t type)
{
    if (type < LOW_CODES)
        return row_of_code[type] ? &rows[row_of_code[type] - 1] : NULL;
    for (const struct type_row *row = rows + first_high; row->mnemonic; row++)
        if (row->code == type)
            return row;
    return NULL;
}

const struct type_row *type_table(void)
{
    return rows;
}

bool type_is_meta(uint16_t type)
{
    // RFC 6895 3.1: 128 to 255 are question and meta types, whoever they are; OPT stands outside.
    return type == 0 || type == TYPE_OPT || (type >= 128 && type <= 255);
}

// --- words ---------------------------------------------------------------------------------------

// Reads the number of "TYPE123" and "CLASS123"; `prefix` in lower case.
static bool parse_numbered(const char *text, size_t size, const char *prefix, uint16_t *value)
{
    size_t head = strlen(prefix);
    uint32_t sum = 0;
    if (size <= head)
        return false;
    for (size_t i = 0; i < head; i++)
        if (byte_fold((uint8_t)text[i]) != (uint8_t)prefix[i])
            return false;
    for (size_t i = head; i < size; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
        if (sum > UINT16_MAX)
            return false;
    }
    *value = (uint16_t)sum;
    return true;
}

void type_print(uint16_t type, char text[static TYPE_TEXT_MAX])
{
    const struct type_row *row = type_find(type);
    if (row)
        strcpy(text, row->mnemonic);
    else
        snprintf(text, TYPE_TEXT_MAX, "TYPE%u", type);
}

bool type_parse(const char *text, size_t size, uint16_t *type)
{
    char word[WORD_MAX];
    if (size == 0 || size > sizeof word)
        return parse_numbered(text, size, "type", type);
    for (size_t i = 0; i < size; i++)
        word[i] = (uint8_t)(text[i] - 'a') < 26 ? (char)(text[i] - 0x20) : text[i];
    for (unsigned slot = hash_word(word, size); row_of_word[slot]; slot = (slot + 1) % SLOTS) {
        const struct type_row *row = &rows[row_of_word[slot] - 1];
        if (strlen(row->mnemonic) == size && memcmp(row->mnemonic, word, size) == 0) {
            *type = row->code;
            return true;
        }
    }
    return parse_numbered(text, size, "type", type);
}

// A number of the protocol and its word.
struct coded_word {
    uint16_t code;
    const char *word;
};

static const struct coded_word classes[] = {
    {CLASS_IN, "IN"}, {CLASS_CH, "CH"}, {CLASS_HS, "HS"}, {CLASS_NONE, "NONE"}, {CLASS_ANY, "ANY"}};
#define CLASSES (sizeof classes / sizeof *classes)

void class_print(uint16_t class, char text[static CLASS_TEXT_MAX])
{
    for (size_t i = 0; i < CLASSES; i++) {
        if (classes[i].code == class) {
            strcpy(text, classes[i].word);
            return;
        }
    }
    snprintf(text, CLASS_TEXT_MAX, "CLASS%u", class);
}

bool class_parse(const char *text, size_t size, uint16_t *class)
{
    for (size_t i = 0; i < CLASSES; i++) {
        const char *word = classes[i].word;
        size_t same = 0;
        while (same < size && word[same] &&
               byte_fold((uint8_t)text[same]) == byte_fold((uint8_t)word[same]))
            same++;
        if (same == size && word[same] == 0) {
            *class = classes[i].code;
            return true;
        }
    }
    return parse_numbered(text, size, "class", class);
}

const char *rcode_word(unsigned rcode)
{
    // IANA "DNS RCODEs". 16 is BADVERS in OPT and BADSIG in TSIG; here it is the OPT's.
    static const char *const words[] = {"NOERROR", "FORMERR",   "SERVFAIL", "NXDOMAIN", "NOTIMP",
                                        "REFUSED", "YXDOMAIN",  "YXRRSET",  "NXRRSET",  "NOTAUTH",
                                        "NOTZONE", "DSOTYPENI", NULL,       NULL,       NULL,
                                        NULL,      "BADVERS",   "BADKEY",   "BADTIME",  "BADMODE",
                                        "BADNAME", "BADALG",    "BADTRUNC", "BADCOOKIE"};
    static_assert(sizeof words / sizeof *words == RCODE_BADCOOKIE + 1, "one word for each RCODE");
    return rcode < sizeof words / sizeof *words ? words[rcode] : NULL;
}

const char *opcode_word(unsigned opcode)
{
    static const char *const words[] = {"QUERY",  "IQUERY", "STATUS", NULL,
                                        "NOTIFY", "UPDATE", "DSO"};
    static_assert(sizeof words / sizeof *words == OPCODE_DSO + 1, "one word for each opcode");
    return opcode < sizeof words / sizeof *words ? words[opcode] : NULL;
}
