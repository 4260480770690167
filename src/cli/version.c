// `onym version` (version.h).
#include "cli/version.h"

#include <assert.h>
#include <gnu/libc-version.h>
#include <idn2.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <yaml.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "dnssec/anchors.h"

struct feature {
    const char *key, *value;
};

// The key tags of the root's trust anchors that are built in.
#define KEYS_MAX 64
static void print_root_keys(char text[static KEYS_MAX])
{
    size_t count, size = 0;
    const struct anchor *anchors = anchors_root(&count);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, KEYS_MAX - size, "%s%u", i ? ", " : "",
                                 anchors[i].key_tag);
    assert(size < KEYS_MAX);
}

// What is found at run time is asked of the library, since that is the one that counts.
#define FEATURES 7
static void find_features(struct feature features[static FEATURES], char keys[static KEYS_MAX])
{
    features[0] = (struct feature){"compiler", __VERSION__};
    features[1] = (struct feature){"libc", gnu_get_libc_version()};
    features[2] = (struct feature){"libyaml", yaml_get_version_string()};
    features[3] = (struct feature){"jansson", jansson_version_str()};
    features[4] = (struct feature){"libcrypto", OpenSSL_version(OPENSSL_VERSION)};
    features[5] = (struct feature){"libidn2", idn2_check_version(NULL)};
    features[6] = (struct feature){"root keys", keys};
    print_root_keys(keys);
}

static void print(struct buffer *to, const struct feature *features, bool all)
{
    buffer_format(to, "onym %s\n", ONYM_VERSION);
    for (unsigned i = 0; all && i < FEATURES; i++)
        buffer_format(to, "%-10s %s\n", features[i].key, features[i].value);
}

static void print_json(struct buffer *to, const struct feature *features, bool all)
{
    struct json json = json_begin(to);
    json_open_object(&json, NULL);
    json_number(&json, "v", 1);
    json_text(&json, "version", ONYM_VERSION);
    if (all) {
        json_open_object(&json, "features");
        for (unsigned i = 0; i < FEATURES; i++)
            json_text(&json, features[i].key, features[i].value);
        json_close_object(&json);
    }
    json_close_object(&json);
    buffer_add_char(to, '\n');
}

int command_version(const struct arguments *arguments)
{
    struct feature features[FEATURES];
    char keys[KEYS_MAX];
    find_features(features, keys);
    bool all = arguments_has(arguments, "--features");
    struct buffer text = {0};
    if (arguments->json)
        print_json(&text, features, all);
    else
        print(&text, features, all);
    output_put(&text);
    buffer_free(&text);
    return EXIT_OK;
}
