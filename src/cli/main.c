// The program.
#include "cli/run.h"

int main(int argc, char **argv)
{
    return argc > 0 ? run_command(argc - 1, argv + 1) : 2;
}
