// From lines of text to messages: "name type [rcode]", see questions.h.
//
// The wire form is RFC 1035 4.1: a header with one question and nothing set but RD for a resolver,
// the name uncompressed, and on demand an OPT record (RFC
// 6891 6.1.2).
#include "questions.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_OCTETS 255
#define LABEL_MAX       63
#define CLASS_IN        1
#define TYPE_OPT        41
#define EDNS_PAYLOAD    1232
#define OPT_SIZE        11

struct word {
    const char *text;
    int value;
};

static const struct word types[] = {
    {"A", 1},      {"NS", 2},     {"CNAME", 5}, {"SOA", 6},     {"PTR", 12},        {"MX", 15},
    {"TXT", 16},   {"AAAA", 28},  {"SRV", 33},  {"NAPTR", 35},  {"DNAME", 39},      {"DS", 43},
    {"SSHFP", 44}, {"RRSIG", 46}, {"NSEC", 47}, {"DNSKEY", 48}, {"NSEC3PARAM", 51}, {"TLSA", 52},
    {"SVCB", 64},  {"HTTPS", 65}, {"ANY", 255}, {"CAA", 257},   {NULL, 0},
};

static const struct word rcodes[] = {
    {"NOERROR", 0}, {"FORMERR", 1}, {"SERVFAIL", 2}, {"NXDOMAIN", 3},
    {"NOTIMP", 4},  {"REFUSED", 5}, {"NOTAUTH", 9},  {NULL, 0},
};

// The value of a word of the table, or of a number after `prefix`; -1: neither.
static int value_of(const char *text, const struct word *words, const char *prefix, int most)
{
    for (const struct word *word = words; word->text != NULL; word++)
        if (strcasecmp(word->text, text) == 0)
            return word->value;
    if (strncasecmp(text, prefix, strlen(prefix)) != 0)
        return -1;
    text += strlen(prefix);
    char *end;
    long value = strtol(text, &end, 10);
    return end != text && *end == '\0' && value >= 0 && value <= most ? (int)value : -1;
}

static uint8_t *put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

// One octet of a label, \DDD and \X undone. Returns what follows it; NULL: a broken escape.
static const char *take_octet(const char *text, uint8_t *octet)
{
    if (*text != '\\') {
        *octet = (uint8_t)*text;
        return text + 1;
    }
    text++;
    if (!isdigit((unsigned char)text[0])) {
        *octet = (uint8_t)*text;
        return *text != '\0' ? text + 1 : NULL;
    }
    if (!isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
        return NULL;
    int value = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    *octet = (uint8_t)value;
    return value <= 255 ? text + 3 : NULL;
}

// Writes the wire form of a name and returns its octets; 0: not a name. Room: NAME_MAX_OCTETS.
static size_t put_name(uint8_t *wire, const char *text)
{
    size_t size = 0;
    if (strcmp(text, ".") == 0)
        text++;
    while (*text != '\0') {
        size_t length_at = size++, label = 0;
        while (*text != '\0' && *text != '.') {
            // one octet stays free for the root
            if (label == LABEL_MAX || size >= NAME_MAX_OCTETS - 1)
                return 0;
            text = take_octet(text, &wire[size]);
            if (text == NULL)
                return 0;
            size++;
            label++;
        }
        if (label == 0)
            return 0;
        wire[length_at] = (uint8_t)label;
        text += *text == '.';
    }
    wire[size++] = 0;
    return size;
}

static uint8_t *put_opt(uint8_t *to, bool dnssec_ok)
{
    *to++ = 0; // the root
    to = put16(to, TYPE_OPT);
    to = put16(to, EDNS_PAYLOAD);
    to = put16(to, 0); // extended rcode and version
    to = put16(to, dnssec_ok ? 0x8000 : 0);
    return put16(to, 0); // no options
}

static void *grow(void *array, size_t *room, size_t count, size_t size)
{
    if (count <= *room)
        return array;
    *room = count * 2;
    array = realloc(array, *room * size);
    if (array == NULL) {
        fputs("bench-generator: out of memory\n", stderr);
        exit(1);
    }
    return array;
}

static void add(struct questions *questions, const uint8_t *message,
                const struct question *question)
{
    questions->octets =
        grow(questions->octets, &questions->octets_room, questions->size + question->size, 1);
    questions->list =
        grow(questions->list, &questions->list_room, questions->count + 1, sizeof *questions->list);
    memcpy(questions->octets + questions->size, message, question->size);
    assert(questions->size <= UINT32_MAX); // 4 GB of questions
    struct question *added = &questions->list[questions->count++];
    *added = *question;
    added->at = (uint32_t)questions->size;
    questions->size += question->size;
}

// NULL: added, or an empty line; else what is wrong with it.
static const char *take_line(struct questions *questions, char *line, uint32_t number,
                             struct questions_style style)
{
    line[strcspn(line, "#\r\n")] = '\0';
    char *rest;
    const char *name = strtok_r(line, " \t", &rest);
    if (name == NULL)
        return NULL;
    const char *type_text = strtok_r(NULL, " \t", &rest);
    const char *rcode_text = strtok_r(NULL, " \t", &rest);
    int type = type_text == NULL ? -1 : value_of(type_text, types, "TYPE", 65535);
    int rcode = rcode_text == NULL ? RCODE_ANY : value_of(rcode_text, rcodes, "", 15);
    if (type < 0)
        return "a type is wanted after the name";
    if (rcode_text != NULL && rcode < 0)
        return "the third word is not an rcode";
    if (strtok_r(NULL, " \t", &rest) != NULL)
        return "too many words";

    uint8_t message[QUESTION_MAX] = {0};
    size_t name_size = put_name(message + HEADER_SIZE, name);
    if (name_size == 0)
        return "not a name";
    uint8_t *end = put16(message + HEADER_SIZE + name_size, (unsigned)type);
    end = put16(end, CLASS_IN);
    bool edns = style.edns || style.dnssec_ok;
    if (edns)
        end = put_opt(end, style.dnssec_ok);
    message[2] = style.recurse ? 1 : 0; // RD
    put16(message + 4, 1);              // QDCOUNT
    put16(message + 10, edns ? 1 : 0);  // ARCOUNT
    assert(end <= message + sizeof message);
    add(questions, message,
        &(struct question){
            .line = number,
            .size = (uint16_t)(end - message),
            .asked = (uint16_t)(name_size + 4),
            .rcode = (int16_t)(style.any_rcode ? RCODE_ANY : rcode),
        });
    return NULL;
}

void questions_read(struct questions *questions, const char *path, struct questions_style style)
{
    *questions = (struct questions){0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(stderr, "bench-generator: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    char *line = NULL;
    size_t room = 0;
    for (uint32_t number = 1; getline(&line, &room, file) >= 0; number++) {
        const char *wrong = take_line(questions, line, number, style);
        if (wrong != NULL) {
            fprintf(stderr, "%s:%u: %s\n", path, number, wrong);
            exit(2);
        }
    }
    free(line);
    fclose(file);
    if (questions->count == 0) {
        fprintf(stderr, "%s: no questions\n", path);
        exit(2);
    }
}

void questions_free(struct questions *questions)
{
    free(questions->octets);
    free(questions->list);
    *questions = (struct questions){0};
}
