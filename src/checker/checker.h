// The checker's loop: requests in, checks side by side, results out.
#pragma once

// Serves the socket until its other end is closed. Returns an exit code.
int checker_run(int socket);
