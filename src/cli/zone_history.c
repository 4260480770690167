// `onym zone history` (zone_history.h). What the server replies is told in
// daemon/commands_prune.h; with --json it is printed as it came.
#include "cli/zone_history.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/members.h"
#include "cli/output.h"
#include "cli/zone_change.h"
#include "conf/scalar.h"

// False: it was complained about.
static bool read_wish(const struct arguments *arguments, bool *prunes, uint64_t *keep_ms)
{
    const char *word = arguments_word(arguments, 0);
    const char *keep = arguments_value(arguments, "--keep");
    *prunes = word != NULL;
    *keep_ms = 0;
    if (word && strcmp(word, "prune") != 0)
        output_complain("'prune' is all that can be done with it", "'%s' is not known", word);
    else if (keep && !word)
        output_complain("as in 'onym zone history prune --keep 30d'", "--keep is for 'prune'");
    else if (keep && !scalar_duration(keep, keep_ms))
        output_complain("as in 30d, 12h", "'%s' is no duration", keep);
    else
        return true;
    return false;
}

static void print(const json_t *reply, struct buffer *to)
{
    char size[SCALAR_SIZE_MAX];
    if (json_object_get(reply, "forgotten"))
        buffer_format(to, "%.0f changes forgotten\n", number_of(reply, "forgotten"));
    scalar_print_size((uint64_t)number_of(reply, "octets"), size);
    buffer_format(to, "%.0f changes of %.0f zones, %s", number_of(reply, "changes"),
                  number_of(reply, "zones"), size);
    if (*text_of(reply, "since"))
        buffer_format(to, ", since %s", text_of(reply, "since"));
    buffer_add_char(to, '\n');
}

int command_zone_history(const struct arguments *arguments)
{
    struct buffer request = {0}, text = {0};
    bool prunes;
    uint64_t keep_ms;
    if (!read_wish(arguments, &prunes, &keep_ms))
        return EXIT_USAGE;
    int code = EXIT_OK;
    if (prunes) {
        output_say("changes are forgotten for good, and cannot be undone any more");
        code = zone_confirm(arguments);
    }
    if (code != EXIT_OK)
        return code;
    struct json json = json_begin(&request);
    json_open_object(&json, NULL);
    json_text(&json, "command", "prune");
    if (prunes)
        json_number(&json, "keep_s", (int64_t)(keep_ms / 1000));
    json_close_object(&json);
    json_t *reply = zone_ask(arguments, &request, &code);
    if (reply && !arguments->json)
        print(reply, &text);
    output_put(&text);
    buffer_free(&request);
    buffer_free(&text);
    json_decref(reply);
    return code;
}
