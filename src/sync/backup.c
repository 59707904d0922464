#include "sync/backup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "model/canon.h"
#include "sync/base.h"
#include "sync/sync.h"

static const char TELLS[] = "backup.json";
static const char TOOL[] = "schema-sync backup";

/* ---- where ---- */

/* The real path, also of what does not exist yet beneath what does. In the arena. */
static const char *real_path(Arena *arena, const char *path) {
    for (size_t length = strlen(path); length > 0; length--) {
        if (path[length] && path[length] != '/')
            continue;
        char *real = realpath(arena_strndup(arena, path, length), NULL);
        if (!real)
            continue;
        const char *found = arena_printf(arena, "%s%s", real, path + length);
        free(real);
        return found;
    }
    return path;
}

static bool is_beneath(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

static bool refuse_within_state(Arena *arena, const Config *config, const char *dir, Error *err) {
    const char *state = real_path(arena, arena_printf(arena, "%s/%s", config->root, config->state_dir));
    if (!is_beneath(real_path(arena, dir), state))
        return true;
    error_set(err, ERR_CONFIG, "the folder of backups, %s, is within the state folder", dir);
    return error_hint(err, "choose another one: \"backup\" of the environment, or --backup DIR");
}

/* What an import may bring to a repository by accident is kept out of it. */
static bool make_ignored(const char *dir, Error *err) {
    static const char all[] = "*\n";
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { .fd = -1 };
    return folder_open(&folder, dir, true, err) && file_writer_begin(&writer, &folder, ".gitignore", err) &&
           file_writer_write(&writer, all, strlen(all), err) && file_writer_commit(&writer, err);
}

/* "20260501T103000Z-0123456789ab" */
static const char *name_of(Arena *arena, const Marker *marker) {
    enum { SHOWN = 12 };
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    const char *commit = marker_applied_commit(arena, marker);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    return arena_printf(arena, "%s-%.*s", when, SHOWN, commit ? commit : "none");
}

/* A folder that nobody else may look into, and that did not exist before. */
static bool make_private(Arena *arena, const char *parent, const char *name, const char **path, Error *err) {
    enum { TRIES = 100 };
    for (int tries = 1; tries < TRIES; tries++) {
        *path = arena_printf(arena, tries > 1 ? "%s/%s-%d" : "%s/%s", parent, name, tries);
        if (mkdir(*path, 0700) == 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    error_errno(err, "%s: the backup's folder cannot be created", *path);
    return error_hint(err, "choose another place: \"backup\" of the environment, or --backup DIR");
}

static const char *environment_of(const Config *config) {
    return *config->environment ? config->environment : "default";
}

static bool make_folder(const Config *config, const char *dir, const Marker *marker, Backup *out,
                        Error *err) {
    AUTO(Folder) parent = { .fd = -1 };
    Arena *arena = &out->arena;
    dir = dir ? dir : config->backup_dir;
    if (dir[0] != '/')
        dir = arena_printf(arena, "%s/%s", config->root, dir);
    if (!refuse_within_state(arena, config, dir, err) ||
        (access(dir, F_OK) != 0 && errno == ENOENT && !make_ignored(dir, err)))
        return false;
    const char *own = arena_printf(arena, "%s/%s", dir, environment_of(config));
    return folder_open(&parent, own, true, err) && refuse_within_state(arena, config, own, err) &&
           make_private(arena, own, name_of(arena, marker), &out->path, err);
}

/* ---- what stands beside the state ---- */

static bool write_about(const Config *config, const Marker *marker, const Backup *backup, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(FileWriter) writer = { .fd = -1 };
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    const char *commit = marker_applied_commit(&arena, marker);
    JsonObjectBuilder about = json_object_builder(&arena);
    json_object_put(&about, "tool", json_string(&arena, TOOL));
    json_object_put(&about, "environment", json_string(&arena, config->environment));
    json_object_put(&about, "url", json_string(&arena, config->url));
    json_object_put(&about, "commit", commit ? json_string(&arena, commit) : json_null());
    json_object_put(&about, "state", json_string(&arena, BACKUP_STATE));
    Json json = json_object_done(&about);
    canon_pretty(&text, &json);
    buf_putc(&text, '\n');
    return folder_open(&folder, backup->path, false, err) &&
           file_writer_begin(&writer, &folder, TELLS, err) &&
           file_writer_write(&writer, text.data, text.length, err) && file_writer_commit(&writer, err);
}

static bool read_about(const char *path, Arena *arena, Json *about, Error *err) {
    enum { LARGEST = 64 * 1024 };
    AUTO(Buf) text = { 0 };
    Error wrong = { 0 };
    bool found = false;
    const char *file = arena_printf(arena, "%s/%s", path, TELLS);
    if (!file_read(file, LARGEST, &text, &found, err))
        return false;
    if (found && json_parse(arena, buf_text(&text), text.length, JSON_SYNTAX, about, &wrong) &&
        str_equal(json_get_text(about, "tool"), TOOL))
        return true;
    error_set(err, ERR_CONFIG, "%s is no backup of schema-sync", path);
    return error_hint(err, "name the folder that the import or rollback printed: it holds a %s", TELLS);
}

bool backup_check(const Config *config, const char *path, Arena *arena, const char **name, Error *err) {
    Json about;
    if (!read_about(path, arena, &about, err))
        return false;
    const char *slash = strrchr(path, '/'), *of = json_get_text(&about, "environment");
    *name = arena_strdup(arena, slash && slash[1] ? slash + 1 : path);
    if (str_equal(of, config->environment))
        return true;
    error_set(err, ERR_CONFIG, "%s is a backup of %s, not of %s", path,
              of && *of ? of : "the default environment",
              *config->environment ? config->environment : "the default environment");
    return error_hint(err, "choose its environment with --env");
}

/* ---- keeping a few ---- */

typedef struct {
    const char *name;
    struct timespec written; /* tells which was first where both are of one second */
} KeptBackup;

typedef struct {
    Arena arena;
    const char *parent;
    KeptBackup *items;
    size_t count, capacity;
} Kept;

enum { TIME_LENGTH = sizeof "20260501T103000Z" - 1 };

static int by_age(const void *left, const void *right) {
    const KeptBackup *a = left, *b = right;
    int order = strncmp(a->name, b->name, TIME_LENGTH);
    if (order)
        return order;
    if (a->written.tv_sec != b->written.tv_sec)
        return a->written.tv_sec < b->written.tv_sec ? -1 : 1;
    return (a->written.tv_nsec > b->written.tv_nsec) - (a->written.tv_nsec < b->written.tv_nsec);
}

static bool note_kept(const char *path, uint64_t size, void *context, Error *err) {
    (void)size, (void)err;
    Kept *kept = context;
    struct stat status;
    const char *slash = strchr(path, '/');
    if (!slash || strcmp(slash + 1, TELLS) != 0 || strspn(path, "0123456789") != strlen("20260501") ||
        stat(arena_printf(&kept->arena, "%s/%s", kept->parent, path), &status) != 0)
        return true;
    KeptBackup one = { arena_strndup(&kept->arena, path, (size_t)(slash - path)), status.st_mtim };
    ARENA_PUSH(&kept->arena, kept->items, kept->count, kept->capacity, one);
    return true;
}

typedef struct {
    const Folder *folder;
    const char *name;
} Removing;

static bool remove_one(const char *path, uint64_t size, void *context, Error *err) {
    (void)size;
    const Removing *removing = context;
    AUTO(Buf) whole = { 0 };
    buf_printf(&whole, "%s/%s", removing->name, path);
    return folder_remove(removing->folder, buf_text(&whole), err);
}

static bool remove_backup(const Folder *folder, const char *name, Error *err) {
    AUTO(Folder) own = { .fd = -1 };
    Removing removing = { folder, name };
    return folder_enter(folder, name, false, &own, err) &&
           folder_walk(&own, true, remove_one, &removing, err);
}

/* The one just taken is not the oldest, whatever the clock says. Whether it can be done is no matter for the
 * import. */
static void keep_few(const Config *config, const char *path) {
    AUTO(Arena) arena = { 0 };
    AUTO(Folder) folder = { .fd = -1 };
    Kept kept = { 0 };
    Json about;
    Error err = { 0 };
    const char *parent = arena_strndup(&arena, path, (size_t)(strrchr(path, '/') - path));
    kept.parent = parent;
    bool done =
        folder_open(&folder, parent, false, &err) && folder_walk(&folder, true, note_kept, &kept, &err);
    if (kept.count)
        qsort(kept.items, kept.count, sizeof *kept.items, by_age);
    for (size_t i = 0; done && i + config->backup_keep < kept.count; i++) {
        const char *old = arena_printf(&arena, "%s/%s", parent, kept.items[i].name);
        if (strcmp(old, path) == 0)
            continue;
        done = !read_about(old, &arena, &about, &err) || remove_backup(&folder, kept.items[i].name, &err);
    }
    if (!done)
        log_say(LOG_WARN, "old backups were not removed: %s", err.message);
    arena_free(&kept.arena);
}

/* ---- taking one ---- */

Config backup_config(const Config *config, const Backup *backup, Arena *arena) {
    Config own = *config;
    own.root = backup->path;
    own.state_dir = BACKUP_STATE;
    own.ref = NULL;
    own.withheld = backup->withheld;
    own.withheld_count = backup->withheld_count;
    own.scope.overrides = json_null(); /* the values stand as the target has them */
    own.scope.past = true;             /* what an import is yet to bring is in the rules already */
    scope_force_mode(&own.scope, MODE_MERGE, arena);
    return own;
}

static bool export_into(const Config *config, State *known, Backup *out, Error *err) {
    ExportOptions options = { .backup_of = known };
    AUTO(ExportResult) result = { 0 };
    Config own = backup_config(config, out, &out->arena);
    own.marker = MARKER_NONE;
    if (!sync_export(&own, &options, &result, err))
        return false;
    Withheld *withheld = arena_array(&out->arena, result.withheld_count + 1, sizeof *withheld);
    for (size_t i = 0; i < result.withheld_count; i++)
        withheld[i] = (Withheld){ arena_strdup(&out->arena, result.withheld[i].name),
                                  arena_strdup(&out->arena, result.withheld[i].value) };
    out->withheld = withheld;
    out->withheld_count = result.withheld_count;
    return true;
}

static bool export_known(const Config *config, const Marker *marker, const StateSource *files, Backup *out,
                         Error *err) {
    AUTO(Base) base = { 0 };
    AUTO(State) state = { 0 };
    if (!base_find(config, marker, &base, err))
        return false;
    if (base.state.exists)
        return export_into(config, &base.state, out, err);
    return state_read_from(files, &state, err) && export_into(config, &state, out, err);
}

/* Nobody is to take it for a backup. */
static void abandon(Backup *backup) {
    Error ignored = { 0 };
    AUTO(Folder) parent = { .fd = -1 };
    char *slash = strrchr(backup->path, '/');
    const char *above = arena_strndup(&backup->arena, backup->path, (size_t)(slash - backup->path));
    if (!folder_open(&parent, above, false, &ignored) || !remove_backup(&parent, slash + 1, &ignored))
        log_say(LOG_WARN, "%s is not a whole backup", backup->path);
    rmdir(backup->path);
    backup->path = NULL;
}

bool backup_take(const Config *config, const char *dir, const Marker *marker, const StateSource *files,
                 Backup *out, Error *err) {
    if (!make_folder(config, dir, marker, out, err))
        return out->path ? false : error_context(err, "no backup can be taken");
    if (!write_about(config, marker, out, err) || !export_known(config, marker, files, out, err)) {
        abandon(out);
        return error_context(err, "the backup of %s", config->url);
    }
    log_say(LOG_NOTE, "the state of %s as it was is saved in %s", config->url, out->path);
    keep_few(config, out->path);
    return true;
}

void backup_free(Backup *backup) {
    arena_free(&backup->arena);
    *backup = (Backup){ 0 };
}
