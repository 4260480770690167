// `onym serve` (serve.h).
#include "cli/serve.h"

#include <stdlib.h>

#include "cli/arguments.h"
#include "cli/check.h"
#include "cli/config.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "daemon/run.h"

int command_serve(const struct arguments *arguments)
{
    bool check = arguments_has(arguments, "--check");
    if (check && arguments->json)
        return check_run(arguments, config_path(arguments), false);
    if (arguments->json) {
        output_complain("its log is for people; 'onym ctl status --json' is for machines",
                        "serve has no --json, but for serve --check");
        return EXIT_USAGE;
    }
    struct daemon_arguments serve = {
        .path = config_path(arguments),
        .check = check,
        .try_hint = !arguments->quiet && !getenv("JOURNAL_STREAM"),
        .colour = output_words_have_colour(),
    };
    return daemon_run(&serve);
}
