// Who is killed cannot kill: the warden ends scripts whose checker is gone.
//
//   checker --pipe: "this group runs", "this group is over"--> warden, a child of it
//
// It waits for the end of the pipe, which comes with the checker's, however that ends; then it
// kills the groups that still run, and ends as well. It has nothing open but the pipe.
#pragma once

#include <sys/types.h>

struct warden {
    int pipe; // closed in programs that are begun; negative: there is no warden
    pid_t pid;
};

// 0 or a negative errno. Before there are threads, and before libraries are begun.
int warden_start(struct warden *warden) __attribute__((nonnull, warn_unused_result));
// Of a process group: at once when it runs, and at once when its leader was reaped, since its
// number will be another's some time. Without a warden nothing happens.
void warden_watch(const struct warden *warden, pid_t group) __attribute__((nonnull));
void warden_forget(const struct warden *warden, pid_t group) __attribute__((nonnull));
// Ends it, and waits for that; what it still watches is killed.
void warden_stop(struct warden *warden) __attribute__((nonnull));
