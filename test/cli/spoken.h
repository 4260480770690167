// Runs a command as main does and keeps what it says. For tests only.
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/run.h"

struct spoken {
    int code;
    char *out; // stdout
    char *err; // stderr
};

static int divert(FILE *stream, int to)
{
    fflush(stream);
    int kept = dup(fileno(stream));
    dup2(to, fileno(stream));
    return kept;
}

static void restore(FILE *stream, int kept)
{
    fflush(stream);
    clearerr(stream);
    dup2(kept, fileno(stream));
    close(kept);
}

static char *read_back(int file)
{
    off_t size = lseek(file, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);
    assert(text);
    ssize_t got = pread(file, text, (size_t)size, 0);
    assert(got == size);
    close(file);
    return text;
}

// The words behind "onym".
static struct spoken speak_words(int count, const char *const *words)
{
    int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
    assert(out >= 0 && err >= 0);
    int kept_out = divert(stdout, out), kept_err = divert(stderr, err);
    struct spoken spoken = {.code = run_command(count, (char *const *)words)};
    restore(stdout, kept_out);
    restore(stderr, kept_err);
    spoken.out = read_back(out);
    spoken.err = read_back(err);
    return spoken;
}

// The same, separated by single spaces.
__attribute__((unused)) static struct spoken speak(const char *line)
{
    char copy[1024];
    const char *words[64];
    int count = 0;
    assert(strlen(line) < sizeof copy);
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert(count < 64);
        words[count++] = word;
    }
    return speak_words(count, words);
}

__attribute__((unused)) static void hush(struct spoken *spoken)
{
    free(spoken->out);
    free(spoken->err);
    *spoken = (struct spoken){0};
}
