// Records as text (dump.h).
#include "zone/dump.h"

#include <assert.h>

#include "base/buffer.h"
#include "dns/rdata.h"
#include "dns/type.h"

void dump_record(const struct record *record, struct buffer *to)
{
    char owner[NAME_TEXT_MAX], type[TYPE_TEXT_MAX];
    size_t size = name_print(record_owner(record), owner);
    assert(size > 0 && owner[size - 1] == '.');
    type_print(record->type, type);
    buffer_add(to, owner, size);
    buffer_format(to, " %u IN %s", record->ttl, type);
    buffer_add_char(to, ' ');
    rdata_print(record->type, record->rdata, record->rdata_size, to);
    buffer_add_char(to, '\n');
}
