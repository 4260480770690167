// The budget of budget.h.
#include "resolve/budget.h"

#include "base/limits.h"

void budget_begin(struct budget *budget, uint32_t packets)
{
    *budget =
        (struct budget){.packets = packets, .octets = BUDGET_OCTETS, .restarts = BUDGET_RESTARTS};
}

bool budget_take_packet(struct budget *budget)
{
    if (budget->packets == 0) {
        budget->spent = "too many packets for one question";
        return false;
    }
    budget->packets--;
    return true;
}

bool budget_take_octets(struct budget *budget, size_t size)
{
    if (size > budget->octets) {
        budget->octets = 0;
        budget->spent = "too many octets of replies for one question";
        return false;
    }
    budget->octets -= (uint32_t)size;
    return true;
}

bool budget_take_restart(struct budget *budget)
{
    if (budget->restarts == 0) {
        budget->spent = "too many steps for one question";
        return false;
    }
    budget->restarts--;
    return true;
}
