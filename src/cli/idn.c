// A- and U-labels by libidn2 (idn.h).
#include "cli/idn.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "cli/output.h"

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text >= 0x80)
            return false;
    return true;
}

char *idn_to_ascii(const char *text, const char **problem)
{
    if (is_ascii(text))
        return memory_copy_text(text);
    char *ascii = NULL;
    int result = idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (result != IDN2_OK) {
        *problem = idn2_strerror(result);
        return NULL;
    }
    char *copy = memory_copy_text(ascii);
    idn2_free(ascii);
    return copy;
}

bool idn_read_name(const char *text, uint8_t wire[static NAME_OCTETS_MAX], struct name *name)
{
    const char *problem = NULL;
    char *ascii = idn_to_ascii(text, &problem);
    struct name root = NAME_ROOT;
    if (ascii) {
        enum name_text_result result = name_parse(ascii, strlen(ascii), &root, wire, name);
        problem = result == NAME_TEXT_OK ? NULL : name_text_problem(result);
    }
    free(ascii);
    if (problem)
        output_complain(NULL, "'%s' is not a name: %s", text, problem);
    return !problem;
}

static bool is_printable(const char *text)
{
    size_t size = strlen(text);
    while (size) {
        uint32_t code;
        size_t count = utf8_get(text, size, &code);
        if (count == 0 || !utf8_printable(code))
            return false;
        text += count;
        size -= count;
    }
    return true;
}

bool idn_to_unicode(struct name name, struct buffer *to)
{
    uint8_t folded[NAME_OCTETS_MAX];
    char text[NAME_TEXT_MAX];
    name_print(name_fold(name, folded), text);
    if (!strstr(text, "xn--"))
        return false;
    char *unicode = NULL;
    bool shown = idn2_to_unicode_8z8z(text, &unicode, 0) == IDN2_OK && !is_ascii(unicode) &&
                 is_printable(unicode);
    if (shown)
        buffer_add_text(to, unicode);
    idn2_free(unicode);
    return shown;
}
