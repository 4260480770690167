// History in SQLite (history.h).
//
// One connection under one lock, which the writer keeps from history_begin to history_commit.
// Statements are prepared where they are used: a change is rare beside a disk's sync.
#include "zone/history.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"

#define BUSY_MS 5000 // a shell of somebody's may hold the lock for a moment

#define STATEMENTS_MAX 32 // more than there are calls of prepare()

struct prepared {
    const char *text;
    sqlite3_stmt *statement;
};

struct history {
    struct prepared statements[STATEMENTS_MAX];
    size_t statement_count;
    pthread_mutex_t lock;
    sqlite3 *database;
    bool writing;
    // Of zones with a base: a table of hashes, so that a start with a million zones that have none
    // asks the database for none of them. What is in it may be another zone, or be gone.
    uint64_t *kept;
    size_t kept_count, kept_room; // the room is a power of two
    bool counted;                 // `octets` is that of all differences, or what will be
    uint64_t octets;
    char *problem;
};

// A row is read and written as a whole, so what is large has rows of its own: else a word of a
// primary would have the whole zone written again.
#define VERSIONS                                                                                   \
    "CREATE TABLE IF NOT EXISTS versions (zone INTEGER PRIMARY KEY REFERENCES zones (id)"          \
    "  ON DELETE CASCADE, base BLOB NOT NULL, source BLOB);"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS zones (id INTEGER PRIMARY KEY, view TEXT NOT NULL,"
    "  name BLOB NOT NULL, base_change INTEGER NOT NULL DEFAULT 0,"
    "  refreshed_s INTEGER NOT NULL DEFAULT 0, base_octets INTEGER, UNIQUE (view, name));" VERSIONS
    "CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  zone INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,"
    "  serial_from INTEGER NOT NULL, serial_to INTEGER NOT NULL, date_us INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL, who TEXT NOT NULL, difference BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS changes_of_zone ON changes (zone, number);"
    "PRAGMA user_version = 2;";

// From version 1, which had base and source in `zones`.
static const char newer_schema[] =
    "BEGIN IMMEDIATE;" VERSIONS
    "INSERT INTO versions SELECT id, base, source FROM zones WHERE base IS NOT NULL;"
    "ALTER TABLE zones ADD COLUMN base_octets INTEGER;"
    "UPDATE zones SET base_octets = length(base) WHERE base IS NOT NULL;"
    "ALTER TABLE zones DROP COLUMN base;"
    "ALTER TABLE zones DROP COLUMN source;"
    "PRAGMA user_version = 2; COMMIT;";

const char *change_kind_word(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_FILE: return "file";
    case CHANGE_TRANSFER: return "transfer";
    case CHANGE_UPDATE: return "update";
    case CHANGE_COMMAND: return "command";
    case CHANGE_UNDO: return "undo";
    case CHANGE_CATALOG: return "catalog";
    }
    return "?";
}

// --- what SQLite says ----------------------------------------------------------------------------

static enum history_result fail(struct history *history)
{
    free(history->problem);
    history->problem = memory_copy_text(sqlite3_errmsg(history->database));
    return sqlite3_errcode(history->database) == SQLITE_FULL ? HISTORY_FULL : HISTORY_FAILED;
}

static enum history_result run(struct history *history, const char *text)
{
    return sqlite3_exec(history->database, text, NULL, NULL, NULL) == SQLITE_OK ? HISTORY_DONE
                                                                                : fail(history);
}

// Each text, a literal, is prepared once: a start with a hundred thousand zones asks the same for
// each. Nobody steps through two statements of one text at a time.
static sqlite3_stmt *prepare(struct history *history, const char *text)
{
    size_t at = 0;
    while (at < history->statement_count && history->statements[at].text != text)
        at++;
    if (at < history->statement_count)
        return history->statements[at].statement;
    sqlite3_stmt *statement = NULL;
    assert(at < STATEMENTS_MAX);
    if (sqlite3_prepare_v2(history->database, text, -1, &statement, NULL) != SQLITE_OK)
        (void)fail(history);
    else
        history->statements[history->statement_count++] = (struct prepared){text, statement};
    return statement;
}

// It is done with, and can be used again.
static void drop(sqlite3_stmt *statement)
{
    if (!statement)
        return;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

// Does what was prepared and gives nothing back.
static enum history_result finish(struct history *history, sqlite3_stmt *statement)
{
    if (!statement)
        return sqlite3_errcode(history->database) == SQLITE_FULL ? HISTORY_FULL : HISTORY_FAILED;
    int said = sqlite3_step(statement);
    enum history_result result =
        said == SQLITE_DONE || said == SQLITE_ROW ? HISTORY_DONE : fail(history);
    drop(statement);
    return result;
}

// The name is kept folded: ?1 is the view, ?2 the name in every statement about one zone.
static void bind_zone(sqlite3_stmt *statement, struct history_zone zone)
{
    uint8_t folded[NAME_OCTETS_MAX];
    struct name name = name_fold(zone.name, folded);
    if (!statement)
        return;
    sqlite3_bind_text(statement, 1, zone.view, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(statement, 2, name.wire, name.size, SQLITE_TRANSIENT);
}

static void bind_octets(sqlite3_stmt *statement, int place, const void *octets, size_t size)
{
    if (statement)
        sqlite3_bind_blob64(statement, place, size ? octets : "", size, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int place, uint64_t number)
{
    if (statement)
        sqlite3_bind_int64(statement, place, (sqlite3_int64)number);
}

static void lock(struct history *history)
{
    pthread_mutex_lock(&history->lock);
}

static void unlock(struct history *history)
{
    pthread_mutex_unlock(&history->lock);
}

// --- which zones have a version ------------------------------------------------------------------

#define KEPT_FIRST 64

uint64_t history_zone_hash(struct history_zone zone)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < zone.name.size; i++)
        hash = (hash ^ byte_fold(zone.name.wire[i])) * 1099511628211u;
    for (const char *at = zone.view; *at; at++)
        hash = (hash ^ (uint8_t)*at) * 1099511628211u;
    return hash ? hash : 1;
}

static uint64_t *find_kept(uint64_t *kept, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (kept[at] && kept[at] != hash)
        at = (at + 1) & (room - 1);
    return &kept[at];
}

static void note_kept(struct history *history, uint64_t hash)
{
    if (history->kept_count * 2 >= history->kept_room) {
        size_t room = history->kept_room ? history->kept_room * 2 : KEPT_FIRST;
        uint64_t *kept = memory_get_zeroed(room, sizeof *kept);
        for (size_t i = 0; i < history->kept_room; i++)
            if (history->kept[i])
                *find_kept(kept, room, history->kept[i]) = history->kept[i];
        free(history->kept);
        history->kept = kept;
        history->kept_room = room;
    }
    uint64_t *place = find_kept(history->kept, history->kept_room, hash);
    history->kept_count += *place == 0;
    *place = hash;
}

static bool may_keep(const struct history *history, struct history_zone zone)
{
    return history->kept_count &&
           *find_kept(history->kept, history->kept_room, history_zone_hash(zone));
}

static enum history_result read_kept(struct history *history)
{
    sqlite3_stmt *statement =
        prepare(history, "SELECT view, name FROM zones WHERE base_octets IS NOT NULL");
    int said = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    for (; said == SQLITE_ROW; said = sqlite3_step(statement))
        note_kept(history, history_zone_hash((struct history_zone){
                               (const char *)sqlite3_column_text(statement, 0),
                               {sqlite3_column_blob(statement, 1),
                                (uint8_t)sqlite3_column_bytes(statement, 1), 0}}));
    enum history_result result = said == SQLITE_DONE ? HISTORY_DONE : fail(history);
    drop(statement);
    return result;
}

// --- opening -------------------------------------------------------------------------------------

static int read_integer(struct history *history, const char *text, int64_t *value)
{
    sqlite3_stmt *statement = prepare(history, text);
    int said = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    if (said == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    else
        (void)fail(history);
    drop(statement);
    return said;
}

static bool set_up(struct history *history)
{
    int64_t version = 0;
    if (run(history, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;") != HISTORY_DONE ||
        read_integer(history, "PRAGMA user_version", &version) != SQLITE_ROW)
        return false;
    if (version > 2) {
        free(history->problem);
        history->problem = memory_copy_text("it was written by a newer version of onym");
        return false;
    }
    if (version == 0 && run(history, schema) != HISTORY_DONE)
        return false; // what is there already is not written again: the disk may be full
    if (version == 1 && run(history, newer_schema) != HISTORY_DONE) {
        sqlite3_exec(history->database, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    return read_kept(history) == HISTORY_DONE;
}

struct history *history_open(const char *path, char **problem)
{
    struct history *history = memory_get_zeroed(1, sizeof *history);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    pthread_mutex_init(&history->lock, NULL);
    // Zones are not for everybody on the machine; SQLite gives its other files this one's mode.
    int made = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (made >= 0)
        close(made);
    bool good = sqlite3_open_v2(path, &history->database, flags, NULL) == SQLITE_OK;
    if (good)
        sqlite3_busy_timeout(history->database, BUSY_MS);
    if (good && set_up(history))
        return history;
    *problem =
        memory_copy_text(history->problem ? history->problem : sqlite3_errmsg(history->database));
    history_close(history);
    return NULL;
}

void history_close(struct history *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < history->statement_count; i++)
        sqlite3_finalize(history->statements[i].statement);
    sqlite3_close(history->database);
    pthread_mutex_destroy(&history->lock);
    free(history->problem);
    free(history->kept);
    free(history);
}

void history_problem(struct history *history, char text[static HISTORY_PROBLEM_MAX])
{
    lock(history);
    snprintf(text, HISTORY_PROBLEM_MAX, "%s", history->problem ? history->problem : "nothing");
    unlock(history);
}

// --- reading -------------------------------------------------------------------------------------

bool history_keeps(struct history *history, struct history_zone zone)
{
    lock(history);
    bool keeps = may_keep(history, zone);
    if (keeps) {
        sqlite3_stmt *statement = prepare(
            history,
            "SELECT 1 FROM zones WHERE view = ?1 AND name = ?2 AND base_octets IS NOT NULL");
        bind_zone(statement, zone);
        keeps = statement && sqlite3_step(statement) == SQLITE_ROW;
        drop(statement);
    }
    unlock(history);
    return keeps;
}

static void copy_column(sqlite3_stmt *statement, int column, struct buffer *to)
{
    int size = sqlite3_column_bytes(statement, column);
    if (size > 0)
        buffer_add(to, sqlite3_column_blob(statement, column), (size_t)size);
}

enum history_result history_get(struct history *history, struct history_zone zone,
                                struct history_version *version)
{
    *version = (struct history_version){0};
    lock(history);
    sqlite3_stmt *statement =
        prepare(history, "SELECT base, source, base_change, refreshed_s FROM zones"
                         " JOIN versions ON zone = id WHERE view = ?1 AND name = ?2");
    bind_zone(statement, zone);
    enum history_result result = HISTORY_DONE;
    int said = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    if (said == SQLITE_ROW) {
        copy_column(statement, 0, &version->base);
        copy_column(statement, 1, &version->source);
        version->base_change = (uint64_t)sqlite3_column_int64(statement, 2);
        version->refreshed_s = sqlite3_column_int64(statement, 3);
    } else {
        result = said == SQLITE_DONE ? HISTORY_NONE : fail(history);
    }
    drop(statement);
    unlock(history);
    return result;
}

void history_measure(struct history *history, struct history_zone zone, size_t *base, size_t *since)
{
    lock(history);
    sqlite3_stmt *statement = prepare(
        history, "SELECT base_octets, (SELECT coalesce(sum(length(difference)), 0) FROM changes"
                 " WHERE zone = zones.id AND number > base_change) FROM zones"
                 " WHERE view = ?1 AND name = ?2 AND base_octets IS NOT NULL");
    bind_zone(statement, zone);
    bool found = statement && sqlite3_step(statement) == SQLITE_ROW;
    *base = found ? (size_t)sqlite3_column_int64(statement, 0) : 0;
    *since = found ? (size_t)sqlite3_column_int64(statement, 1) : 0;
    drop(statement);
    unlock(history);
}

#define CHANGE_COLUMNS "number, serial_from, serial_to, date_us, kind, who, difference"

static struct history_change read_change(sqlite3_stmt *statement)
{
    return (struct history_change){
        .number = (uint64_t)sqlite3_column_int64(statement, 0),
        .serial_from = (uint32_t)sqlite3_column_int64(statement, 1),
        .serial_to = (uint32_t)sqlite3_column_int64(statement, 2),
        .date_us = (uint64_t)sqlite3_column_int64(statement, 3),
        .kind = (enum change_kind)sqlite3_column_int(statement, 4),
        .who = (const char *)sqlite3_column_text(statement, 5),
        .octets = sqlite3_column_blob(statement, 6),
        .size = (size_t)sqlite3_column_bytes(statement, 6),
    };
}

// With the lock, which ends here.
static enum history_result tell_each(struct history *history, sqlite3_stmt *statement,
                                     history_teller *tell, void *context)
{
    int said = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    while (said == SQLITE_ROW) {
        struct history_change change = read_change(statement);
        if (!tell(context, &change))
            break;
        said = sqlite3_step(statement);
    }
    enum history_result result =
        said == SQLITE_DONE || said == SQLITE_ROW ? HISTORY_DONE : fail(history);
    drop(statement);
    unlock(history);
    return result;
}

enum history_result history_each(struct history *history, struct history_zone zone, uint64_t after,
                                 history_teller *tell, void *context)
{
    lock(history);
    sqlite3_stmt *statement =
        prepare(history, "SELECT " CHANGE_COLUMNS " FROM changes WHERE zone ="
                         " (SELECT id FROM zones WHERE view = ?1 AND name = ?2)"
                         " AND number > ?3 ORDER BY number");
    bind_zone(statement, zone);
    bind_number(statement, 3, after);
    return tell_each(history, statement, tell, context);
}

enum history_result history_last(struct history *history, struct history_zone zone, size_t count,
                                 history_teller *tell, void *context)
{
    lock(history);
    sqlite3_stmt *statement =
        prepare(history, "SELECT " CHANGE_COLUMNS " FROM changes WHERE zone ="
                         " (SELECT id FROM zones WHERE view = ?1 AND name = ?2)"
                         " ORDER BY number DESC LIMIT ?3");
    bind_zone(statement, zone);
    bind_number(statement, 3, count);
    return tell_each(history, statement, tell, context);
}

// --- writing -------------------------------------------------------------------------------------

enum history_result history_begin(struct history *history)
{
    lock(history);
    enum history_result result = run(history, "BEGIN IMMEDIATE");
    history->writing = result == HISTORY_DONE;
    if (!history->writing)
        unlock(history);
    return result;
}

static enum history_result add_zone(struct history *history, struct history_zone zone)
{
    sqlite3_stmt *statement =
        prepare(history, "INSERT INTO zones (view, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    bind_zone(statement, zone);
    return finish(history, statement);
}

enum history_result history_add(struct history *history, struct history_zone zone,
                                struct history_change *change)
{
    assert(history->writing);
    enum history_result result = add_zone(history, zone);
    if (result != HISTORY_DONE)
        return result;
    sqlite3_stmt *statement = prepare(
        history, "INSERT INTO changes (zone, serial_from, serial_to, date_us, kind, who,"
                 " difference) VALUES ((SELECT id FROM zones WHERE view = ?1 AND name = ?2),"
                 " ?3, ?4, ?5, ?6, ?7, ?8)");
    bind_zone(statement, zone);
    bind_number(statement, 3, change->serial_from);
    bind_number(statement, 4, change->serial_to);
    bind_number(statement, 5, change->date_us);
    bind_number(statement, 6, change->kind);
    if (statement)
        sqlite3_bind_text(statement, 7, change->who, -1, SQLITE_STATIC);
    bind_octets(statement, 8, change->octets, change->size);
    result = finish(history, statement);
    change->number = (uint64_t)sqlite3_last_insert_rowid(history->database);
    history->octets += change->size;
    return result;
}

enum history_result history_set_base(struct history *history, struct history_zone zone,
                                     const struct buffer *base, uint64_t change,
                                     const struct buffer *source)
{
    assert(history->writing);
    enum history_result result = add_zone(history, zone);
    if (result != HISTORY_DONE)
        return result;
    sqlite3_stmt *statement = prepare(
        history,
        "UPDATE zones SET base_change = ?3, base_octets = ?4 WHERE view = ?1 AND name = ?2");
    bind_zone(statement, zone);
    bind_number(statement, 3, change);
    bind_number(statement, 4, base->size);
    result = finish(history, statement);
    if (result != HISTORY_DONE)
        return result;
    statement = prepare(
        history, source ? "INSERT INTO versions (zone, base, source) VALUES ((SELECT id FROM zones"
                          " WHERE view = ?1 AND name = ?2), ?3, ?4) ON CONFLICT (zone) DO UPDATE"
                          " SET base = excluded.base, source = excluded.source"
                        : "INSERT INTO versions (zone, base) VALUES ((SELECT id FROM zones"
                          " WHERE view = ?1 AND name = ?2), ?3) ON CONFLICT (zone) DO UPDATE"
                          " SET base = excluded.base");
    bind_zone(statement, zone);
    bind_octets(statement, 3, base->text, base->size);
    if (source)
        bind_octets(statement, 4, source->text, source->size);
    result = finish(history, statement);
    if (result == HISTORY_DONE)
        note_kept(history, history_zone_hash(zone));
    return result;
}

enum history_result history_set_refreshed(struct history *history, struct history_zone zone,
                                          int64_t date_s)
{
    assert(history->writing);
    sqlite3_stmt *statement =
        prepare(history, "UPDATE zones SET refreshed_s = ?3 WHERE view = ?1 AND name = ?2");
    bind_zone(statement, zone);
    bind_number(statement, 3, (uint64_t)date_s);
    return finish(history, statement);
}

enum history_result history_forget(struct history *history, struct history_zone zone)
{
    assert(history->writing);
    sqlite3_stmt *statement = prepare(history, "DELETE FROM zones WHERE view = ?1 AND name = ?2");
    bind_zone(statement, zone);
    return finish(history, statement);
}

static void end_group(struct history *history)
{
    history->writing = false;
    unlock(history);
}

enum history_result history_commit(struct history *history)
{
    assert(history->writing);
    enum history_result result = run(history, "COMMIT");
    if (result != HISTORY_DONE && !sqlite3_get_autocommit(history->database))
        sqlite3_exec(history->database, "ROLLBACK", NULL, NULL, NULL);
    end_group(history);
    return result;
}

void history_cancel(struct history *history)
{
    assert(history->writing);
    if (!sqlite3_get_autocommit(history->database)) // some failures end the group by themselves
        sqlite3_exec(history->database, "ROLLBACK", NULL, NULL, NULL);
    end_group(history);
}

uint64_t history_newest_us(struct history *history)
{
    int64_t date_us = 0;
    lock(history);
    int said =
        read_integer(history, "SELECT date_us FROM changes ORDER BY number DESC LIMIT 1", &date_us);
    unlock(history);
    return said == SQLITE_ROW && date_us > 0 ? (uint64_t)date_us : 0;
}

enum history_result history_count(struct history *history, struct history_stock *stock)
{
    int64_t values[4] = {0};
    static const char *const asked[] = {"SELECT count(DISTINCT zone) FROM changes",
                                        "SELECT count(*) FROM changes",
                                        "SELECT coalesce(sum(length(difference)), 0) FROM changes",
                                        "SELECT coalesce(min(date_us), 0) FROM changes"};
    int said = SQLITE_ROW;
    lock(history);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0] && said == SQLITE_ROW; i++)
        said = read_integer(history, asked[i], &values[i]);
    history->counted = said == SQLITE_ROW;
    history->octets = (uint64_t)values[2];
    unlock(history);
    *stock = (struct history_stock){(uint64_t)values[0], (uint64_t)values[1], (uint64_t)values[2],
                                    (uint64_t)values[3]};
    return said == SQLITE_ROW ? HISTORY_DONE : HISTORY_FAILED;
}

uint64_t history_octets(struct history *history)
{
    struct history_stock stock;
    lock(history);
    bool counted = history->counted;
    uint64_t octets = history->octets;
    unlock(history);
    if (!counted)
        octets = history_count(history, &stock) == HISTORY_DONE ? stock.octets : 0;
    return octets;
}

#define FORGETTABLE                                                                                \
    " number <= (SELECT CASE WHEN base_octets IS NULL THEN changes.number ELSE base_change END "   \
    "FROM"                                                                                         \
    " zones WHERE id = changes.zone)"

enum history_result history_shrink(struct history *history, uint64_t octets, size_t *count)
{
    lock(history);
    sqlite3_stmt *statement = prepare(
        history, "DELETE FROM changes WHERE number <= (SELECT number FROM (SELECT number,"
                 " sum(length(difference)) OVER (ORDER BY number DESC) AS octets FROM changes)"
                 " WHERE octets > ?1 ORDER BY number DESC LIMIT 1) AND" FORGETTABLE);
    bind_number(statement, 1, octets);
    enum history_result result = finish(history, statement);
    *count = result == HISTORY_DONE ? (size_t)sqlite3_changes(history->database) : 0;
    history->counted = false;
    unlock(history);
    return result;
}

enum history_result history_prune(struct history *history, uint64_t before_us, size_t *count)
{
    lock(history);
    sqlite3_stmt *statement =
        prepare(history, "DELETE FROM changes WHERE date_us < ?1 AND" FORGETTABLE);
    bind_number(statement, 1, before_us);
    history->counted = false;
    enum history_result result = finish(history, statement);
    *count = result == HISTORY_DONE ? (size_t)sqlite3_changes(history->database) : 0;
    unlock(history);
    return result;
}
