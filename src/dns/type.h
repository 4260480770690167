// RR types, classes, opcodes, RCODEs and their words: ONE table of types that text, wire, canonical
// form, compression and the additional section are all read from. A new type is one row and a test.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rr_type {
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_MB = 7,
    TYPE_MG = 8,
    TYPE_MR = 9,
    TYPE_PTR = 12,
    TYPE_HINFO = 13,
    TYPE_MINFO = 14,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_NAPTR = 35,
    TYPE_KX = 36,
    TYPE_DNAME = 39,
    TYPE_OPT = 41,
    TYPE_DS = 43,
    TYPE_RRSIG = 46,
    TYPE_NSEC = 47,
    TYPE_DNSKEY = 48,
    TYPE_NSEC3 = 50,
    TYPE_NSEC3PARAM = 51,
    TYPE_CDS = 59,
    TYPE_CDNSKEY = 60,
    TYPE_ZONEMD = 63,
    TYPE_SVCB = 64,
    TYPE_HTTPS = 65,
    TYPE_CAA = 257,
    TYPE_ALIAS = 65401, // private use (RFC 6895 3.1), as PowerDNS has it: flattened
    TYPE_TKEY = 249,
    TYPE_TSIG = 250,
    TYPE_IXFR = 251,
    TYPE_AXFR = 252,
    TYPE_MAILB = 253,
    TYPE_MAILA = 254,
    TYPE_ANY = 255,
};
enum rr_class { CLASS_IN = 1, CLASS_CH = 3, CLASS_HS = 4, CLASS_NONE = 254, CLASS_ANY = 255 };
enum opcode {
    OPCODE_QUERY = 0,
    OPCODE_IQUERY = 1,
    OPCODE_STATUS = 2,
    OPCODE_NOTIFY = 4,
    OPCODE_UPDATE = 5,
    OPCODE_DSO = 6
};
enum rcode {
    RCODE_NOERROR = 0,
    RCODE_FORMERR = 1,
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
    RCODE_NOTIMP = 4,
    RCODE_REFUSED = 5,
    RCODE_YXDOMAIN = 6,
    RCODE_YXRRSET = 7,
    RCODE_NXRRSET = 8,
    RCODE_NOTAUTH = 9,
    RCODE_NOTZONE = 10,
    RCODE_BADVERS = 16,
    RCODE_BADCOOKIE = 23
};

// How a type's names bring addresses into the additional section.
enum type_additional {
    ADDITIONAL_NONE,
    ADDITIONAL_HOST, // A and AAAA of the (last) name: NS, MX, SRV, AFSDB, KX, RT ...
    ADDITIONAL_SVCB, // RFC 9460 4.1: the target (the owner where it is "."), A, AAAA, and SVCB
};

// All that is known about a type. What a field is, in text and on the wire, is the affair of
// field.h.
struct type_row {
    uint16_t code;
    const char *mnemonic;  // upper case; NULL marks the end of the table
    const uint8_t *fields; // codes of dns/field.h, ended by 0; NULL: unknown rdata (RFC 3597)
    bool meta;             // never in a zone (RFC 6895 3.1): OPT, TSIG, AXFR, 128-255 ...
    bool single;           // at most one record at a name: SOA, CNAME, DNAME
    bool compress;         // RFC 3597 4: only RFC 1035's types are compressed on the way out
    bool fold;             // names in rdata are folded in canonical form (RFC 4034 6.2, 6840 5.1)
    uint8_t names;         // how many names stand one after another in the rdata ...
    uint8_t names_at;      // ... after this many fixed octets (MX 2, SRV 6); 0 names: no such
    enum type_additional additional;
    const char *source; // "RFC 1035 3.4.1"
};

// No type above this one has `compress`: RFC 1035's are small numbers, and there will be no others.
#define TYPE_COMPRESSED_MAX TYPE_MX

// The row of a type, or NULL: unknown (then it is RFC 3597's opaque rdata).
const struct type_row *type_find(uint16_t type);
// The table, ended by a row whose mnemonic is NULL; for help, completions and tests.
const struct type_row *type_table(void);
// True for types that no zone may hold: meta and query types (128 to 255), 0, OPT.
bool type_is_meta(uint16_t type);

#define TYPE_TEXT_MAX 12 // "TYPE65535" / "NSEC3PARAM" and a NUL
void type_print(uint16_t type, char text[static TYPE_TEXT_MAX]);
bool type_parse(const char *text, size_t size, uint16_t *type)
    __attribute__((nonnull, warn_unused_result)); // mnemonic in any case, or TYPEn
#define CLASS_TEXT_MAX 12
void class_print(uint16_t class, char text[static CLASS_TEXT_MAX]); // IN, CH, HS, NONE, ANY, CLASSn
bool class_parse(const char *text, size_t size, uint16_t *class)
    __attribute__((nonnull, warn_unused_result));
const char *rcode_word(unsigned rcode);   // "NXDOMAIN", NULL where IANA has none
const char *opcode_word(unsigned opcode); // "QUERY", NULL where IANA has none
