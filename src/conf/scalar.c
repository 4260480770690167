// Texts to values (scalar.h).
#include "conf/scalar.h"

#include <assert.h>
#include <idn2.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

bool scalar_bool(const char *text, bool *value)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0;
}

// The digits that `*text` begins with, and moves past them.
static bool take_number(const char **text, uint64_t *value)
{
    const char *at = *text;
    *value = 0;
    if (at[0] == '0' && at[1] >= '0' && at[1] <= '9')
        return false;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    bool some = at > *text;
    *text = at;
    return some;
}

bool scalar_number(const char *text, uint64_t *value)
{
    return take_number(&text, value) && *text == 0;
}

struct unit {
    const char *word;
    uint64_t worth;
};

// The number of the unit that `*text` begins with, and moves past it; -1: none of them.
static int take_unit(const char **text, const struct unit *units)
{
    size_t size = strcspn(*text, "0123456789 ");
    for (int i = 0; units[i].word; i++) {
        if (strlen(units[i].word) == size && memcmp(*text, units[i].word, size) == 0) {
            *text += size;
            return i;
        }
    }
    return -1;
}

// value += number * worth; false: too large.
static bool add_product(uint64_t *value, uint64_t number, uint64_t worth)
{
    uint64_t product;
    return !__builtin_mul_overflow(number, worth, &product) &&
           !__builtin_add_overflow(*value, product, value);
}

// One number with its unit, or several of them where each unit stands before the next in the table.
static bool sum_units(const char *text, const struct unit *units, bool many, uint64_t *value)
{
    int last = -1;
    *value = 0;
    if (strcmp(text, "0") == 0)
        return true;
    do {
        uint64_t number;
        if (!take_number(&text, &number))
            return false;
        text += *text == ' ';
        int unit = take_unit(&text, units);
        if (unit <= last || !add_product(value, number, units[unit].worth))
            return false;
        last = unit;
        while (*text == ' ' && text[1])
            text++;
    } while (*text && many);
    return *text == 0;
}

static const struct unit times[] = {
    {"w", 7 * 86400000u}, {"d", 86400000}, {"h", 3600000}, {"m", 60000},
    {"s", 1000},          {"ms", 1},       {NULL, 0},
};
static const struct unit sizes[] = {
    {"TiB", (uint64_t)1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20},
    {"KiB", 1 << 10},           {"B", 1},         {NULL, 0},
};

bool scalar_duration(const char *text, uint64_t *ms)
{
    return sum_units(text, times, true, ms);
}

bool scalar_size(const char *text, uint64_t *octets)
{
    return sum_units(text, sizes, false, octets);
}

bool scalar_memory(const char *text, uint64_t *octets, unsigned *percent)
{
    uint64_t number;
    const char *end = text;
    *percent = 0;
    if (scalar_size(text, octets))
        return true;
    if (!take_number(&end, &number) || strcmp(end, "%") != 0 || number == 0 || number > 100)
        return false;
    *octets = 0;
    *percent = (unsigned)number;
    return true;
}

void scalar_print_duration(uint64_t ms, char text[static SCALAR_DURATION_MAX])
{
    size_t size = 0;
    for (const struct unit *unit = times; unit->word && ms; unit++) {
        assert(unit->worth);
        if (ms < unit->worth)
            continue;
        size +=
            (size_t)snprintf(text + size, SCALAR_DURATION_MAX - size, "%s%llu%s", size ? " " : "",
                             (unsigned long long)(ms / unit->worth), unit->word);
        ms %= unit->worth;
    }
    if (size == 0)
        strcpy(text, "0s");
}

void scalar_print_size(uint64_t octets, char text[static SCALAR_SIZE_MAX])
{
    const struct unit *unit = sizes;
    while (unit->worth > 1 && (octets % unit->worth || octets == 0))
        unit++;
    snprintf(text, SCALAR_SIZE_MAX, "%llu%s",
             (unsigned long long)(unit->worth > 1 ? octets / unit->worth : octets), unit->word);
}

bool scalar_word(const char *text, const char *const *words, unsigned *index)
{
    for (unsigned i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static int read_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool scalar_nsid(const char *text, uint8_t octets[static NSID_MAX], size_t *size)
{
    size_t length = strlen(text);
    if (strncmp(text, "0x", 2) != 0) {
        *size = length;
        if (length == 0 || length > NSID_MAX)
            return false;
        memcpy(octets, text, length);
        return true;
    }
    *size = length / 2 - 1;
    if (length % 2 || *size == 0 || *size > NSID_MAX)
        return false;
    for (size_t i = 0; i < *size; i++) {
        int high = read_digit(text[2 + 2 * i]), low = read_digit(text[3 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        octets[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

// What the kernel takes for the name of an interface (dev_valid_name), less what looks like a
// number or an address with a slip in it.
static bool is_interface(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size >= IF_NAMESIZE || strcspn(text, "/:% \t\r\n*\\") != size)
        return false;
    return strspn(text, "0123456789.") != size;
}

enum scalar_host scalar_host(const char *text, struct address *address)
{
    struct address other;
    if (address_parse(text, 0, address)) {
        bool plain = address_parse(text, 1, &other) && address_port(&other) == 1;
        return plain ? SCALAR_ADDRESS : SCALAR_WITH_PORT;
    }
    return is_interface(text) ? SCALAR_INTERFACE : SCALAR_NO_HOST;
}

bool scalar_server(const char *text, struct address *address)
{
    struct address other;
    if (!address_parse(text, 1, &other) || !address_parse(text, 0, address))
        return false;
    return address_port(&other) != 0; // a port that was written, and is 0, is none
}

static bool is_key_name(const char *text)
{
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    return scalar_zone(text, storage, &name) == NULL && name.labels > 0;
}

bool scalar_remote(const char *text, struct address *address, const char **key)
{
    char server[ADDRESS_TEXT_MAX];
    size_t size = strcspn(text, " ");
    *key = NULL;
    if (size >= sizeof server)
        return false;
    memcpy(server, text, size);
    server[size] = 0;
    if (!scalar_server(server, address))
        return false;
    text += size + strspn(text + size, " ");
    if (!*text)
        return true;
    *key = text + strlen(ACCESS_KEY_WORD);
    return strncmp(text, ACCESS_KEY_WORD, strlen(ACCESS_KEY_WORD)) == 0 && is_key_name(*key);
}

bool scalar_network(const char *text, struct network_option *option)
{
    static const char *const words[] = {"loopback", "own", "unspecified", "multicast", NULL};
    static const enum network_kind kinds[] = {NETWORK_LOOPBACK, NETWORK_OWN, NETWORK_UNSPECIFIED,
                                              NETWORK_MULTICAST};
    *option = (struct network_option){.kind = NETWORK_PREFIX};
    unsigned word;
    if (!scalar_word(text, words, &word))
        return prefix_parse(text, &option->prefix);
    option->kind = kinds[word];
    return true;
}

bool scalar_access(const char *text, struct access_option *option)
{
    static const char *const words[] = {"localhost", "private", "any", "none", NULL};
    static const enum access_kind kinds[] = {ACCESS_LOCALHOST, ACCESS_PRIVATE, ACCESS_ANY,
                                             ACCESS_NONE};
    *option = (struct access_option){.kind = ACCESS_PREFIX};
    unsigned word;
    if (scalar_word(text, words, &word)) {
        option->kind = kinds[word];
        return true;
    }
    if (strncmp(text, ACCESS_KEY_WORD, strlen(ACCESS_KEY_WORD)) == 0) {
        option->kind = ACCESS_KEY;
        return is_key_name(text + strlen(ACCESS_KEY_WORD));
    }
    return prefix_parse(text, &option->prefix);
}

static const char *parse_name(const char *text, uint8_t *storage, struct name *name)
{
    if (strcmp(text, "@") == 0)
        return "'@' is no name here; the root is '.'";
    struct name root = NAME_ROOT;
    enum name_text_result result = name_parse(text, strlen(text), &root, storage, name);
    return result == NAME_TEXT_OK ? NULL : name_text_problem(result);
}

const char *scalar_zone(const char *text, uint8_t storage[static NAME_OCTETS_MAX],
                        struct name *name)
{
    size_t size = strlen(text), plain = 0;
    while (plain < size && (uint8_t)text[plain] < 0x80)
        plain++;
    if (plain == size)
        return parse_name(text, storage, name);
    if (size >= NAME_TEXT_MAX)
        return name_text_problem(NAME_TEXT_LONG);
    uint8_t *ascii = NULL;
    int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    int result = idn2_to_ascii_8z(text, (char **)&ascii, flags);
    if (result != IDN2_OK)
        return idn2_strerror(result);
    const char *problem = parse_name((const char *)ascii, storage, name);
    idn2_free(ascii);
    return problem;
}
