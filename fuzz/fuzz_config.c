// A configuration: read from text alone, which must look at no file, no folder and not at the
// environment, whatever it says; every problem is printed.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "conf/options.h"
#include "sandbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

static void judge(const struct options *options)
{
    assert(options->listen_count >= 1 && options->listen_count <= LISTENERS_MAX);
    assert(options->identity.nsid_size <= NSID_MAX);
    assert(options->state && options->control);
    for (size_t i = 0; i < options->listen_count; i++) {
        assert(options->listen[i].kinds);
        assert(options->listen[i].is_interface || options->listen[i].address.size);
    }
    for (size_t i = 0; i < options->zone_count; i++) {
        struct name name;
        const struct zone_option *zone = &options->zones[i];
        assert(name_view(zone->wire, zone->size, &name) && name.labels == zone->labels);
        assert(zone->file);
        if (i > 0)
            assert(name_compare(name_trust(zone[-1].wire), name) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
    char *text = memory_get(size + 1);
    memcpy(text, octets, size);
    text[size] = 0;
    struct report report = {0};
    sandbox_close(SANDBOX_FORBIDDEN);
    struct options *options = options_read_text("fuzz.yaml", text, size, &report);
    sandbox_open();
    assert((options == NULL) == (report.errors > 0));
    if (options)
        judge(options);
    options_free(options);
    struct buffer words = {0};
    report_write(&report, &words, false);
    report_write(&report, &words, true);
    buffer_free(&words);
    report_free(&report);
    free(text);
    return 0;
}
