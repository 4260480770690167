// The words of exit.h.
#include "cli/exit.h"

#include <stddef.h>

const struct exit_row *exit_table(void)
{
    static const struct exit_row table[] = {
        {EXIT_OK, "all is well"},
        {EXIT_FAILED, "the operation failed; query: the reply is bad (malformed, or to something "
                      "else)"},
        {EXIT_USAGE, "an error in the command line, the configuration or a zone file"},
        {EXIT_UNREACHABLE, "no server is there: refused by its machine, no way to it, or unknown"},
        {EXIT_PERMISSION, "no permission, or an address that is in use"},
        {EXIT_NOT_FOUND, "not found"},
        {EXIT_CONFLICT, "in conflict with what is there"},
        {EXIT_PARTLY, "partly done: some of it failed"},
        {EXIT_NO_REPLY, "no reply in time"},
        {EXIT_NXDOMAIN,
         "no such name (NXDOMAIN); 10 and up: only trace, and query with --fail or --all"},
        {EXIT_SERVFAIL, "the server failed (SERVFAIL)"},
        {EXIT_REFUSED, "the server refused (REFUSED)"},
        {EXIT_BOGUS, "the resolver says that DNSSEC validation failed (SERVFAIL, EDE 6 to 12)"},
        {EXIT_NODATA, "no records of this type; the name may have others"},
        {EXIT_ERROR, "another error of the server (FORMERR, NOTIMP, BADVERS ...)"},
        {EXIT_OK, NULL},
    };
    return table;
}
