// Keys out of the configuration (keys.h). A secret is base64, written in place or where `cred:`,
// `file:` or `env:` says; what cannot be read is an error, since all that hangs on the key would
// fail without a word.
#include "conf/keys.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/suggest.h"
#include "conf/scalar.h"
#include "dns/encode.h"
#include "dns/tsig.h"

#define SECRET_FILE_MAX 4096

// --- secrets -------------------------------------------------------------------------------------

// True if the text begins with the word; *rest is what stands behind it.
static bool begins(const char *text, const char *word, const char **rest)
{
    size_t size = strlen(word);
    *rest = text + size;
    return strncmp(text, word, size) == 0;
}

static void tell_unread(struct filler *filler, const struct value *value, const char *why)
{
    value_report(filler->report, SEVERITY_ERROR, value, NULL, "the secret cannot be read: %s", why);
}

// A file's text in fresh memory. NULL: told.
static char *read_file(struct filler *filler, const struct value *value, const char *path)
{
    char *text;
    size_t size;
    int failed = file_read(path, SECRET_FILE_MAX, &text, &size);
    if (failed == 0)
        return text; // with NULs behind it
    char *why = memory_format("%s: %s", path, strerror(-failed));
    tell_unread(filler, value, why);
    free(why);
    return NULL;
}

// systemd's LoadCredential=.
static char *read_credential(struct filler *filler, const struct value *value, const char *name)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder || strchr(name, '/')) {
        tell_unread(filler, value,
                    folder ? "the name of a credential has no '/'"
                           : "there is no $CREDENTIALS_DIRECTORY: systemd sets it where the unit "
                             "has LoadCredential=");
        return NULL;
    }
    char *path = memory_format("%s/%s", folder, name);
    char *text = read_file(filler, value, path);
    free(path);
    return text;
}

// The base64 in fresh memory. NULL: it is not there, which was told, or is not looked for.
static char *find_base64(struct filler *filler, const struct value *value)
{
    const char *rest;
    if (begins(value->text, "file:", &rest)) {
        if (filler->alone)
            return NULL;
        char *path = file_path_beside(value->source->path, rest);
        char *text = read_file(filler, value, path);
        free(path);
        return text;
    }
    if (begins(value->text, "cred:", &rest))
        return filler->alone ? NULL : read_credential(filler, value, rest);
    if (begins(value->text, "env:", &rest)) {
        const char *text = filler->alone ? NULL : getenv(rest);
        if (!text && !filler->alone)
            tell_unread(filler, value, "there is no such variable in the environment");
        return text ? memory_format("%s", text) : NULL;
    }
    return memory_format("%s", value->text);
}

static bool is_in_place(const char *text)
{
    const char *rest;
    return !begins(text, "file:", &rest) && !begins(text, "cred:", &rest) &&
           !begins(text, "env:", &rest);
}

static bool decode_text(const char *text, struct decode *decode)
{
    static const char space[] = " \t\r\n";
    for (text += strspn(text, space); *text; text += strspn(text, space)) {
        size_t size = strcspn(text, space);
        if (decode_base64(decode, text, size) != DECODE_OK)
            return false;
        text += size;
    }
    return decode_base64_end(decode) == DECODE_OK;
}

static void fill_secret(struct filler *filler, const struct value *value, struct key_option *key)
{
    char *text = find_base64(filler, value);
    key->secret = arena_get(&filler->options->memory, 1);
    if (!text)
        return;
    size_t room = strlen(text) / 4 * 3 + 3;
    key->secret = arena_get(&filler->options->memory, room);
    struct decode decode = {.to = key->secret, .end = key->secret + room};
    bool good = decode_text(text, &decode);
    key->secret_size = (size_t)(decode.to - key->secret);
    explicit_bzero(text, strlen(text));
    free(text);
    if (!good)
        value_report(filler->report, SEVERITY_ERROR, value,
                     "make one with: openssl rand -base64 32", "the secret is not base64");
    else if (key->secret_size == 0)
        value_report(filler->report, SEVERITY_ERROR, value,
                     "make one with: openssl rand -base64 32", "the secret is empty");
}

// A file that everybody may read should not hold what only two should know.
static void warn_of_readers(struct filler *filler, const struct value *value)
{
    struct stat status;
    if (filler->alone || !is_in_place(value->text) || !value->source ||
        stat(value->source->path, &status) != 0 || !(status.st_mode & S_IROTH))
        return;
    value_report(filler->report, SEVERITY_WARNING, value,
                 "chmod o-r the file, or write secret: \"file:...\" or \"cred:...\"",
                 "a secret in a file that everybody may read");
}

// --- keys ----------------------------------------------------------------------------------------

static void fill_bits(struct filler *filler, const struct value *map, struct key_option *key)
{
    const struct value *value = filler_look(filler, map, KEY_KEYS_BITS);
    size_t whole = mac_size(key->kind), least = tsig_mac_least(key->kind);
    uint64_t bits;
    bool good = scalar_number(value->text, &bits);
    assert(good);
    key->mac_least = (uint8_t)whole;
    if (bits == 0)
        return;
    if (bits % 8 || bits / 8 < least || bits / 8 > whole)
        value_report(filler->report, SEVERITY_ERROR, value, NULL,
                     "%s has from %zu to %zu bits, in steps of 8 (RFC 8945 5.2.2.1)",
                     tsig_algorithm_word(key->kind), 8 * least, 8 * whole);
    else
        key->mac_least = (uint8_t)(bits / 8);
}

static void fill_algorithm(struct filler *filler, const struct value *map, struct key_option *key)
{
    const struct value *value = filler_look(filler, map, KEY_KEYS_ALG);
    bool good = tsig_algorithm_parse(value->text, &key->kind);
    assert(good);
    if (key->kind == MAC_MD5)
        value_report(filler->report, SEVERITY_WARNING, value, "hmac-sha256 is the usual one",
                     "hmac-md5 is only for clients that know nothing else (RFC 8945 6)");
}

// Some libcryptos are built or set up to leave out what is not approved any more.
static void try_key(struct filler *filler, const struct pair *pair, const struct key_option *key)
{
    struct mac_key *mac = mac_key_make(key->kind, key->secret, key->secret_size);
    if (!mac)
        value_report(filler->report, SEVERITY_ERROR, &pair->key, "give it another 'alg'",
                     "the crypto library of this system does not do %s",
                     tsig_algorithm_word(key->kind));
    mac_key_free(mac);
}

static void fill_key(struct filler *filler, const struct pair *pair)
{
    struct key_option key = {.place = filler_place(&pair->key)};
    uint8_t storage[NAME_OCTETS_MAX];
    struct name name;
    const struct value *map = &pair->value;
    const struct pair *secret =
        map->kind == VALUE_MAP ? value_find(map, schema_name(KEY_KEYS_SECRET)) : NULL;
    if (pair->key.bad || map->bad || map->kind != VALUE_MAP)
        return;
    if (!secret) {
        value_report(filler->report, SEVERITY_ERROR, &pair->key,
                     "make one with: openssl rand -base64 32", "key %s has no 'secret'",
                     value_quote(pair->key.text).text);
        return;
    }
    if (secret->value.bad || scalar_zone(pair->key.text, storage, &name))
        return;
    name = name_fold(name, storage);
    key.wire = arena_copy(&filler->options->memory, name.wire, name.size);
    key.size = name.size;
    key.labels = name.labels;
    key.name = filler_copy(filler, pair->key.text);
    fill_algorithm(filler, map, &key);
    fill_bits(filler, map, &key);
    fill_secret(filler, &secret->value, &key);
    try_key(filler, pair, &key);
    warn_of_readers(filler, &secret->value);
    key.source = is_in_place(secret->value.text) ? NULL : filler_copy(filler, secret->value.text);
    filler->options->keys[filler->options->key_count++] = key;
}

static struct name name_of(const struct key_option *key)
{
    return (struct name){key->wire, key->size, key->labels};
}

static int compare(const void *a, const void *b)
{
    return name_compare(name_of(a), name_of(b));
}

// One name may be written in two ways: "k1" and "K1.".
static void refuse_doubles(struct filler *filler)
{
    const struct options *options = filler->options;
    for (size_t i = 1; i < options->key_count; i++) {
        const struct key_option *key = &options->keys[i], *before = key - 1;
        if (compare(before, key) == 0)
            report_add(filler->report, SEVERITY_ERROR,
                       &(struct place){.file = key->place.file,
                                       .line = key->place.line,
                                       .column = key->place.column},
                       "remove one of them", "key %s is given already, at %s:%u",
                       value_quote(key->name).text, before->place.file, before->place.line);
    }
}

void keys_fill(struct filler *filler, const struct value *root)
{
    struct options *options = filler->options;
    const struct value *keys = filler_take(filler, root, KEY_KEYS);
    size_t count = keys->kind == VALUE_MAP ? keys->count : 0;
    options->keys = arena_get(&options->memory, (count + 1) * sizeof *options->keys);
    for (size_t i = 0; i < count; i++)
        fill_key(filler, &keys->pairs[i]);
    qsort(options->keys, options->key_count, sizeof *options->keys, compare);
    refuse_doubles(filler);
}

const struct key_option *keys_find(const struct options *options, const char *name)
{
    struct key_option wanted;
    uint8_t storage[NAME_OCTETS_MAX];
    struct name wire;
    if (scalar_zone(name, storage, &wire))
        return NULL;
    wire = name_fold(wire, storage);
    wanted.wire = wire.wire;
    wanted.size = wire.size;
    wanted.labels = wire.labels;
    return bsearch(&wanted, options->keys, options->key_count, sizeof *options->keys, compare);
}

void keys_suggest(const struct options *options, const char *name, struct buffer *hint)
{
    struct suggestion suggestion = {.word = name};
    for (size_t i = 0; i < options->key_count; i++)
        suggest_consider(&suggestion, options->keys[i].name);
    if (suggestion.best)
        buffer_format(hint, "did you mean key:%s?", suggestion.best);
    else
        buffer_add_text(hint, "add it to 'keys', like this: {k1: {secret: \"file:k1.secret\"}}");
}

bool keys_refer(const struct options *options, const struct value *item, const char *name,
                size_t *index, struct report *report)
{
    const struct key_option *key = keys_find(options, name);
    struct buffer hint = {0};
    if (key) {
        *index = (size_t)(key - options->keys);
        return true;
    }
    keys_suggest(options, name, &hint);
    value_report(report, SEVERITY_ERROR, item, buffer_text(&hint), "there is no key %s in 'keys'",
                 value_quote(name).text);
    buffer_free(&hint);
    return false;
}
