// A server's replies for people (daemon/commands.h tells what is in them). A member that is missing
// is passed over: the server may be of another version.
#pragma once

#include <jansson.h>

struct buffer;

void ctl_text_status(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_reload(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_notify(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_aliases(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_health(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_stop(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_stats(const json_t *reply, struct buffer *to) __attribute__((nonnull));
void ctl_text_metrics(const json_t *reply, struct buffer *to) __attribute__((nonnull));
