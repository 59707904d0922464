/* What rows to be written refer to must be in the files or on the target, or nothing is written. */
#include <string.h>

#include "sync/data_private.h"

/* How many ids of a collection that is not loaded are asked for at once. */
enum { AT_ONCE = 500 };

/* References into one collection: the id (as a key of the set where its rows are loaded, else as text) and
 * the place it stands at. */
struct Wanted {
    const char *collection;
    Sorter *ids;
};

DataSet *data_set_named(const Data *data, const char *collection) {
    for (size_t i = 0; collection && i < data->count; i++)
        if (strcmp(data->sets[i].shape->collection, collection) == 0)
            return &data->sets[i];
    return NULL;
}

bool data_reference_key(Arena *arena, const RowShape *target, const Json *value, Buf *key, Error *err) {
    JsonObjectBuilder row = json_object_builder(arena);
    json_object_put(&row, target->primary_key, *value);
    Json fake = json_object_done(&row);
    return data_primary_key(target, &fake, key, err);
}

/* ---- gathering ---- */

static Sorter *wanted_in(References *references, const Data *data, const char *collection) {
    for (size_t i = 0; i < references->count; i++)
        if (strcmp(references->items[i].collection, collection) == 0)
            return references->items[i].ids;
    struct Wanted wanted = { arena_strdup(&references->arena, collection), sorter_new(data->memory) };
    ARENA_PUSH(&references->arena, references->items, references->count, references->capacity, wanted);
    return wanted.ids;
}

/* Roles, folders and the like: all of them are in memory. */
static bool check_record(const Data *data, TypeId type, const char *id, const char *place, Error *err) {
    if (type >= TYPE_COUNT || catalog_row(type)->identity != IDENTITY_ID || !data->target->present[type] ||
        snapshot_find(data->schema, type, id) || snapshot_find(data->target, type, id))
        return true;
    error_set(err, ERR_FILES, "%s: there is no %s %s, neither in the files nor on the target", place,
              catalog_row(type)->singular, id);
    return error_hint(err, "add the %s to the files, or correct the reference", catalog_row(type)->singular);
}

static bool want(References *references, const Data *data, const char *collection, const Json *value,
                 const char *place, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) key = { 0 };
    char number[32];
    const char *id = data_reference_text(value, number);
    const DataSet *set = data_set_named(data, collection);
    if (!id) {
        error_set(err, ERR_FILES, "%s: a reference is a text or a number", place);
        return error_hint(err, "give the primary key of a row of %s", collection);
    }
    if (str_starts(collection, "directus_"))
        return check_record(data, catalog_find(collection), id, place, err);
    if (!set && !snapshot_has_field(data->schema, collection, NULL)) {
        error_set(err, ERR_FILES, "%s: there is no collection \"%s\" to refer to", place, collection);
        return error_hint(err, "correct the row, or bring the collection back");
    }
    if (set && set->shape->singleton)
        return true;
    if (!set)
        buf_puts(&key, id);
    else if (!data_reference_key(&arena, set->shape, value, &key, err))
        return error_context(err, "%s", place);
    return sorter_add(wanted_in(references, data, collection), key.data, key.length, place, strlen(place) + 1,
                      err);
}

bool references_want(References *references, const Data *data, const DataSet *set, const RowOrigin *origin,
                     const Json *row, const Json *written, Error *err) {
    AUTO(Arena) arena = { 0 };
    for (size_t i = 0; i < set->shape->field_count; i++) {
        const RowField *field = &set->shape->fields[i];
        const Json *value = json_get(written, field->name);
        const char *collection = field->kind == FIELD_REFERENCE  ? field->target
                                 : field->kind == FIELD_ANY_ITEM ? json_get_text(row, field->one_of_field)
                                                                 : NULL;
        if (!collection || json_is_null(value))
            continue;
        const char *place =
            arena_printf(&arena, "%s: (/%s)", data_place(&arena, data, set, origin), field->name);
        if (!want(references, data, collection, value, place, err))
            return false;
    }
    return true;
}

/* ---- looking up in loaded rows ---- */

static bool add_known(Sorter *known, const DataSet *set, Sorter *from, bool instance, const IdMap *map,
                      Error *err) {
    Direction to_state = { map, idmap_to_state };
    SorterRecord record;
    bool end = false;
    AUTO(Arena) arena = { 0 };
    if (!sorter_rewind(from, err))
        return false;
    while (sorter_next(from, &record, &end, err)) {
        AUTO(Buf) key = { 0 };
        Json row;
        arena_reset(&arena);
        if (!(instance ? data_parse_target : data_parse_state)(&arena, &record, &row, err))
            return false;
        Json mapped = instance ? data_row_mapped(&arena, set->shape, &to_state, &row) : row;
        if (!data_primary_key(set->shape, &mapped, &key, err) ||
            !sorter_add(known, key.data, key.length, "", 0, err))
            return false;
    }
    return end;
}

/* The files' rows, those aside that are ignored and that the target lacks: they will not be there. */
static bool add_rows_to_be(Sorter *known, const DataSet *set, Error *err) {
    Join join;
    bool more = true;
    AUTO(Arena) arena = { 0 };
    if (!join_begin(&join, set->state, set->target, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        AUTO(Buf) key = { 0 };
        Json row;
        arena_reset(&arena);
        if (join.order > 0)
            continue;
        if (!data_parse_state(&arena, &join.a, &row, err))
            return false;
        if (join.order < 0 && row_ignored(&set->rules, set->shape, &row))
            continue;
        if (!data_primary_key(set->shape, &row, &key, err) ||
            !sorter_add(known, key.data, key.length, "", 0, err))
            return false;
    }
    return !more;
}

static bool check_wanted(const DataSet *set, Sorter *wanted, Sorter *known, Error *err) {
    Join join;
    bool more = true;
    AUTO(Buf) last = { 0 };
    if (!join_begin(&join, wanted, known, err))
        return false;
    while (join_next(&join, &more, err) && more) {
        bool repeated = join.order < 0 && last.data && last.length == join.a.key_length &&
                        memcmp(last.data, join.a.key, last.length) == 0;
        if (join.order == 0) {
            buf_clear(&last);
            buf_append(&last, join.a.key, join.a.key_length);
        }
        if (join.order >= 0 || repeated)
            continue;
        error_set(err, ERR_FILES,
                  "%s: it refers to a row of %s that is neither in the files nor on the target", join.a.value,
                  set->shape->collection);
        return error_hint(
            err, "add the row of %s to the files%s, or correct the reference", set->shape->collection,
            set->rules.ignored[0] ? " (one that the configuration ignores is not created)" : "");
    }
    return !more;
}

static bool check_loaded(const Data *data, const DataSet *set, Sorter *wanted, const IdMap *map, Error *err) {
    Sorter *known = sorter_new(data->memory);
    bool done = (set->rules.ignored[0] ? add_rows_to_be(known, set, err)
                                       : add_known(known, set, set->state, false, map, err)) &&
                add_known(known, set, set->target, true, map, err) && check_wanted(set, wanted, known, err);
    sorter_free(&known);
    return done;
}

/* ---- asking the target ---- */

typedef struct {
    Session *session;
    const char *collection, *key, *type; /* and its primary key */
    bool there;                          /* the target has the collection */
    const char *ids[AT_ONCE], *places[AT_ONCE];
    size_t count;
    Arena arena; /* of the ids and places */
} Asking;

static bool find_key(const Snapshot *schema, Asking *asking) {
    const RecordList *fields = &schema->types[TYPE_FIELDS];
    for (size_t i = 0; i < fields->count; i++) {
        const Json *field = &fields->items[i].json;
        if (!str_equal(json_get_text(field, "collection"), asking->collection) ||
            !json_is_true(json_path(field, "schema", "is_primary_key", NULL)))
            continue;
        asking->key = json_get_text(field, "field");
        asking->type = json_get_text(field, "type");
    }
    return asking->key && asking->type;
}

static bool ask(Asking *asking, Error *err) {
    bool found[AT_ONCE] = { false };
    if (asking->there && asking->count &&
        !directus_exist(asking->session, asking->collection, asking->key, asking->type, asking->ids,
                        asking->count, found, err))
        return false;
    for (size_t i = 0; i < asking->count; i++) {
        if (found[i])
            continue;
        error_set(err, ERR_FILES, "%s: it refers to a row of %s that the target does not have",
                  asking->places[i], asking->collection);
        return error_hint(err,
                          "correct the reference, or have the row imported: choose %s in the configuration, "
                          "do not leave it out with --only, or compare everything with --again",
                          asking->collection);
    }
    asking->count = 0;
    arena_reset(&asking->arena);
    return true;
}

static bool ask_all(Asking *asking, Sorter *wanted, Error *err) {
    SorterRecord record;
    bool end = false;
    if (!sorter_rewind(wanted, err))
        return false;
    while (sorter_next(wanted, &record, &end, err)) {
        const char *id = arena_strndup(&asking->arena, record.key, record.key_length);
        if (asking->count && strcmp(asking->ids[asking->count - 1], id) == 0)
            continue;
        asking->ids[asking->count] = id;
        asking->places[asking->count++] = arena_strdup(&asking->arena, record.value);
        if (asking->count == AT_ONCE && !ask(asking, err))
            return false;
    }
    return end && ask(asking, err);
}

/* Ids of such a collection are the same everywhere: those with natural keys are loaded (data_open). */
static bool check_asked(const Data *data, Session *session, const struct Wanted *wanted, Error *err) {
    Asking asking = { .session = session, .collection = wanted->collection };
    if (!find_key(data->schema, &asking))
        return true;
    asking.there =
        !data->target->present[TYPE_FIELDS] || snapshot_has_field(data->target, wanted->collection, NULL);
    asking.key = renames_old_field(data->renames, wanted->collection, asking.key);
    asking.collection = renames_old_collection(data->renames, wanted->collection);
    bool done = ask_all(&asking, wanted->ids, err);
    arena_free(&asking.arena);
    return done;
}

bool references_check(const References *references, const Data *data, Session *session, const IdMap *map,
                      Error *err) {
    for (size_t i = 0; i < references->count; i++) {
        const struct Wanted *wanted = &references->items[i];
        const DataSet *set = data_set_named(data, wanted->collection);
        if (!(set ? check_loaded(data, set, wanted->ids, map, err) : check_asked(data, session, wanted, err)))
            return false;
    }
    return true;
}

void references_free(References *references) {
    for (size_t i = 0; i < references->count; i++)
        sorter_free(&references->items[i].ids);
    arena_free(&references->arena);
    *references = (References){ 0 };
}
