// Scenarios of the .rpl format (test/scenario/script.h): any text is refused with a line and words,
// or played by a whole resolver, with the text's servers, in the bottle's time.
//
//   input: the text of a scenario
//
// Where the reply target forges the octets of replies, this one forges what a whole world says:
// delegations, glue, aliases, silence, delays, the resolver's own settings, questions after one
// another and time that passes between them. What must hold is what play_freely() promises.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "play.h"
#include "sandbox.h"

// More is slow, not wrong: each step may take a question's whole budget.
#define STEPS_MAX 48
#define TEXT_MAX  65536

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static unsigned count_steps(const struct script *script)
{
    unsigned count = 0;
    for (const struct script_step *step = script->steps; step; step = step->next)
        count++;
    return count;
}

static void replay(const struct script *script)
{
    struct buffer problem = {0};
    if (!play_freely(script, &problem)) {
        fprintf(stderr, "%s\n", buffer_text(&problem));
        abort();
    }
    buffer_free(&problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    struct script script;
    if (size > TEXT_MAX)
        return 0;
    char *text = memory_get(size + 1);
    memcpy(text, octets, size);
    text[size] = 0;
    // 65536 records of one line are the zone target's affair.
    if (strcasestr(text, "$GENERATE")) {
        free(text);
        return 0;
    }
    sandbox_close(SANDBOX_EMPTY);
    bool good = script_read_text(&script, "replay", text);
    sandbox_open();
    free(text);
    assert(good == (script.problem == NULL));
    if (good && count_steps(&script) <= STEPS_MAX)
        replay(&script);
    script_free(&script);
    return 0;
}
