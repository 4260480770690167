// A scene for an attack: a resolver in its bottle, a small public tree, an attacker with servers of
// his own, and everything counted.
//
//   .              198.18.0.1
//   test.          198.18.0.2      delegates, besides victim.test., what a test adds
//   victim.test.   198.18.0.3      www is 203.0.113.1
//   evil.test.     198.18.0.66     the attacker's: he says what he likes
//
// A test adds zones with tree_add() and lines to test.'s zone, then opens. `special` sees each ask
// first: true means that it has said (or not said) what is to be said.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "base/buffer.h"
#include "dns/type.h"
#include "network.h"
#include "tree.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ROOT         "198.18.0.1"
#define TEST         "198.18.0.2"
#define VICTIM       "198.18.0.3"
#define EVIL         "198.18.0.66"
#define SECOND_US    ((uint64_t)1000000)

struct scene {
    struct network network;
    struct tree tree;
    struct rules *rules;       // may be changed before scene_open()
    size_t cache_octets;       // 0: the network's own
    bool unpredictable;        // the real luck, not a seeded one
    struct buffer delegations; // more lines for test.'s zone
    uint64_t rtt_us;           // of all servers: 10 ms
    bool (*special)(struct scene *scene, const struct network_ask *ask, const struct asked *asked);
    void *own; // the test's
    // The last answer: "NOERROR" and the answer section, "; name TYPE rdata" for each record.
    struct buffer answer;
    int ede;
    uint64_t token;
    uint64_t answers, dropped; // so far
    size_t live_most;          // asks under way at once
    unsigned payload_most;     // octets that any ask announced
    struct reply reply;        // for `special`
    struct {
        struct address server;
        uint64_t packets;
    } servers[64];
    unsigned server_count;
};

// Sets the tree and the rules up; then the test's own changes; then scene_open().
void scene_begin(struct scene *scene) __attribute__((nonnull));
void scene_open(struct scene *scene) __attribute__((nonnull));
// Also asserts that the resolver kept its promises and that nothing is left in it.
void scene_close(struct scene *scene) __attribute__((nonnull));

// A question of a client (NULL: ourselves); does not wait.
void scene_want(struct scene *scene, const char *name, uint16_t type, const struct address *client)
    __attribute__((nonnull(1, 2)));
// The same, waits for the answer and gives it as text. Then lets everything in flight end.
const char *scene_ask(struct scene *scene, const char *name, uint16_t type)
    __attribute__((nonnull, returns_nonnull));
void scene_pass(struct scene *scene, uint64_t us) __attribute__((nonnull));
// Asks that went to this address, and to all.
uint64_t scene_packets_to(const struct scene *scene, const char *server) __attribute__((nonnull));
static inline uint64_t scene_packets(const struct scene *scene)
{
    return network_packets(&scene->network);
}
// Sends scene->reply for this ask after the usual time and `more_us`.
void scene_send(struct scene *scene, const struct network_ask *ask, uint64_t more_us)
    __attribute__((nonnull));
bool scene_is(const struct network_ask *ask, const char *server) __attribute__((nonnull));
// A name from text; its octets live until 256 more were made.
struct name scene_name(const char *text) __attribute__((nonnull));
bool scene_asks(const struct asked *asked, const char *name) __attribute__((nonnull));
// One row of the table of figures.
void scene_figure(const char *attack, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
