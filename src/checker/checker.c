// One loop over the socket, curl's transfers and the scripts' outputs (checker.h).
//
// A result that cannot be sent is kept, and nothing is read then: whoever does not take results
// gets no more checks. When the daemon is gone so are its checks, scripts included; and when we are
// killed the warden ends our scripts.
#include "checker/checker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "checker/fetch.h"
#include "checker/script.h"
#include "checker/warden.h"

#define TICK_MS 50 // scripts' ends are looked for at least so often

struct checker {
    int socket;
    struct warden warden; // knows which scripts run
    CURLM *multi;
    struct fetch fetches[CHECKS_RUNNING_MAX];
    struct script scripts[CHECKS_RUNNING_MAX];
    unsigned running;
    struct probe_result results[CHECKS_RUNNING_MAX]; // not sent yet
    unsigned result_count;
};

static void keep_result(struct checker *checker, const struct probe_result *result)
{
    checker->results[checker->result_count++] = *result;
}

// False: the other end is gone.
static bool send_results(struct checker *checker)
{
    unsigned sent = 0;
    bool good = true;
    for (; sent < checker->result_count; sent++) {
        uint8_t message[PROBE_MESSAGE_MAX];
        size_t size = probe_write_result(&checker->results[sent], message);
        if (send(checker->socket, message, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            continue;
        good = errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        break;
    }
    checker->result_count -= sent;
    for (unsigned i = 0; i < checker->result_count; i++)
        checker->results[i] = checker->results[i + sent];
    return good;
}

static struct fetch *free_fetch(struct checker *checker)
{
    unsigned at = 0;
    while (checker->fetches[at].easy)
        at++;
    return &checker->fetches[at];
}

static struct script *free_script(struct checker *checker)
{
    unsigned at = 0;
    while (checker->scripts[at].pid)
        at++;
    return &checker->scripts[at];
}

static bool begin_script(struct checker *checker, const struct probe *probe,
                         struct probe_result *result)
{
    struct script *script = free_script(checker);
    if (!script_begin(script, probe, clock_now_ms(), result))
        return false;
    warden_watch(&checker->warden, script->pid);
    return true;
}

static void begin(struct checker *checker, const struct probe *probe)
{
    struct probe_result result = {.id = probe->id};
    bool begun = probe->kind == PROBE_SCRIPT
                     ? begin_script(checker, probe, &result)
                     : fetch_begin(free_fetch(checker), checker->multi, probe, &result);
    if (begun)
        checker->running++;
    else
        keep_result(checker, &result);
}

// False: the other end is gone.
static bool read_requests(struct checker *checker)
{
    while (checker->running + checker->result_count < CHECKS_RUNNING_MAX) {
        uint8_t message[PROBE_MESSAGE_MAX];
        struct probe probe;
        ssize_t size = recv(checker->socket, message, sizeof message, MSG_DONTWAIT);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR;
        if (size == 0)
            return false;
        if (probe_read(message, (size_t)size, &probe))
            begin(checker, &probe);
    }
    return true;
}

static void step_fetches(struct checker *checker)
{
    int still, left;
    struct CURLMsg *message;
    curl_multi_perform(checker->multi, &still);
    while ((message = curl_multi_info_read(checker->multi, &left))) {
        struct probe_result result = {0};
        char *private;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        fetch_finish((struct fetch *)private, checker->multi, code, &result);
        keep_result(checker, &result);
        checker->running--;
    }
}

static void step_scripts(struct checker *checker)
{
    uint64_t now_ms = clock_now_ms();
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++) {
        struct probe_result result = {0};
        pid_t group = checker->scripts[i].pid;
        if (group == 0 || !script_step(&checker->scripts[i], now_ms, &result))
            continue;
        warden_forget(&checker->warden, group);
        keep_result(checker, &result);
        checker->running--;
    }
}

// Until something can be done.
static void rest(struct checker *checker)
{
    struct curl_waitfd waits[1 + CHECKS_RUNNING_MAX] = {0};
    unsigned count = 1;
    bool full = checker->running + checker->result_count >= CHECKS_RUNNING_MAX;
    waits[0].fd = checker->socket;
    waits[0].events =
        (short)((full ? 0 : CURL_WAIT_POLLIN) | (checker->result_count ? CURL_WAIT_POLLOUT : 0));
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++) {
        if (checker->scripts[i].pid == 0 || checker->scripts[i].is_silent)
            continue;
        waits[count].fd = checker->scripts[i].output;
        waits[count++].events = CURL_WAIT_POLLIN;
    }
    bool scripts = false;
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++)
        scripts |= checker->scripts[i].pid != 0;
    curl_multi_poll(checker->multi, waits, count, scripts || full ? TICK_MS : 1000, NULL);
}

int checker_run(int socket)
{
    struct checker *checker = memory_get_zeroed(1, sizeof *checker);
    checker->socket = socket;
    int failed = warden_start(&checker->warden);
    if (failed)
        fprintf(stderr, "onym-checker: scripts will outlive it if it is killed: %s\n",
                strerror(-failed));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        checker->multi = curl_multi_init();
    if (!checker->multi) {
        warden_stop(&checker->warden);
        free(checker);
        return 1;
    }
    while (send_results(checker) && read_requests(checker)) {
        step_fetches(checker);
        step_scripts(checker);
        if (!send_results(checker))
            break;
        rest(checker);
    }
    for (unsigned i = 0; i < CHECKS_RUNNING_MAX; i++) {
        fetch_end(&checker->fetches[i], checker->multi);
        script_end(&checker->scripts[i]);
    }
    curl_multi_cleanup(checker->multi);
    curl_global_cleanup();
    warden_stop(&checker->warden);
    free(checker);
    return 0;
}
