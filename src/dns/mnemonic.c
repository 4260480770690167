// The dictionaries of mnemonic.h. They are short, and read only for words that are not numbers.
#include "dns/mnemonic.h"

const struct mnemonic mnemonic_algorithms[] = {
    {"RSAMD5", 1},
    {"DH", 2},
    {"DSA", 3},
    {"ECC", 4},
    {"RSASHA1", 5},
    {"NSEC3DSA", 6},
    {"DSA-NSEC3-SHA1", 6},
    {"NSEC3RSASHA1", 7},
    {"RSASHA1-NSEC3-SHA1", 7},
    {"RSASHA256", 8},
    {"RSASHA512", 10},
    {"ECCGOST", 12},
    {"ECC-GOST", 12},
    {"ECDSAP256SHA256", 13},
    {"ECDSAP384SHA384", 14},
    {"ED25519", 15},
    {"ED448", 16},
    {"INDIRECT", 252},
    {"PRIVATEDNS", 253},
    {"PRIVATEOID", 254},
    {NULL, 0},
};

const struct mnemonic mnemonic_certificates[] = {
    {"PKIX", 1},   {"SPKI", 2},    {"PGP", 3},   {"IPKIX", 4}, {"ISPKI", 5}, {"IPGP", 6},
    {"ACPKIX", 7}, {"IACPKIX", 8}, {"URI", 253}, {"OID", 254}, {NULL, 0},
};

const struct mnemonic mnemonic_schemes[] = {{"NOTIFY", 1}, {NULL, 0}};

const struct mnemonic mnemonic_protocols[] = {{"TCP", 6}, {"UDP", 17}, {NULL, 0}};

const struct mnemonic mnemonic_services[] = {
    {"ECHO", 7},     {"DISCARD", 9}, {"DAYTIME", 13}, {"FTP-DATA", 20}, {"FTP", 21},
    {"SSH", 22},     {"TELNET", 23}, {"SMTP", 25},    {"TIME", 37},     {"DOMAIN", 53},
    {"TFTP", 69},    {"GOPHER", 70}, {"FINGER", 79},  {"HTTP", 80},     {"POP3", 110},
    {"SUNRPC", 111}, {"NNTP", 119},  {"NTP", 123},    {"IMAP", 143},    {"SNMP", 161},
    {"HTTPS", 443},  {NULL, 0},
};

const char *mnemonic_word(const struct mnemonic *dictionary, unsigned value)
{
    for (; dictionary->word; dictionary++)
        if (dictionary->value == value)
            return dictionary->word;
    return NULL;
}

bool mnemonic_value(const struct mnemonic *dictionary, const struct token *token, uint32_t *value)
{
    for (; dictionary->word; dictionary++) {
        if (text_is(token, dictionary->word)) {
            *value = dictionary->value;
            return true;
        }
    }
    return false;
}
