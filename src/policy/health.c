// Verdicts (health.h).
#include "policy/health.h"

#define SOON_MS  1000 // the first check, and one that takes the place of another
#define CROWD_MS 20   // for each of many that begin at once: 50 checks a second at first

static uint32_t roll(struct health_state *state)
{
    state->seed = state->seed * 1664525u + 1013904223u;
    return state->seed >> 8; // 24 bits; the low ones of such a generator are poor
}

static uint64_t spread(struct health_state *state, uint64_t range_ms)
{
    return (roll(state) * (range_ms + 1)) >> 24;
}

void health_begin(struct health_state *state, const struct health_rules *rules, uint32_t seed,
                  uint64_t now_ms, unsigned crowd)
{
    uint64_t range_ms = (uint64_t)crowd * CROWD_MS;
    if (range_ms > rules->interval_ms)
        range_ms = rules->interval_ms;
    *state = (struct health_state){.verdict = HEALTH_UNKNOWN, .seed = seed};
    state->due_ms = now_ms + spread(state, range_ms);
}

void health_start(struct health_state *state, uint64_t now_ms)
{
    state->is_running = true;
    state->began_ms = now_ms;
}

// A check that took long does not make the next one late; a clock that jumped (the machine slept)
// does not make many of them.
static void plan(struct health_state *state, const struct health_rules *rules, uint64_t now_ms)
{
    uint64_t tenth_ms = rules->interval_ms / 10;
    state->due_ms = state->began_ms + rules->interval_ms - tenth_ms + spread(state, 2 * tenth_ms);
    if (state->due_ms < now_ms)
        state->due_ms = now_ms + spread(state, tenth_ms);
}

static enum health judge(const struct health_state *state, const struct health_rules *rules)
{
    if (state->verdict == HEALTH_UNKNOWN)
        return state->good ? HEALTH_UP : HEALTH_DOWN;
    if (state->good >= rules->rise)
        return HEALTH_UP;
    if (state->bad >= rules->fall)
        return HEALTH_DOWN;
    return state->verdict;
}

bool health_take(struct health_state *state, const struct health_rules *rules, bool good,
                 uint64_t now_ms)
{
    enum health before = state->verdict;
    uint16_t *row = good ? &state->good : &state->bad;
    *(good ? &state->bad : &state->good) = 0;
    *row = (uint16_t)(*row + (*row < UINT16_MAX));
    state->is_running = false;
    state->ended_ms = now_ms;
    state->verdict = judge(state, rules);
    if (state->verdict != before)
        state->changed_ms = now_ms;
    plan(state, rules, now_ms);
    return state->verdict != before;
}

void health_drop(struct health_state *state, uint64_t now_ms)
{
    state->is_running = false;
    state->due_ms = now_ms + spread(state, SOON_MS);
}

const char *health_word(enum health health)
{
    switch (health) {
    case HEALTH_UNKNOWN: return "unknown";
    case HEALTH_UP: return "up";
    case HEALTH_DOWN: return "down";
    }
    return "unknown";
}
