// The next name to show (minimise.h).
#include "resolve/minimise.h"

#include <assert.h>

#include "dns/type.h"

// How many labels more to show.
static unsigned stride(unsigned steps, unsigned left)
{
    if (steps < MINIMISE_ONE_LABEL)
        return 1;
    if (steps >= MINIMISE_STEPS_MAX)
        return left;
    unsigned steps_left = MINIMISE_STEPS_MAX - steps;
    return (left + steps_left - 1) / steps_left;
}

struct minimised minimise_next(const struct minimise *minimise, struct name cut, struct name goal,
                               uint16_t type)
{
    assert(cut.labels <= goal.labels);
    unsigned shown = minimise->labels > cut.labels ? minimise->labels : cut.labels;
    if (!minimise->off && shown < goal.labels)
        shown += stride(minimise->steps, goal.labels - shown);
    else
        shown = goal.labels;
    if (shown >= goal.labels)
        return (struct minimised){goal, type, true};
    return (struct minimised){name_suffix(goal, shown), TYPE_A, false};
}
