// From a command line to an exit code (run.h).
#include "cli/run.h"

#include "base/buffer.h"
#include "cli/arguments.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/output.h"

int run_command(int count, char *const *words)
{
    struct arguments arguments;
    struct arguments_problem problem;
    bool understood = arguments_read(&arguments, count, words, &problem);
    output_begin(arguments.colour, arguments.quiet, arguments.verbose);
    int code = EXIT_OK;
    if (!understood) {
        output_complain(problem.hint[0] ? problem.hint : NULL, "%s", problem.message);
        code = EXIT_USAGE;
    } else if (arguments.help) {
        struct buffer text = {0};
        help_print(&text, arguments.command,
                   arguments.command ? NULL : arguments_word(&arguments, 0), arguments.json);
        output_put(&text);
        buffer_free(&text);
    } else {
        code = arguments.command->run(&arguments);
    }
    code = output_end(code);
    arguments_free(&arguments);
    return code;
}
