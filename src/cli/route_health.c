// Health of addresses as a running server sees it (route_health.h): what `onym ctl health` prints.
#include "cli/route_health.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/arguments.h"
#include "cli/members.h"
#include "cli/output.h"
#include "daemon/client.h"
#include "policy/health.h"

static void set_lamps(const struct options *options, const json_t *target, struct board *board)
{
    const char *state = text_of(target, "state");
    enum health health = HEALTH_UNKNOWN;
    for (enum health one = HEALTH_UNKNOWN; one <= HEALTH_DOWN; one++)
        if (strcmp(state, health_word(one)) == 0)
            health = one;
    for (size_t i = 0; i < options->target_count; i++) {
        const struct check_target_option *option = &options->targets[i];
        char address[ADDRESS_TEXT_MAX];
        address_print_host(&option->address, address);
        if (strcmp(options->checks[option->check].name, text_of(target, "check")) == 0 &&
            strcmp(address, text_of(target, "address")) == 0)
            board_set(board, i, health);
    }
}

static bool read_reply(const struct options *options, const struct buffer *text,
                       struct board *board)
{
    json_t *reply = json_loadb(buffer_text(text), text->size, 0, NULL);
    const json_t *targets = json_object_get(reply, "targets"), *target;
    bool good = json_is_array(targets);
    size_t index;
    json_array_foreach(targets, index, target) set_lamps(options, target, board);
    json_decref(reply);
    return good;
}

bool route_health_read(const struct options *options, const struct arguments *arguments,
                       struct board *board)
{
    const char *given = arguments_value(arguments, "--control");
    const char *path = given ? given : options->control;
    struct buffer reply = {0};
    if (options->target_count == 0)
        return false;
    int error = control_ask(path, "{\"v\":1,\"command\":\"health\"}", &reply);
    bool told = error == 0 && read_reply(options, &reply, board);
    buffer_free(&reply);
    if (!told && (given || (error != -ENOENT && error != -ECONNREFUSED)))
        output_say("the server at %s does not tell its health checks%s%s", path, error ? ": " : "",
                   error ? strerror(-error) : "");
    return told;
}
