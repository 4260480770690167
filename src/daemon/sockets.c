// Listeners for a house (sockets.h).
//
//   options.listen -> plan: addresses and transports, interfaces looked up, doubles left out
//   plan + own     -> shared where own has it, opened where not
//
// With inherited sockets the defaults are not opened: whoever passed them has decided. What the
// file itself lists still is.
#include "daemon/sockets.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

struct plan {
    struct plan_row {
        struct address address;
        bool stream;
        const struct listen_option *from;
    } * rows;
    size_t count, room;
};

static bool is_default(const struct listen_option *option)
{
    return option->place.line == 0;
}

static void complain(struct report *report, const struct listen_option *from, const char *where,
                     const struct listen_failure *failure)
{
    struct place place = {
        .file = from->place.file, .line = from->place.line, .column = from->place.column};
    // A default that this machine cannot have (no IPv6, say) is nobody's mistake.
    bool lenient =
        is_default(from) && (failure->error == EADDRNOTAVAIL || failure->error == EAFNOSUPPORT);
    report_add(report, lenient ? SEVERITY_WARNING : SEVERITY_ERROR, &place,
               failure->hint[0] ? failure->hint : NULL, "cannot listen on %s: %s", where,
               failure->words);
}

static void plan_one(struct plan *plan, const struct address *address, bool stream,
                     const struct listen_option *from)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->rows[i].stream == stream && address_equal(&plan->rows[i].address, address))
            return;
    plan->rows = memory_grow(plan->rows, &plan->room, plan->count + 1, sizeof *plan->rows);
    plan->rows[plan->count++] = (struct plan_row){*address, stream, from};
}

static void plan_kinds(struct plan *plan, const struct address *address,
                       const struct listen_option *from)
{
    if (from->kinds & LISTEN_UDP)
        plan_one(plan, address, false, from);
    if (from->kinds & LISTEN_TCP)
        plan_one(plan, address, true, from);
}

static void plan_interface(struct plan *plan, const struct listen_option *from,
                           struct report *report)
{
    struct address *addresses;
    size_t count;
    int failed = listen_resolve(from->addr, from->port, &addresses, &count);
    for (size_t i = 0; i < count; i++)
        plan_kinds(plan, &addresses[i], from);
    free(addresses);
    if (!failed)
        return;
    struct listen_failure failure = {.error = -failed};
    if (failed == -ENODEV) {
        strcpy(failure.words, "neither an address nor an interface of this machine");
        strcpy(failure.hint, "'ip address' lists the interfaces");
    } else if (failed == -EADDRNOTAVAIL) {
        strcpy(failure.words, "the interface has no address");
    } else {
        strcpy(failure.words, "its addresses cannot be read");
    }
    complain(report, from, from->addr, &failure);
}

static bool has_inherited(const struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i]->shared)
            return true;
    return false;
}

static void plan_all(struct plan *plan, const struct options *options, const struct listeners *own,
                     struct report *report)
{
    bool inherited = has_inherited(own);
    for (size_t i = 0; i < options->listen_count; i++) {
        const struct listen_option *option = &options->listen[i];
        if (inherited && is_default(option))
            continue;
        if (option->is_interface)
            plan_interface(plan, option, report);
        else
            plan_kinds(plan, &option->address, option);
    }
    if (plan->count > LISTENERS_MAX)
        report_add(report, SEVERITY_ERROR, &(struct place){.file = options->path}, NULL,
                   "%zu addresses to listen on are more than %d", plan->count, LISTENERS_MAX);
}

static struct listener *find(const struct listeners *own, const struct plan_row *row)
{
    for (size_t i = 0; i < own->count; i++)
        if (own->list[i]->stream == row->stream &&
            address_equal(&own->list[i]->address, &row->address))
            return own->list[i];
    return NULL;
}

static void complain_row(struct report *report, const struct plan_row *row,
                         const struct listen_failure *failure)
{
    char where[ADDRESS_TEXT_MAX];
    address_print(&row->address, where);
    complain(report, row->from, where, failure);
}

// UDP and TCP of one address mostly fail for one reason: it is told once.
static bool is_told(const struct plan *plan, size_t row, const bool *failed)
{
    return row > 0 && failed[row - 1] &&
           address_equal(&plan->rows[row - 1].address, &plan->rows[row].address);
}

bool sockets_check(const struct options *options, const struct listeners *own,
                   struct report *report)
{
    struct plan plan = {0};
    size_t errors = report->errors;
    plan_all(&plan, options, own, report);
    bool *failed = memory_get_zeroed(plan.count, sizeof *failed);
    for (size_t i = 0; i < plan.count; i++) {
        struct listen_failure failure;
        const struct plan_row *row = &plan.rows[i];
        failed[i] = !find(own, row) && listen_check(&row->address, row->stream, own, &failure) < 0;
        if (failed[i] && !is_told(&plan, i, failed))
            complain_row(report, row, &failure);
    }
    free(failed);
    free(plan.rows);
    return report->errors == errors;
}

static void add(struct listeners *listeners, struct listener *listener)
{
    listeners->list =
        memory_resize(listeners->list, (listeners->count + 1) * sizeof *listeners->list);
    listeners->list[listeners->count++] = listener;
}

static bool has(const struct listeners *listeners, const struct listener *listener)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i] == listener)
            return true;
    return false;
}

// Gives back what was opened or held here.
static void undo(struct listeners *listeners, const struct listeners *own)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (!has(own, listeners->list[i]))
            listener_abandon(listeners->list[i]);
        listener_release(listeners->list[i]);
    }
    free(listeners->list);
    *listeners = (struct listeners){0};
}

bool sockets_open(const struct options *options, const struct listeners *own, unsigned workers,
                  struct listeners *listeners, struct report *report)
{
    struct plan plan = {0};
    size_t errors = report->errors;
    *listeners = (struct listeners){0};
    plan_all(&plan, options, own, report);
    // Ours are those of before and those opened here: 0.0.0.0 and 127.0.0.1 may both be wanted.
    struct listeners ours = {0};
    for (size_t i = 0; i < own->count; i++)
        add(&ours, own->list[i]);
    for (size_t i = 0; i < own->count; i++)
        if (own->list[i]->shared)
            add(listeners, listener_hold(own->list[i]));
    for (size_t i = 0; i < plan.count; i++) {
        struct listen_failure failure;
        struct listener *listener = find(own, &plan.rows[i]);
        if (listener && listener->shared)
            continue;
        if (listener) {
            add(listeners, listener_hold(listener));
            continue;
        }
        listener =
            listener_open(&plan.rows[i].address, plan.rows[i].stream, workers, &ours, &failure);
        if (listener) {
            add(listeners, listener);
            add(&ours, listener);
        } else {
            complain_row(report, &plan.rows[i], &failure);
        }
    }
    free(ours.list);
    free(plan.rows);
    if (listeners->count == 0 && report->errors == errors)
        report_add(report, SEVERITY_ERROR, &(struct place){.file = options->path}, NULL,
                   "there is no address to listen on");
    if (report->errors == errors)
        return true;
    undo(listeners, own);
    return false;
}

void sockets_inherit(struct listeners *listeners)
{
    size_t count;
    struct inherited *inherited = inherited_take(&count);
    *listeners = (struct listeners){0};
    for (size_t i = 0; i < count; i++) {
        struct listen_failure failure;
        struct listener *listener = listener_adopt(&inherited[i], &failure);
        if (listener)
            add(listeners, listener);
        else
            log_warning("inherited socket %d: %s", inherited[i].fd, failure.words);
    }
    free(inherited);
}

static unsigned kinds_at(const struct listeners *listeners, const struct address *address)
{
    unsigned kinds = 0;
    for (size_t i = 0; i < listeners->count; i++)
        if (address_equal(&listeners->list[i]->address, address))
            kinds |= listeners->list[i]->stream ? LISTEN_TCP : LISTEN_UDP;
    return kinds;
}

static bool is_first(const struct listeners *listeners, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (address_equal(&listeners->list[i]->address, &listeners->list[index]->address))
            return false;
    return true;
}

void sockets_print(const struct listeners *listeners, const char *indent, struct buffer *to)
{
    static const char *const words[] = {
        [LISTEN_UDP] = "udp", [LISTEN_TCP] = "tcp", [LISTEN_UDP | LISTEN_TCP] = "udp+tcp"};
    for (unsigned kinds = LISTEN_UDP | LISTEN_TCP; kinds >= LISTEN_UDP; kinds--) {
        const char *between = NULL;
        for (size_t i = 0; i < listeners->count; i++) {
            const struct address *address = &listeners->list[i]->address;
            char text[ADDRESS_TEXT_MAX];
            if (!is_first(listeners, i) || kinds_at(listeners, address) != kinds)
                continue;
            address_print(address, text);
            if (between)
                buffer_format(to, "%s%s", between, text);
            else
                buffer_format(to, "%s%s %s", indent, words[kinds], text);
            between = ", ";
        }
        if (between)
            buffer_add_char(to, '\n');
    }
}

void sockets_own(const struct listeners *listeners, struct address **list, size_t *count)
{
    listen_own(list, count);
    size_t room = *count;
    for (size_t i = 0; i < listeners->count; i++) {
        *list = memory_grow(*list, &room, *count + 1, sizeof **list);
        (*list)[(*count)++] = listeners->list[i]->address;
    }
}

static bool is_like(const struct address *own, const struct address *target)
{
    return own->any.sa_family == target->any.sa_family && !address_is_wildcard(own) &&
           address_is_loopback(own) == address_is_loopback(target);
}

static void bind_like(int fd, const struct listeners *listeners, const struct address *target)
{
    // The port is chosen when the other end is known: only both together have to be unique.
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    for (size_t i = 0; i < listeners->count; i++) {
        struct address own = listeners->list[i]->address;
        if (!is_like(&own, target))
            continue;
        address_set_port(&own, 0);
        if (bind(fd, &own.any, own.size) == 0)
            return;
    }
}

int sockets_connect_like(const struct listeners *listeners, const struct address *target, int type)
{
    int fd = socket(target->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    bind_like(fd, listeners, target);
    if (connect(fd, &target->any, target->size) == 0 || errno == EINPROGRESS)
        return fd;
    int error = -errno;
    close(fd);
    return error;
}
