// A little internet, running: every server of a described world answers on its own address, in one
// thread.
//
//   lab = lab_open(&world, &report)         zones are built, sockets bound; NULL: told
//   while (lab_run(lab) == LAB_TELL)        until a signal comes: SIGUSR1, SIGINT, SIGTERM
//       print lab_counted(lab)
//   lab_close(lab)
//
// It blocks those signals for the process, and raises its limit of descriptors. Answers come from
// `serve`, as those of the real server do, so a lab is as fast as it; a server with faults pays for
// them by a copy of each reply.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/report.h"
#include "lab/counts.h"
#include "lab/world.h"

struct lab;

// What became of lab_open.
enum lab_result {
    LAB_OPEN,
    LAB_BAD_WORLD, // zones that cannot be; in the report
    LAB_NO_SOCKET, // an address that cannot be bound; in the report
};

// The world must outlive the lab.
struct lab *lab_open(const struct world *world, struct report *report, enum lab_result *result)
    __attribute__((nonnull, warn_unused_result));
void lab_close(struct lab *lab); // NULL is fine

enum lab_event { LAB_TELL, LAB_STOP };
enum lab_event lab_run(struct lab *lab) __attribute__((nonnull, warn_unused_result));

// A line for each server, as it is now; the lines are the lab's, and written anew by each call.
const struct counted *lab_counted(struct lab *lab, size_t *count) __attribute__((nonnull));

struct lab_size {
    size_t servers, zones;
    uint64_t records;
};
struct lab_size lab_size(const struct lab *lab) __attribute__((nonnull));
