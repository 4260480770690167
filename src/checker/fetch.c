// Network checks (fetch.h).
//
// The connection goes to the target's address, whatever name the URL has: CONNECT_TO says so for
// each. Nothing is followed, no proxy is asked, nothing is kept from one check to the next.
#include "checker/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The body as far as it is looked at; a transfer that was cut off here is a whole one for us.
static size_t take_body(char *octets, size_t size, size_t count, void *argument)
{
    struct fetch *fetch = argument;
    size_t part = size * count, left = FETCH_BODY_MAX - fetch->body_size;
    size_t kept = part < left ? part : left;
    memcpy(fetch->body + fetch->body_size, octets, kept);
    fetch->body_size += kept;
    return kept; // less than there was: curl ends the transfer with CURLE_WRITE_ERROR
}

static bool copy_texts(struct fetch *fetch, const struct probe *probe)
{
    size_t host = strlen(probe->host) + 1, path = strlen(probe->path) + 1;
    size_t text = strlen(probe->text) + 1;
    fetch->probe = *probe;
    fetch->texts = malloc(host + path + text);
    fetch->body = malloc(FETCH_BODY_MAX);
    if (!fetch->texts || !fetch->body)
        return false;
    fetch->probe.host = memcpy(fetch->texts, probe->host, host);
    fetch->probe.path = memcpy(fetch->texts + host, probe->path, path);
    fetch->probe.text = memcpy(fetch->texts + host + path, probe->text, text);
    return true;
}

static void set_target(struct fetch *fetch)
{
    const struct probe *probe = &fetch->probe;
    bool v4 = probe->address.any.sa_family == AF_INET;
    char address[ADDRESS_TEXT_MAX], url[PROBE_MESSAGE_MAX + 2 * ADDRESS_TEXT_MAX];
    char to[2 * ADDRESS_TEXT_MAX];
    unsigned port = address_port(&probe->address);
    address_print_host(&probe->address, address);
    const char *left = v4 ? "" : "[", *right = v4 ? "" : "]";
    const char *scheme = probe->kind == PROBE_HTTPS ? "https" : "http";
    const char *path = probe->kind == PROBE_TCP ? "/" : probe->path;
    if (*probe->host)
        snprintf(url, sizeof url, "%s://%s:%u%s", scheme, probe->host, port, path);
    else
        snprintf(url, sizeof url, "%s://%s%s%s:%u%s", scheme, left, address, right, port, path);
    snprintf(to, sizeof to, "::%s%s%s:%u", left, address, right, port);
    fetch->connect_to = curl_slist_append(NULL, to);
    curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
    curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_TO, fetch->connect_to);
    if (probe->kind == PROBE_TCP)
        curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_ONLY, 1L);
}

static void set_manners(struct fetch *fetch)
{
    CURL *easy = fetch->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)fetch->probe.timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)fetch->probe.timeout_ms);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "onym-checker/" ONYM_VERSION);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, fetch->probe.verify ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, fetch->probe.verify ? 2L : 0L);
}

bool fetch_begin(struct fetch *fetch, CURLM *multi, const struct probe *probe,
                 struct probe_result *result)
{
    memset(fetch, 0, sizeof *fetch);
    fetch->easy = curl_easy_init();
    if (fetch->easy && copy_texts(fetch, probe)) {
        set_target(fetch);
        set_manners(fetch);
        if (curl_multi_add_handle(multi, fetch->easy) == CURLM_OK)
            return true;
    }
    result->good = false;
    snprintf(result->words, sizeof result->words, "no memory for a check");
    fetch_end(fetch, multi);
    return false;
}

static bool is_good_status(const struct probe *probe, long status)
{
    if (probe->status_count == 0)
        return status >= 200 && status < 400;
    for (unsigned i = 0; i < probe->status_count; i++)
        if (probe->statuses[i] == status)
            return true;
    return false;
}

static bool has_text(const struct fetch *fetch)
{
    size_t size = strlen(fetch->probe.text);
    return size == 0 || memmem(fetch->body, fetch->body_size, fetch->probe.text, size);
}

static void judge_page(const struct fetch *fetch, struct probe_result *result)
{
    long status = 0;
    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    result->good = is_good_status(&fetch->probe, status) && has_text(fetch);
    if (!is_good_status(&fetch->probe, status))
        snprintf(result->words, sizeof result->words, "status %ld", status);
    else
        snprintf(result->words, sizeof result->words, "status %ld%s", status,
                 result->good ? "" : ", and the text is not in the page");
}

// Curl's own words have the address in them, which stands beside them anyway.
static const char *word_of(const struct fetch *fetch, CURLcode code)
{
    long error = 0;
    curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &error);
    if (code == CURLE_COULDNT_CONNECT && error)
        return strerror((int)error);
    return *fetch->error ? fetch->error : curl_easy_strerror(code);
}

// A page that is longer than what is looked at is a whole one for us; so is one over HTTPS whose
// server hangs up without the words that TLS has for it, as many do.
static bool is_whole(const struct fetch *fetch, CURLcode code)
{
    long status = 0;
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && fetch->body_size == FETCH_BODY_MAX))
        return true;
    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    return fetch->probe.kind == PROBE_HTTPS && code == CURLE_RECV_ERROR && status > 0;
}

void fetch_finish(struct fetch *fetch, CURLM *multi, CURLcode code, struct probe_result *result)
{
    result->id = fetch->probe.id;
    result->good = false;
    if (code == CURLE_OPERATION_TIMEDOUT) {
        snprintf(result->words, sizeof result->words, "no answer within %u ms",
                 fetch->probe.timeout_ms);
    } else if (!is_whole(fetch, code)) {
        snprintf(result->words, sizeof result->words, "%.150s", word_of(fetch, code));
    } else if (fetch->probe.kind == PROBE_TCP) {
        result->good = true;
        snprintf(result->words, sizeof result->words, "connected");
    } else {
        judge_page(fetch, result);
    }
    fetch_end(fetch, multi);
}

void fetch_end(struct fetch *fetch, CURLM *multi)
{
    if (fetch->easy) {
        curl_multi_remove_handle(multi, fetch->easy);
        curl_easy_cleanup(fetch->easy);
    }
    curl_slist_free_all(fetch->connect_to);
    free(fetch->texts);
    free(fetch->body);
    memset(fetch, 0, sizeof *fetch);
}
