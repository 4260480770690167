// Files for tests: each test has a folder of its own, removed by files_end.
#pragma once

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char files_folder[64];

// Makes the folder and goes there.
__attribute__((unused)) static void files_begin(void)
{
    strcpy(files_folder, "/tmp/test_cli_XXXXXX");
    if (!mkdtemp(files_folder) || chdir(files_folder) != 0)
        abort();
}

__attribute__((unused)) static void files_put(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert(file);
    fputs(text, file);
    fclose(file);
}

__attribute__((unused)) static void files_end(void)
{
    DIR *folder = opendir(".");
    assert(folder);
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        if (entry->d_name[0] != '.')
            unlink(entry->d_name);
    closedir(folder);
    if (chdir("/") == 0)
        rmdir(files_folder);
}

// Its digest is right in tiny.test.
#define ZONEMD_ZONE                                                                                \
    "$TTL 300\n@ SOA a b 4294967295 1 2 3 4\n@ NS a\na A 192.0.2.1\n"                              \
    "@ ZONEMD 4294967295 1 1 a592da78cc99b280fc26b465b351a0ace75b9fc659dd33d6"                     \
    "89ad60c4149922f4f206001b1e82324ee6332677da2a104f\n"
#define GOOD_ZONE                                                                                  \
    "$TTL 300\n@ SOA ns h 7 1 2 3 60\n@ NS ns\nns A 192.0.2.1\nns A 192.0.2.1\n"                   \
    "sub NS ns.sub\nns.sub A 192.0.2.2\n*.w TXT x\n"
