// Checks over the network, by libcurl: a TCP connection, or a page over HTTP or HTTPS. None of them
// waits: all are steps of one multi handle.
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy/probe.h"

#define FETCH_BODY_MAX ((size_t)64 * 1024) // what is looked through for the text

struct fetch {
    CURL *easy; // NULL: none
    struct curl_slist *connect_to;
    struct probe probe; // its texts are in `texts`
    char *texts;
    char error[CURL_ERROR_SIZE];
    char *body;
    size_t body_size;
};

// False: `result` says why.
bool fetch_begin(struct fetch *fetch, CURLM *multi, const struct probe *probe,
                 struct probe_result *result) __attribute__((nonnull, warn_unused_result));
// Curl says that it is over.
void fetch_finish(struct fetch *fetch, CURLM *multi, CURLcode code, struct probe_result *result)
    __attribute__((nonnull));
void fetch_end(struct fetch *fetch, CURLM *multi) __attribute__((nonnull));
