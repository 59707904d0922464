#include "model/overrides.h"

#include <string.h>

#include "base/str.h"
#include "model/field_path.h"
#include "model/record_key.h"

const char *override_place(Arena *arena, const Scope *scope, const char *const *steps) {
    AUTO(Buf) place = { 0 };
    buf_puts(&place, scope->overrides_place);
    for (; *steps; steps++)
        buf_printf(&place, "/%s", json_pointer_step(arena, *steps));
    return arena_strdup(arena, buf_text(&place));
}

const char *override_kind(const Json *value) {
    static const char *const kinds[] = {
        [JSON_NULL] = "null",        [JSON_FALSE] = "true or false", [JSON_TRUE] = "true or false",
        [JSON_NUMBER] = "a number",  [JSON_STRING] = "a text",       [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object",
    };
    return kinds[value ? value->kind : JSON_NULL];
}

bool override_fits(const Json *file, const Json *value) {
    if (json_is_null(file) || json_is_null(value))
        return true;
    return override_kind(file) == override_kind(value);
}

/* ---- finding what is meant ---- */

/* One field of one override. */
typedef struct {
    const Scope *scope;
    TypeId type;
    const char *key, *field; /* as the configuration writes them; key "" for settings */
    const Json *value;
    Arena arena; /* of one field */
} Override;

static const char *place_of(Override *override) {
    bool keyed = !catalog_row(override->type)->singleton;
    const char *const steps[] = { catalog_row(override->type)->collection,
                                  keyed ? override->key : override->field, keyed ? override->field : NULL,
                                  NULL };
    return override_place(&override->arena, override->scope, steps);
}

static bool is_called(Override *override, const Snapshot *snapshot, const Record *record) {
    return str_equal(record->id, override->key) ||
           strcmp(record_key(&override->arena, snapshot, NULL, override->type, record), override->key) == 0 ||
           strcmp(record_key_by_ids(&override->arena, override->type, record), override->key) == 0;
}

/* The first record that is called so; *count tells how many are. */
static Record *find_record(Override *override, const Snapshot *snapshot, size_t *count) {
    const RecordList *list = &snapshot->types[override->type];
    Record *found = NULL;
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!is_called(override, snapshot, &list->items[i]))
            continue;
        found = found ? found : &list->items[i];
        ++*count;
    }
    return found;
}

/* ---- what may not be overridden ---- */

/* Names of a schema record: in its key, and repeated within. By steps: a path has two notations. */
static bool names_schema_record(const char *const *steps) {
    static const char *const names[][2] = { { "collection", NULL },   { "field", NULL },
                                            { "meta", "id" },         { "meta", "collection" },
                                            { "meta", "field" },      { "meta", "many_collection" },
                                            { "meta", "many_field" }, { "meta", "system" },
                                            { "schema", "name" },     { "schema", "table" },
                                            { "schema", "column" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], steps[0]) == 0 && (!names[i][1] || str_equal(names[i][1], steps[1])))
            return true;
    return false;
}

static bool is_identity(const Override *override, const char *const *steps) {
    const CatalogRow *row = catalog_row(override->type);
    for (size_t i = 0; i < CATALOG_KEYS && row->key[i]; i++)
        if (strcmp(row->key[i], steps[0]) == 0)
            return true;
    return str_equal(row->parent_field, steps[0]) || strcmp(steps[0], "id") == 0 ||
           (catalog_is_schema(override->type) && names_schema_record(steps));
}

static bool guards_administrator(const Override *override, const Record *record, const char *first) {
    static const char *const guards[] = { "app_access", "ip_access", "enforce_tfa", NULL };
    if (override->type != TYPE_POLICIES)
        return false;
    bool admin =
        str_equal(record->id, ALIAS_ADMINISTRATOR) || json_get_bool(&record->json, "admin_access", false);
    for (size_t i = 0; admin && guards[i]; i++)
        if (strcmp(guards[i], first) == 0)
            return true;
    return strcmp(first, "admin_access") == 0;
}

/* A column the project added to a collection of the system, whose values read as asterisks. */
static bool is_concealed(const Snapshot *files, const char *collection, const char *field) {
    static const char *const concealing[] = { "conceal", "hash", "encrypt", NULL };
    const RecordList *fields = &files->types[TYPE_FIELDS];
    for (size_t i = 0; i < fields->count; i++) {
        const Json *json = &fields->items[i].json, *special = json_path(json, "meta", "special", NULL);
        if (!str_equal(json_get_text(json, "collection"), collection) ||
            !str_equal(json_get_text(json, "field"), field))
            continue;
        for (uint32_t s = 0; json_is(special, JSON_ARRAY) && s < special->count; s++)
            for (size_t k = 0; concealing[k]; k++)
                if (str_equal(json_text(&special->as.items[s]), concealing[k]))
                    return true;
    }
    return false;
}

/* ---- applying ---- */

static bool refuse(Override *override, Error *err, const char *what, const char *hint) {
    error_set(err, ERR_CONFIG, "%s: %s", place_of(override), what);
    return error_hint(err, "%s", hint);
}

static bool check_record(Override *override, const Record *record, size_t count, Error *err) {
    const CatalogRow *row = catalog_row(override->type);
    if (count == 1)
        return true;
    if (!record) {
        error_set(err, ERR_CONFIG, "%s: the files have no %s \"%s\"", place_of(override), row->singular,
                  override->key);
        return error_hint(err, "name it by its key as the files have it%s, or remove the override",
                          row->identity == IDENTITY_ID ? " or by its id" : "");
    }
    error_set(err, ERR_CONFIG, "%s: %zu %s are called \"%s\"", place_of(override), count, row->name,
              override->key);
    return error_hint(err, row->identity == IDENTITY_ID
                               ? "name the one that is meant by its id"
                               : "an override is for one record: they cannot be told apart");
}

static bool check_field(Override *override, const Snapshot *files, const Record *record,
                        const char *const *steps, Error *err) {
    const CatalogRow *row = catalog_row(override->type);
    if (is_identity(override, steps))
        return refuse(override, err, "what identifies a record is the same in every environment",
                      "change it in the files");
    if (catalog_never_carried(override->type, steps[0]) || is_concealed(files, row->collection, steps[0]))
        return refuse(override, err, "this field is never carried between instances",
                      "it belongs to its instance, or is a secret: set it there, and remove the override");
    if (guards_administrator(override, record, steps[0]))
        return refuse(override, err, "what guards the administrators is never written",
                      "set it on the instance, and remove the override");
    const Json *there = field_path_get(&record->json, steps);
    if (!there) {
        const char *in = record->origin ? arena_printf(&override->arena, " in %s",
                                                       snapshot_place(files, record, NULL, &override->arena))
                                        : "";
        error_set(err, ERR_CONFIG, "%s: the %s \"%s\" has no field \"%s\"%s", place_of(override),
                  row->singular, override->key, override->field, in);
        return error_hint(err, "correct the field's name (\"meta.note\" is one within meta), or remove it");
    }
    if (override_fits(there, override->value))
        return true;
    error_set(err, ERR_CONFIG, "%s: must be %s or null, as it is in the files", place_of(override),
              override_kind(there));
    return error_hint(err, "it is %s here", override_kind(override->value));
}

typedef bool (*OverrideEach)(Override *override, void *context, Error *err);

static bool each_field(const Scope *scope, TypeId type, const char *key, const Json *fields,
                       OverrideEach each, void *context, Error *err) {
    bool done = true;
    for (uint32_t i = 0; done && i < fields->count; i++) {
        const JsonMember *member = &fields->as.members[i];
        Override override = {
            .scope = scope, .type = type, .key = key, .field = member->key, .value = &member->value
        };
        done = each(&override, context, err);
        arena_free(&override.arena);
    }
    return done;
}

/* Every field of every override of configuration and schema. */
static bool each_override(const Scope *scope, OverrideEach each, void *context, Error *err) {
    for (uint32_t i = 0; i < scope->overrides.count; i++) {
        const JsonMember *collection = &scope->overrides.as.members[i];
        TypeId type = str_starts(collection->key, "directus_") ? catalog_find(collection->key) : TYPE_NONE;
        if (type >= TYPE_COUNT)
            continue; /* rows: row_rules.h */
        if (catalog_row(type)->singleton) {
            if (!each_field(scope, type, "", &collection->value, each, context, err))
                return false;
            continue;
        }
        for (uint32_t k = 0; k < collection->value.count; k++) {
            const JsonMember *record = &collection->value.as.members[k];
            if (!each_field(scope, type, record->key, &record->value, each, context, err))
                return false;
        }
    }
    return true;
}

static bool check_one(Override *override, void *context, Error *err) {
    Snapshot *files = context;
    size_t count = 0;
    Record *record = find_record(override, files, &count);
    return check_record(override, record, count, err) &&
           check_field(override, files, record, field_path(&override->arena, override->field), err);
}

static void set_value(Snapshot *snapshot, Record *record, const Override *override, const Json *value) {
    const char *const *steps = field_path(&snapshot->arena, override->field);
    record->json = field_path_with(&snapshot->arena, &record->json, steps, *value);
    if (record->id)
        record->id = json_get_text(&record->json, "id");
}

static bool apply_one(Override *override, void *context, Error *err) {
    (void)err;
    Snapshot *files = context;
    size_t count = 0;
    Record *record = find_record(override, files, &count);
    set_value(files, record, override, override->value);
    return true;
}

bool overrides_check(const Scope *scope, Snapshot *files, Error *err) {
    return each_override(scope, check_one, files, err);
}

bool overrides_apply(const Scope *scope, Snapshot *files, Error *err) {
    return overrides_check(scope, files, err) && each_override(scope, apply_one, files, err);
}

static bool apply_fitting(Override *override, void *context, Error *err) {
    Error misfit = { 0 };
    return !check_one(override, context, &misfit) || apply_one(override, context, err);
}

void overrides_apply_fitting(const Scope *scope, Snapshot *files) {
    Error none = { 0 };
    each_override(scope, apply_fitting, files, &none);
    snapshot_sort(files);
}

/* ---- undoing ---- */

typedef struct {
    const OverrideUndo *from;
    Snapshot *instance;
    size_t unmet;
} Undoing;

/* As the configuration writes it, or with its placeholders filled. */
static bool is_met(const Undoing *undoing, const Override *override, const Json *there) {
    const Json *filled = json_get(undoing->from->filled, catalog_row(override->type)->collection);
    if (!catalog_row(override->type)->singleton)
        filled = json_get(filled, override->key);
    filled = json_get(filled, override->field);
    return json_equal(there, override->value) || (filled && json_equal(there, filled));
}

/* The files' value at the override's place: of the first of the states that has one. */
static const Json *value_of_files(Override *override, const OverrideUndo *from, const char *const *steps,
                                  const Record **file) {
    const Json *kept = NULL;
    *file = NULL;
    for (size_t i = 0; !kept && i < sizeof from->files / sizeof *from->files; i++) {
        size_t count = 0;
        const Record *record = from->files[i] ? find_record(override, from->files[i], &count) : NULL;
        if (!record || count != 1)
            continue;
        *file = *file ? *file : record;
        kept = field_path_get(&record->json, steps);
    }
    return kept;
}

static bool undo_one(Override *override, void *context, Error *err) {
    (void)err;
    Undoing *undoing = context;
    const OverrideUndo *from = undoing->from;
    const char *const *steps = field_path(&override->arena, override->field);
    const Record *file;
    const Json *kept = value_of_files(override, from, steps, &file);
    size_t count = 0;
    Record *record = file ? snapshot_same(undoing->instance, override->type, file)
                          : find_record(override, undoing->instance, &count);
    const Json *there = record ? field_path_get(&record->json, steps) : NULL;
    if (!there)
        return true;
    if (!is_met(undoing, override, there)) {
        undoing->unmet++;
        from->note(place_of(override),
                   kept ? "the instance has another value: the files keep theirs"
                        : "the instance has another value, and the files none: they get the instance's",
                   from->context);
    } else if (!kept) {
        from->note(place_of(override), "the files have no value of their own yet: they get this one",
                   from->context);
    }
    if (kept)
        set_value(undoing->instance, record, override, kept);
    return true;
}

size_t overrides_undo(const Scope *scope, const OverrideUndo *from, Snapshot *instance) {
    Undoing undoing = { from, instance, 0 };
    Error none = { 0 };
    each_override(scope, undo_one, &undoing, &none);
    snapshot_sort(instance);
    return undoing.unmet;
}
