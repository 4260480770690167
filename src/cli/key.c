// `onym key add|list|show` (key.h).
//
//   add     random octets -----------\                        /-> all tools' snippets, or one's
//   show    a key of the configuration --> struct key_snippet --> a file of its own (--write)
//
// A file that is written is read back together with the configuration: one that is an error there
// does not stay.
#include "cli/key.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/report.h"
#include "base/suggest.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/exit.h"
#include "cli/idn.h"
#include "cli/key_snippet.h"
#include "cli/output.h"
#include "cli/problems.h"
#include "conf/keys.h"
#include "conf/options.h"
#include "daemon/privilege.h"
#include "dns/encode.h"
#include "dns/name.h"
#include "dns/tsig.h"

#define DEFAULT_SERVER "127.0.0.1"
#define DEFAULT_PORT   53
#define DEFAULT_ZONE   "example.test"
#define NO_SECRET      "SECRET" // stands in a snippet for one that is not shown

// What the words and flags ask for.
struct wanted {
    char name[NAME_TEXT_MAX], zone[NAME_TEXT_MAX];
    struct key_snippet snippet;
    const struct key_tool *only; // NULL: all
};

// --- words ---------------------------------------------------------------------------------------

// Folded and without the last dot. False after a complaint.
static bool read_name(const char *text, const char *what, char to[static NAME_TEXT_MAX])
{
    uint8_t wire[NAME_OCTETS_MAX];
    struct name name;
    if (!idn_read_name(text, wire, &name))
        return false;
    size_t size = name_print(name_fold(name, wire), to);
    if (size > 1 && to[size - 1] == '.')
        to[size - 1] = 0;
    if (key_snippet_name(to))
        return true;
    output_complain("letters, digits, '-', '_' and '.': other programs take no more",
                    "'%s' is not a good name for %s", text, what);
    return false;
}

static bool read_key_name(const struct arguments *arguments, struct wanted *wanted)
{
    const char *text = arguments_word(arguments, 0);
    if (!read_name(text, "a key", wanted->name))
        return false;
    wanted->snippet.name = wanted->name;
    if (strcmp(wanted->name, ".") != 0 && !strchr(wanted->name, '/'))
        return true;
    output_complain("letters, digits, '-', '_' and '.': other programs take no more",
                    "'%s' is not a good name for a key", text);
    return false;
}

static bool read_zone(const struct arguments *arguments, struct wanted *wanted)
{
    const char *acme = arguments_value(arguments, "--acme");
    const char *zone = arguments_value(arguments, "--zone");
    wanted->snippet.challenges = acme;
    wanted->snippet.zone = wanted->zone;
    if (acme && zone) {
        output_complain(NULL, "--acme names the zone: --zone is not needed too");
        return false;
    }
    if (!acme && !zone)
        zone = DEFAULT_ZONE;
    return read_name(acme ? acme : zone, "a zone", wanted->zone);
}

static bool read_server(const struct arguments *arguments, struct wanted *wanted)
{
    const char *text = arguments_value(arguments, "--server");
    if (address_parse(text ? text : DEFAULT_SERVER, DEFAULT_PORT, &wanted->snippet.server))
        return true;
    output_complain("an address, as 192.0.2.1, 2001:db8::1 or [2001:db8::1]:5353: certbot takes no "
                    "names",
                    "'%s' is not where a server could be", text);
    return false;
}

// Behind the algorithm. That the words are some of their choices was seen to by arguments.c.
static bool read_tool(const struct arguments *arguments, struct wanted *wanted)
{
    const char *word = arguments_value(arguments, "--for");
    const struct key_snippet *snippet = &wanted->snippet;
    wanted->only = word ? key_tool_find(word) : NULL;
    assert(!word || wanted->only);
    if (word && !key_tool_knows(wanted->only, snippet->kind)) {
        output_complain("hmac-sha256 is known to all", "%s does not know %s", word,
                        tsig_algorithm_word(snippet->kind));
        return false;
    }
    if (word && snippet->challenges && !wanted->only->challenges) {
        output_complain("--zone instead of --acme", "a key for challenges is of no use to %s",
                        word);
        return false;
    }
    return true;
}

static void read_algorithm(const struct arguments *arguments, enum mac_kind *kind)
{
    const char *word = arguments_value(arguments, "--alg");
    *kind = MAC_SHA256;
    bool known = !word || tsig_algorithm_parse(word, kind);
    assert(known);
    if (*kind == MAC_MD5)
        output_say("hmac-md5 is only for clients that know nothing else (RFC 8945 6)");
}

// --- printing ------------------------------------------------------------------------------------

static bool is_of_use(const struct wanted *wanted, const struct key_tool *tool)
{
    if (wanted->only)
        return tool == wanted->only;
    return key_tool_knows(tool, wanted->snippet.kind) &&
           (tool->challenges || !wanted->snippet.challenges);
}

static void add_snippets(const struct wanted *wanted, struct buffer *to)
{
    for (const struct key_tool *tool = key_tools(); tool->word; tool++) {
        if (!is_of_use(wanted, tool))
            continue;
        if (!wanted->only)
            buffer_format(to, "%s# --- %s: %s\n", to->size ? "\n" : "", tool->word, tool->what);
        tool->add(&wanted->snippet, to);
    }
    if (wanted->only)
        output_say("%s: %s", wanted->only->word, wanted->only->what);
}

static void put_snippets(const struct wanted *wanted, struct json *json)
{
    struct buffer text = {0};
    json_open_object(json, "snippets");
    for (const struct key_tool *tool = key_tools(); tool->word; tool++) {
        if (!is_of_use(wanted, tool))
            continue;
        buffer_clear(&text);
        tool->add(&wanted->snippet, &text);
        json_text(json, tool->word, buffer_text(&text));
    }
    json_close_object(json);
    if (text.text)
        explicit_bzero(text.text, text.room);
    buffer_free(&text);
}

static void put_end(struct json *json, struct buffer *text)
{
    json_close_object(json);
    buffer_add_char(text, '\n');
}

// stdout has it now; no copy of the secret stays.
static void put_secret(struct buffer *text)
{
    output_put(text);
    if (text->text)
        explicit_bzero(text->text, text->room);
    buffer_free(text);
}

// --- add -----------------------------------------------------------------------------------------

// As many octets as the algorithm's digest has: fewer would weaken it, more are folded into so many
// (RFC 2104 3).
static void make_secret(enum mac_kind kind, struct buffer *base64)
{
    uint8_t octets[MAC_SIZE_MAX];
    random_fill(octets, mac_size(kind));
    encode_base64(octets, mac_size(kind), base64);
    explicit_bzero(octets, sizeof octets);
}

// The file is new and of nobody but the user who reads it. 0 or a negative errno; what was begun is
// taken away again.
static int write_new(const char *path, const struct buffer *text, const struct privilege *owner)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int error = 0;
    if (owner->change && fchown(fd, owner->user, owner->group) != 0)
        error = -errno;
    for (size_t at = 0; at < text->size && error == 0;) {
        ssize_t written = write(fd, text->text + at, text->size - at);
        if (written < 0 && errno != EINTR)
            error = -errno;
        at += written > 0 ? (size_t)written : 0;
    }
    if (error == 0 && fsync(fd) != 0)
        error = -errno;
    if (close(fd) != 0 && error == 0)
        error = -errno;
    if (error == 0)
        error = file_sync_folder(path);
    if (error)
        unlink(path);
    return error;
}

// Is the configuration still good with the new file, and does it have the key?
static int look_at_written(const char *file, const char *config, const char *name)
{
    struct report report = {0};
    struct options *options = config ? options_read(config, &report) : NULL;
    int code = EXIT_OK;
    if (config && !options) {
        unlink(file);
        problems_say(&report);
        output_complain(NULL, "%s would be an error there: it was not written", file);
        code = EXIT_CONFLICT;
    } else if (!options || !keys_find(options, name)) {
        output_say("wrote %s, which no configuration includes yet: include: [\"%s\"]", file, file);
    } else {
        output_say("wrote %s: 'onym ctl reload' makes it count", file);
    }
    report_free(&report);
    options_free(options);
    return code;
}

static int write_key(const char *file, const struct arguments *arguments,
                     const struct wanted *wanted)
{
    struct report report = {0};
    const char *config = config_path(arguments);
    struct options *options = config ? options_read(config, &report) : NULL;
    struct privilege owner = {0};
    if (config && !options) {
        problems_say(&report);
        output_complain(NULL, "the configuration has errors: nothing was written");
        report_free(&report);
        return EXIT_USAGE;
    }
    report_free(&report);
    int error = options ? privilege_find(options->user, &owner) : 0;
    options_free(options);
    if (error) // then it is the service manager that makes us who we are
        owner.change = false;
    struct buffer text = {0};
    key_tools()->add(&wanted->snippet, &text);
    error = write_new(file, &text, &owner);
    explicit_bzero(text.text, text.room);
    buffer_free(&text);
    if (error == 0)
        return look_at_written(file, config, wanted->name);
    output_complain(error == -EEXIST ? "a file that is there is never changed" : NULL,
                    "cannot write %s: %s", file, strerror(-error));
    if (error == -EEXIST)
        return EXIT_CONFLICT;
    return error == -EACCES || error == -EPERM ? EXIT_PERMISSION : EXIT_FAILED;
}

// True after a complaint: a key of this name is there. Who may not read the configuration can still
// make one.
static bool is_taken(const struct arguments *arguments, const char *name)
{
    struct report report = {0};
    const char *path = config_path(arguments);
    struct options *options = path ? options_read_without_zones(path, &report) : NULL;
    if (path && !options)
        output_say("%s is not looked at: 'onym check' says why", path);
    const struct key_option *key = options ? keys_find(options, name) : NULL;
    if (key)
        output_complain("'onym key show' shows it; another name makes another key",
                        "key %s is there already, at %s:%u", name, key->place.file,
                        key->place.line);
    options_free(options);
    report_free(&report);
    return key;
}

static void print_added(const struct wanted *wanted, bool as_json)
{
    struct buffer text = {0};
    const struct key_snippet *snippet = &wanted->snippet;
    if (as_json) {
        struct json json = json_begin(&text);
        json_open_object(&json, NULL);
        json_number(&json, "v", 1);
        json_text(&json, "name", snippet->name);
        json_text(&json, "algorithm", tsig_algorithm_word(snippet->kind));
        json_text(&json, "secret", snippet->secret);
        if (snippet->challenges)
            json_text(&json, "acme", snippet->zone);
        put_snippets(wanted, &json);
        put_end(&json, &text);
    } else {
        add_snippets(wanted, &text);
    }
    put_secret(&text);
}

int command_key_add(const struct arguments *arguments)
{
    struct wanted wanted = {0};
    const char *file = arguments_value(arguments, "--write");
    read_algorithm(arguments, &wanted.snippet.kind);
    if (!read_key_name(arguments, &wanted) || !read_zone(arguments, &wanted) ||
        !read_server(arguments, &wanted) || !read_tool(arguments, &wanted))
        return EXIT_USAGE;
    if (is_taken(arguments, wanted.name))
        return EXIT_CONFLICT;
    struct buffer secret = {0};
    make_secret(wanted.snippet.kind, &secret);
    wanted.snippet.secret = buffer_text(&secret);
    int code = file ? write_key(file, arguments, &wanted) : EXIT_OK;
    if (code == EXIT_OK)
        print_added(&wanted, arguments->json);
    explicit_bzero(secret.text, secret.room);
    buffer_free(&secret);
    return code;
}

// --- list ----------------------------------------------------------------------------------------

// NULL after its problems were said.
static struct options *read_options(const struct arguments *arguments)
{
    struct report report = {0};
    const char *path = config_path(arguments);
    if (!path)
        output_say("there is no " CONFIG_PATH);
    struct options *options = options_read_without_zones(path, &report);
    problems_say(&report);
    report_free(&report);
    return options;
}

static void put_key(struct json *json, const struct key_option *key)
{
    json_text(json, "name", key->name);
    json_text(json, "algorithm", tsig_algorithm_word(key->kind));
    json_number(json, "bits", 8 * (int64_t)key->mac_least);
    if (key->source)
        json_text(json, "source", key->source);
    else
        json_none(json, "source");
    json_text(json, "file", key->place.file);
    json_number(json, "line", key->place.line);
}

static void list_json(const struct options *options, struct buffer *to)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_open_array(&json, "keys");
    for (size_t i = 0; i < options->key_count; i++) {
        json_open_object(&json, NULL);
        put_key(&json, &options->keys[i]);
        json_close_object(&json);
    }
    json_close_array(&json);
    put_end(&json, to);
}

int command_key_list(const struct arguments *arguments)
{
    struct options *options = read_options(arguments);
    struct buffer text = {0};
    if (!options)
        return EXIT_USAGE;
    if (arguments->json)
        list_json(options, &text);
    for (size_t i = 0; i < options->key_count && !arguments->json; i++) {
        const struct key_option *key = &options->keys[i];
        buffer_format(&text, "%-24s %-12s %s:%u\n", key->name, tsig_algorithm_word(key->kind),
                      key->place.file, key->place.line);
    }
    if (options->key_count == 0)
        output_say("there are no keys: 'onym key add NAME' makes one");
    output_put(&text);
    buffer_free(&text);
    options_free(options);
    return EXIT_OK;
}

// --- show ----------------------------------------------------------------------------------------

static void show_text(const struct key_option *key, const char *secret, struct buffer *to)
{
    buffer_format(to, "name       %s\nalgorithm  %s\nbits       %u\n", key->name,
                  tsig_algorithm_word(key->kind), 8u * key->mac_least);
    buffer_format(to, "secret     %s\n", secret ? secret : "(--secret shows it)");
    buffer_format(to, "from       %s\n", key->source ? key->source : "the configuration");
    buffer_format(to, "place      %s:%u\n", key->place.file, key->place.line);
}

static void show_json(const struct wanted *wanted, const struct key_option *key, bool secret,
                      struct buffer *to)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    put_key(&json, key);
    if (secret)
        json_text(&json, "secret", wanted->snippet.secret);
    if (wanted->only)
        put_snippets(wanted, &json);
    put_end(&json, to);
}

static void show(const struct wanted *wanted, const struct key_option *key, bool secret, bool json)
{
    struct buffer text = {0};
    if (json)
        show_json(wanted, key, secret, &text);
    else if (wanted->only)
        add_snippets(wanted, &text);
    else
        show_text(key, secret ? wanted->snippet.secret : NULL, &text);
    if (wanted->only && !secret)
        output_say("--secret puts the secret in");
    put_secret(&text);
}

static void complain_unknown(const struct options *options, const char *name)
{
    struct suggestion suggestion = {.word = name};
    struct buffer hint = {0};
    for (size_t i = 0; i < options->key_count; i++)
        suggest_consider(&suggestion, options->keys[i].name);
    if (suggestion.best)
        buffer_format(&hint, "did you mean %s?", suggestion.best);
    else
        buffer_add_text(&hint, "'onym key list' lists those that there are");
    output_complain(buffer_text(&hint), "the configuration has no key '%s'", name);
    buffer_free(&hint);
}

// Returns an exit code.
static int show_key(const struct arguments *arguments, const struct options *options)
{
    struct wanted wanted = {0};
    bool secret = arguments_has(arguments, "--secret");
    const char *name = arguments_word(arguments, 0);
    const struct key_option *key = keys_find(options, name);
    if (!key) {
        complain_unknown(options, name);
        return EXIT_NOT_FOUND;
    }
    wanted.snippet.kind = key->kind;
    if (!read_zone(arguments, &wanted) || !read_server(arguments, &wanted) ||
        !read_tool(arguments, &wanted) || (wanted.only && !read_key_name(arguments, &wanted)))
        return EXIT_USAGE;
    struct buffer base64 = {0};
    if (secret)
        encode_base64(key->secret, key->secret_size, &base64);
    else
        buffer_add_text(&base64, NO_SECRET);
    wanted.snippet.secret = buffer_text(&base64);
    show(&wanted, key, secret, arguments->json);
    explicit_bzero(base64.text, base64.room);
    buffer_free(&base64);
    return EXIT_OK;
}

int command_key_show(const struct arguments *arguments)
{
    struct options *options = read_options(arguments);
    if (!options)
        return EXIT_USAGE;
    int code = show_key(arguments, options);
    options_free(options);
    return code;
}
