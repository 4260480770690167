// When may memory that others still read be freed? After each reader has let go once (liburcu,
// QSBR).
//
//   a reader (a worker)                     a writer (the main thread)
//     epoch_join()                            old = atomic_exchange(&current, new)
//     each turn: read `current`, work,        epoch_retire(release, old)
//                epoch_quiet()
//     epoch_offline() - sleep - epoch_online()
//     epoch_leave()
//
// `release` is called, on a thread of its own, once every reader that was online at the time of the
// retiring has been quiet or offline. Between epoch_quiet() and the next read of `current` a reader
// has no pointer to what is retired this way. A reader that is online and never quiet holds up
// every release, so nobody sleeps online.
#pragma once

void epoch_join(void);  // this thread reads from now on; it is online
void epoch_leave(void); // before the thread ends
// Once a turn: a load and a compare while nothing is being retired.
void epoch_quiet(void);
void epoch_offline(void);
void epoch_online(void);

// From any thread, but never while it holds a pointer of its own to what is retired this way.
void epoch_retire(void (*release)(void *), void *what) __attribute__((nonnull(1)));
// Waits until all that was retired has been released. Never from a reader that is online.
void epoch_drain(void);
