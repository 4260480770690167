// A walk and what came of it as JSON: what `onym trace --json` prints and what the server's own
// traces travel in.
//
//   "rcode":"NOERROR", "reason":"resolved", "ede":{"code","text"},
//   "answer":[{"name","ttl","type","data"}], "authority":[...], "additional":[...]
//   "steps":[{"step":"ask", "task":1, "depth":0, "at_ms":0.21, "name", "type", "server", "address",
//             "transport", "rtt_ms", "rcode", "ttl", "ask", "text"}, ...]
//
// A member of a step is left out where it says nothing.
#pragma once

#include "base/json.h"
#include "dns/answer.h"
#include "dns/trace.h"

// As members of the object that is open.
void explain_question(struct name name, uint16_t type, struct json *json) __attribute__((nonnull));
void explain_answer(const struct answer *answer, struct json *json) __attribute__((nonnull));
void explain_steps(const struct trace *trace, struct json *json) __attribute__((nonnull));
