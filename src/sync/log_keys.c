#include "sync/log_keys.h"

#include <string.h>

#include "model/plan_view.h"
#include "model/removed.h"
#include "model/slug.h"

/* ---- names and files ---- */

static const char *file_of(Arena *arena, const RecordName *name) {
    const char *collection = name->type == TYPE_NONE ? name->collection : name->name;
    const char *folder = name->type == TYPE_NONE ? "data/" : "collections/";
    if (name->type != TYPE_NONE && plan_view_top(name->type) != TYPE_COLLECTIONS)
        return catalog_row(plan_view_top(name->type))->file;
    if (!collection)
        return folder;
    if (name->type == TYPE_FIELDS || name->type == TYPE_RELATIONS)
        collection = arena_strndup(arena, collection, strcspn(collection, "."));
    return arena_printf(arena, "%s%s", folder, slug_make(arena, collection, collection));
}

static void add_key(LogKeys *keys, RecordName name) {
    LogKey key = { .name = name, .file = file_of(&keys->arena, &name) };
    ARENA_PUSH(&keys->arena, keys->items, keys->count, keys->capacity, key);
    keys->rows |= name.type == TYPE_NONE && name.row;
}

/* What has a declared rename is looked for by its former name, too. */
static void add_former(LogKeys *keys, const Renames *renames, RecordName name) {
    bool rows = name.type == TYPE_NONE, field = name.type == TYPE_FIELDS;
    const char *now = rows ? name.collection : name.name;
    if (!now || !(rows || field || name.type == TYPE_COLLECTIONS))
        return;
    size_t length = field ? strcspn(now, ".") : strlen(now);
    const char *collection = arena_strndup(&keys->arena, now, length);
    const char *former = renames_old_collection(renames, collection);
    const char *text = former;
    if (field && now[length])
        text = arena_printf(&keys->arena, "%s.%s", former,
                            renames_old_field(renames, collection, now + length + 1));
    if (strcmp(text, now) == 0)
        return;
    if (rows)
        name.collection = text;
    else
        name.name = text;
    add_key(keys, name);
}

bool log_keys_parse(LogKeys *keys, const Scope *scope, const char *const *texts, size_t count, Error *err) {
    for (size_t i = 0; i < count; i++) {
        RecordName name;
        if (!record_name_parse(&keys->arena, scope, texts[i], &name, err))
            return false;
        add_key(keys, name);
        add_former(keys, &scope->renames, name);
    }
    return true;
}

/* "collections/posts" is collections/posts.json, "data/posts" data/posts/2024.json, too. */
static bool is_of(const LogKey *key, const char *path) {
    size_t length = strlen(key->file);
    if (strncmp(path, key->file, length) != 0)
        return false;
    return !path[length] || str_ends(key->file, "/") || strcmp(path + length, ".json") == 0 ||
           (key->name.type == TYPE_NONE && path[length] == '/');
}

bool log_keys_want(const LogKeys *keys, const char *path, const PathInfo *info) {
    (void)info;
    for (size_t i = 0; i < keys->count; i++)
        if (is_of(&keys->items[i], path))
            return true;
    return keys->count == 0;
}

void log_keys_free(LogKeys *keys) {
    arena_free(&keys->arena);
}

/* ---- changes ---- */

static bool names(const LogKey *key, const char *id, const char *label) {
    return !key->name.name || str_equal(key->name.name, id) || str_equal(key->name.name, label) ||
           (key->id && str_equal(key->id, id));
}

/* By its former name, too. */
static bool had_name(const LogKey *key, const Change *change) {
    const char *field = catalog_row(change->type)->label;
    const char *former = field ? json_get_text(change->before, field) : NULL;
    return former && str_equal(key->name.name, former);
}

static bool is_about(const LogKey *key, const Change *change) {
    TypeId type = key->name.type;
    if (type == TYPE_NONE)
        return false;
    if (change->type == type)
        return names(key, change->id, change->label) || str_equal(key->name.name, change->name) ||
               had_name(key, change);
    if (type == TYPE_FIELDS) /* its relation; and it goes with its collection */
        return (change->type == TYPE_RELATIONS && names(key, NULL, change->label)) ||
               (change->type == TYPE_COLLECTIONS && change->kind == CHANGE_DELETE && key->name.name &&
                strncmp(key->name.name, change->label, strlen(change->label)) == 0 &&
                key->name.name[strlen(change->label)] == '.');
    return change->parent && catalog_row(change->type)->parent == type &&
           names(key, change->parent_id, change->parent);
}

static void learn(LogKeys *keys, LogKey *key, const Change *change) {
    if (!key->id && change->type == key->name.type && change->id && key->name.name)
        key->id = arena_strdup(&keys->arena, change->id);
}

static bool keep_change(LogKeys *keys, const Change *change) {
    bool keep = keys->count == 0;
    for (size_t i = 0; i < keys->count; i++)
        if (is_about(&keys->items[i], change)) {
            learn(keys, &keys->items[i], change);
            keep = true;
        }
    return keep;
}

/* ---- rows ---- */

static bool is_of_rows(const LogKey *key, const char *collection) {
    return key->name.type == TYPE_NONE &&
           (!key->name.collection[0] || strcmp(key->name.collection, collection) == 0);
}

static bool wants_row(const RowShape *shape, const Json *row, void *context) {
    const LogKeys *keys = context;
    AUTO(Arena) arena = { 0 };
    for (size_t i = 0; i < keys->count; i++) {
        const LogKey *key = &keys->items[i];
        if (is_of_rows(key, shape->collection) &&
            (!key->name.row || row_is_called(shape, row, key->name.row, &arena)))
            return true;
    }
    return false;
}

void log_keys_choose_rows(LogKeys *keys, CompareRequest *request) {
    request->row_filter = keys->rows ? wants_row : NULL;
    request->row_context = keys;
}

static bool keep_rows(const LogKeys *keys, const RowPlan *rows) {
    bool differ = rows->created || rows->updated || rows->deleted || rows->uncounted;
    for (size_t i = 0; differ && i < keys->count; i++)
        if (is_of_rows(&keys->items[i], rows->collection))
            return true;
    return keys->count == 0;
}

/* Rows are the same under another name. */
static bool keep_renames(const LogKeys *keys) {
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].name.type == TYPE_COLLECTIONS || keys->items[i].name.type == TYPE_FIELDS)
            return true;
    return keys->count == 0;
}

void log_keys_filter(LogKeys *keys, Plan *plan) {
    size_t kept = 0;
    if (!keep_renames(keys))
        plan->renames = (Renames){ 0 };
    for (size_t i = 0; i < plan->change_count; i++)
        if (keep_change(keys, &plan->changes[i]))
            plan->changes[kept++] = plan->changes[i];
    plan->change_count = kept;
    kept = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        if (keep_rows(keys, &plan->rows[i]))
            plan->rows[kept++] = plan->rows[i];
    plan->row_count = kept;
}

/* ---- what a part does not tell ---- */

static bool has_id(const Json *value) {
    enum { ID = 36 };
    for (uint32_t i = 0; json_is(value, JSON_STRING) && i + ID <= value->count; i++)
        if (str_is_uuid(value->as.text + i, ID))
            return true;
    for (uint32_t i = 0; json_is(value, JSON_ARRAY) && i < value->count; i++)
        if (has_id(&value->as.items[i]))
            return true;
    for (uint32_t i = 0; json_is(value, JSON_OBJECT) && i < value->count; i++)
        if (has_id(&value->as.members[i].value))
            return true;
    return false;
}

static bool refers(const Change *change) {
    if (change->type == TYPE_ACCESS || change->type == TYPE_PRESETS)
        return true; /* they are called by their role */
    for (uint32_t i = 0; change->patch && i < change->patch->count; i++) {
        const JsonMember *member = &change->patch->as.members[i];
        if (has_id(&member->value) || has_id(json_get(change->before, member->key)))
            return true;
    }
    return false;
}

bool log_needs_whole(const Plan *plan) {
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].uncounted)
            return true;
    for (size_t i = 0; i < plan->change_count; i++)
        if (refers(&plan->changes[i]))
            return true;
    return false;
}

/* ---- what two plans have in common ---- */

static Json key_of(Arena *arena, const Change *change) {
    if (change->id)
        return json_string(arena, change->id);
    return removed_key(arena, change->type, change->after ? change->after : change->before);
}

static bool has_change(const Plan *plan, const Change *change) {
    AUTO(Arena) arena = { 0 };
    Json key = key_of(&arena, change);
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *other = &plan->changes[i];
        if (other->type != change->type || other->kind != change->kind)
            continue;
        Json theirs = key_of(&arena, other);
        if (json_equal(&key, &theirs))
            return true;
    }
    return false;
}

static bool has_rows(const Plan *plan, const RowPlan *rows) {
    for (size_t i = 0; i < plan->row_count; i++)
        if (str_equal(plan->rows[i].collection, rows->collection))
            return true;
    return false;
}

void log_keep_common(Plan *plan, const Plan *other) {
    size_t kept = 0;
    for (size_t i = 0; i < plan->change_count; i++)
        if (has_change(other, &plan->changes[i]))
            plan->changes[kept++] = plan->changes[i];
    plan->change_count = kept;
    kept = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        if (has_rows(other, &plan->rows[i]))
            plan->rows[kept++] = plan->rows[i];
    plan->row_count = kept;
    plan->renames = other->renames.count ? plan->renames : (Renames){ 0 };
}
