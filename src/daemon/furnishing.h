// What a house has beside its zones and by the files of daemon/nearby.h: the names of hosts files,
// and the copy of the root zone. The steps of rebuild.c that are about those.
#pragma once

#include <stdbool.h>

struct daemon;
struct house;
struct local;
struct nearby_found;
struct zone;

// The copy of the root that is in use; NULL: none is.
struct zone *furnishing_copy(struct daemon *daemon) __attribute__((nonnull));
// Has what the next house needs been read, or does that take too long?
bool furnishing_is_read(struct daemon *daemon) __attribute__((nonnull));
// The names that the next house has: those just read, or those of before. The caller's.
struct local *furnishing_names(struct daemon *daemon) __attribute__((nonnull));
// Its copy of the root, to the rules that it has by now. One that cannot be used, or was not read
// in time, leaves the one before in its place.
void furnishing_give_copy(struct daemon *daemon, struct house *next) __attribute__((nonnull));
// What the files have become since the current house moved in. True: it must be followed by one
// that knows of it.
bool furnishing_take(struct daemon *daemon) __attribute__((nonnull));
// Gives that to the house that follows, before it moves in. Nothing, if there is nothing new.
void furnishing_follow(struct daemon *daemon, struct house *changed) __attribute__((nonnull));
void furnishing_drop(struct nearby_found *found) __attribute__((nonnull));
