// onym-checker: started by onym, and by nobody else. Its standard input is the socket.
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checker/checker.h"

int main(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET) {
        fprintf(stderr, "onym-checker runs health checks for onym, which starts it by itself\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    return checker_run(STDIN_FILENO);
}
