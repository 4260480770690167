// Plays the scenarios: own/*.rpl of this folder always, and those of $ONYM_DATA/rpl where they are.
//
//   scenario FOLDER        all; FOLDER is this folder. One test for each file
//   scenario -v FILE ...   these, every ask told
//
// FOLDER/expected-failures.txt names scenarios that do not pass yet, each with a word for why. The
// list may only shrink: a scenario that passes though it is listed is a failure, and so is a line
// that names no scenario.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "dns/message.h"
#include "dns/type.h"
#include "play.h"

#define LIST_MAX (1024 * 1024)

// What a scenario is about, as far as its steps tell.
enum kind { PLAIN, POSITIVE, NEGATIVE, WILDCARD, NSEC3, INSECURE, BOGUS, KINDS };
static const char *const kind_words[KINDS] = {"plain", "positive", "negative", "wildcard",
                                              "NSEC3", "insecure", "bogus"};

static struct {
    unsigned passed, listed, failed;
} counts[KINDS];

struct scenario {
    char *path;       // of the file
    const char *name; // "deckard/iter_mod.rpl"
    char *test;       // "deckard_iter_mod"
    char *why;        // it is expected to fail; NULL: it is not
};

static bool has_type(const struct script *script, uint16_t type)
{
    for (const struct script_range *range = script->ranges; range; range = range->next)
        for (const struct script_entry *entry = range->entries; entry; entry = entry->next)
            for (size_t i = 0; i < entry->sections[SECTION_AUTHORITY].count; i++)
                if (entry->sections[SECTION_AUTHORITY].list[i].type == type)
                    return true;
    return false;
}

static enum kind kind_of(const struct script *script, const char *name)
{
    const struct script_entry *last = NULL;
    for (const struct script_step *step = script->steps; step; step = step->next)
        if (step->act == ACT_CHECK_ANSWER)
            last = step->entry;
    if (!script->validates || !last)
        return PLAIN;
    if (last->rcode == RCODE_SERVFAIL)
        return BOGUS;
    if (has_type(script, TYPE_NSEC3))
        return NSEC3;
    if (!(last->flags & FLAG_AD))
        return INSECURE;
    if (strstr(name, "wild") || strstr(name, "_wc"))
        return WILDCARD;
    return last->sections[SECTION_ANSWER].count ? POSITIVE : NEGATIVE;
}

static void play_one(void **state)
{
    struct scenario *scenario = *state;
    struct script script;
    struct buffer problem = {0};
    bool read = script_read(&script, scenario->path);
    enum kind kind = read ? kind_of(&script, scenario->name) : PLAIN;
    bool good = read && play(&script, NULL, &problem);
    if (!read)
        buffer_add_text(&problem, script.problem);
    script_free(&script);
    char text[1024];
    snprintf(text, sizeof text, "%s", buffer_text(&problem));
    buffer_free(&problem);
    bool as_listed = !good && read && scenario->why;
    if (as_listed)
        counts[kind].listed++;
    else if (good && !scenario->why)
        counts[kind].passed++;
    else
        counts[kind].failed++;
    if (as_listed)
        print_message("listed (%s): %s\n", scenario->why, text);
    else if (!good)
        fail_msg("%s", text);
    else if (scenario->why)
        fail_msg("%s passes: remove it from the list", scenario->name);
}

static void tell_skipped(void **state)
{
    print_message("skipped: no %s (set ONYM_DATA)\n", (const char *)*state);
    skip();
}

// A line of the list that names nothing.
static void tell_unknown(void **state)
{
    fail_msg("expected-failures.txt: there is no %s", (const char *)*state);
}

static char *test_name(const char *name)
{
    char *test = memory_copy_text(name);
    test[strlen(test) - strlen(".rpl")] = 0;
    for (char *at = test; *at; at++)
        if (*at == '/' || *at == '-')
            *at = '_';
    return test;
}

struct set {
    struct scenario *list;
    size_t count, room;
};

static size_t add_folder(struct set *set, const char *base, const char *folder)
{
    glob_t found;
    char *pattern = memory_format("%s/%s/*.rpl", base, folder);
    size_t count = 0;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (; count < found.gl_pathc; count++) {
            set->list = memory_grow(set->list, &set->room, set->count + 1, sizeof *set->list);
            struct scenario *scenario = &set->list[set->count++];
            *scenario = (struct scenario){.path = memory_copy_text(found.gl_pathv[count])};
            scenario->name = scenario->path + strlen(base) + 1;
            scenario->test = test_name(scenario->name);
        }
        globfree(&found);
    }
    free(pattern);
    return count;
}

static void add_test(struct CMUnitTest *tests, size_t *count, const char *name,
                     CMUnitTestFunction function, void *state)
{
    tests[(*count)++] =
        (struct CMUnitTest){.name = name, .test_func = function, .initial_state = state};
}

// Lines "deckard/name.rpl why"; '#' begins a comment. Marks the scenarios; what it names and is not
// there becomes a test that fails, unless the data are not there.
static char *read_list(struct set *set, const char *path, bool whole, struct CMUnitTest *tests,
                       size_t *count)
{
    char *text, *save = NULL;
    size_t size;
    if (file_read(path, LIST_MAX, &text, &size) != 0) {
        add_test(tests, count, "expected_failures_can_be_read", tell_unknown,
                 (void *)(uintptr_t)path);
        return NULL;
    }
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        line[strcspn(line, "#")] = 0;
        char *rest = NULL, *name = strtok_r(line, " \t", &rest), *why = strtok_r(NULL, "", &rest);
        bool found = !name;
        for (size_t i = 0; name && i < set->count; i++) {
            if (strcmp(set->list[i].name, name) != 0)
                continue;
            set->list[i].why = why ? why : name;
            found = true;
        }
        if (!found && whole)
            add_test(tests, count, name, tell_unknown, name);
    }
    return text;
}

static void print_counts(void)
{
    printf("%-9s %7s %7s %7s\n", "", "passed", "listed", "failed");
    for (unsigned i = 0; i < KINDS; i++)
        printf("%-9s %7u %7u %7u\n", kind_words[i], counts[i].passed, counts[i].listed,
               counts[i].failed);
}

static int play_all(const char *folder)
{
    struct set set = {0};
    static struct CMUnitTest tests[1024];
    size_t count = 0;
    const char *data = getenv("ONYM_DATA");
    char *base = memory_format("%s/rpl", data ? data : "../shared/data");
    char *list = memory_format("%s/expected-failures.txt", folder);
    size_t own = add_folder(&set, folder, "own");
    bool whole = add_folder(&set, base, "deckard") && add_folder(&set, base, "unbound");
    char *lines = read_list(&set, list, whole, tests, &count);
    for (size_t i = 0; i < set.count; i++)
        add_test(tests, &count, set.list[i].test, play_one, &set.list[i]);
    if (!whole)
        add_test(tests, &count, "scenarios_of_others", tell_skipped, base);
    if (!own)
        add_test(tests, &count, "own_scenarios", tell_unknown, list);
    int failed = _cmocka_run_group_tests("scenarios", tests, count, NULL, NULL);
    print_counts();
    for (size_t i = 0; i < set.count; i++) {
        free(set.list[i].path);
        free(set.list[i].test);
    }
    free(set.list);
    free(lines);
    free(list);
    free(base);
    return failed != 0;
}

static int play_loudly(const char *path)
{
    struct script script;
    struct buffer problem = {0};
    bool good = script_read(&script, path);
    if (good)
        good = play(&script, stdout, &problem);
    else
        buffer_add_text(&problem, script.problem);
    printf("%s %s%s\n", good ? "passed" : "FAILED", path, good ? "" : ":");
    if (!good)
        printf("    %s\n", buffer_text(&problem));
    script_free(&script);
    buffer_free(&problem);
    return !good;
}

int main(int count, char **words)
{
    if (count == 2)
        return play_all(words[1]);
    int failed = 0;
    for (int i = 2; i < count; i++)
        failed |= play_loudly(words[i]);
    return failed;
}
