#include "model/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* A reference from one chosen collection to another. */
typedef struct {
    size_t from, to;
    RowField *field;
} Edge;

typedef struct {
    const Snapshot *snapshot;
    Arena *arena;
    RowShape *shapes;  /* parallel to scope->data: sorted by collection */
    RowField **fields; /* of each shape, while they may still change */
    size_t count;
    bool past;
    Edge *edges;
    size_t edge_count, edge_capacity;
} Shaping;

/* ---- looking into the schema ---- */

static bool holds(const char *const *names, const char *name) {
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The first record of `collection` in a list sorted by collection, or where it would stand. */
static size_t first_of(const RecordList *list, const char *collection) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(json_get_text(&list->items[middle].json, "collection"), collection) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const Json *record_at(const RecordList *list, size_t at, const char *collection) {
    if (at >= list->count || !str_equal(json_get_text(&list->items[at].json, "collection"), collection))
        return NULL;
    return &list->items[at].json;
}

static const Json *find_field(const Snapshot *snapshot, const char *collection, const char *name) {
    const RecordList *list = &snapshot->types[TYPE_FIELDS];
    const Json *field;
    for (size_t i = first_of(list, collection); (field = record_at(list, i, collection)); i++)
        if (str_equal(json_get_text(field, "field"), name))
            return field;
    return NULL;
}

static const Json *find_relation(const Snapshot *snapshot, const char *collection, const char *field) {
    const RecordList *list = &snapshot->types[TYPE_RELATIONS];
    const Json *relation;
    for (size_t i = first_of(list, collection); (relation = record_at(list, i, collection)); i++)
        if (str_equal(json_get_text(relation, "field"), field))
            return relation;
    return NULL;
}

static bool has_special(const Json *field, const char *const *names) {
    const Json *special = json_path(field, "meta", "special", NULL);
    for (uint32_t i = 0; json_is(special, JSON_ARRAY) && i < special->count; i++) {
        const char *name = json_text(&special->as.items[i]);
        if (name && holds(names, name))
            return true;
    }
    return false;
}

static bool is_primary_key(const Json *field) {
    return json_is_true(json_path(field, "schema", "is_primary_key", NULL));
}

/* Whether a field's values travel at all. Directus writes some on its own, hides others, and cannot carry a
 * few. */
static bool is_carried(const Json *field) {
    static const char *const left_out[] = { "conceal",      "hash",         "encrypt", "user-created",
                                            "user-updated", "date-updated", NULL };
    static const char *const types[] = { "alias", "unknown", "binary", NULL };
    const char *type = json_get_text(field, "type");
    return type && !holds(types, type) && json_is(json_get(field, "schema"), JSON_OBJECT) &&
           !json_is_true(json_path(field, "schema", "is_generated", NULL)) && !has_special(field, left_out);
}

static bool is_numeric(const char *type) {
    static const char *const types[] = { "integer", "bigInteger", "decimal", "float", NULL };
    return type && holds(types, type);
}

/* ---- one shape ---- */

static const char *const *allowed_collections(Arena *arena, const Json *relation) {
    const Json *allowed = json_path(relation, "meta", "one_allowed_collections", NULL);
    uint32_t count = json_is(allowed, JSON_ARRAY) ? allowed->count : 0;
    const char **names = arena_array(arena, (size_t)count + 1, sizeof *names);
    size_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (json_text(&allowed->as.items[i]))
            names[kept++] = arena_strdup(arena, json_text(&allowed->as.items[i]));
    return names;
}

static RowField make_field(const Shaping *shaping, const char *collection, const Json *json) {
    static const char *const date_created[] = { "date-created", NULL };
    const char *type = json_get_text(json, "type");
    RowField field = {
        .name = arena_strdup(shaping->arena, json_get_text(json, "field")),
        .numeric = is_numeric(type),
        .nullable = json_get_bool(json_get(json, "schema"), "is_nullable", true),
        .unique = json_get_bool(json_get(json, "schema"), "is_unique", false) && !is_primary_key(json),
        .type = type ? arena_strdup(shaping->arena, type) : NULL,
    };
    const Json *longest = json_path(json, "schema", "max_length", NULL);
    if (json_is(longest, JSON_NUMBER) && longest->as.number > 0)
        field.longest = (size_t)longest->as.number;
    const Json *initial = json_path(json, "schema", "default_value", NULL);
    if (initial)
        field.initial = json_copy(shaping->arena, initial);
    const Json *relation = find_relation(shaping->snapshot, collection, field.name);
    const char *target = json_get_text(relation, "related_collection");
    const char *one_of = json_text(json_path(relation, "meta", "one_collection_field", NULL));
    if (target) {
        field.kind = FIELD_REFERENCE;
        field.target = arena_strdup(shaping->arena, target);
    } else if (one_of) {
        field.kind = FIELD_ANY_ITEM;
        field.one_of_field = arena_strdup(shaping->arena, one_of);
        field.any_of = allowed_collections(shaping->arena, relation);
    } else if (has_special(json, date_created)) {
        field.kind = FIELD_DATE_CREATED;
    } else if (str_equal(type, "json")) {
        field.kind = FIELD_JSON;
    } else if (str_starts(type, "geometry")) {
        field.kind = FIELD_GEOMETRY;
    }
    return field;
}

static bool add_fields(const Shaping *shaping, RowShape *shape, Error *err) {
    const RecordList *list = &shaping->snapshot->types[TYPE_FIELDS];
    size_t first = first_of(list, shape->collection), count = 0, capacity = 0;
    RowField *fields = NULL;
    const Json *json;
    for (size_t i = first; (json = record_at(list, i, shape->collection)); i++) {
        const char *name = json_get_text(json, "field");
        if (is_primary_key(json)) {
            shape->primary_key = arena_strdup(shaping->arena, name);
            shape->key_is_number = is_numeric(json_get_text(json, "type"));
            shape->auto_increment = json_is_true(json_path(json, "schema", "has_auto_increment", NULL));
        } else if (!is_carried(json) || holds(shape->rule->exclude, name)) {
            continue;
        }
        ARENA_PUSH(shaping->arena, fields, count, capacity, make_field(shaping, shape->collection, json));
    }
    shaping->fields[shape - shaping->shapes] = fields;
    shape->fields = fields;
    shape->field_count = count;
    if (shape->primary_key)
        return true;
    error_set(err, ERR_FILES, "collection %s has no primary key: its rows cannot be carried",
              shape->collection);
    return error_hint(
        err, "take it out of \"collections\" in the configuration, or save its key once in Directus's data "
             "model: fields that Directus was never told of are in no snapshot of it");
}

/* Puts "schema-sync.json: /collections/posts" before a fault. */
static bool in_rule(const DataRule *rule, Error *err) {
    return rule->place ? error_context(err, "%s", rule->place) : false;
}

/* Fields a rule names must exist; those of key and groupBy must also be carried. */
static bool check_names(const Shaping *shaping, const RowShape *shape, const char *what,
                        const char *const *names, bool carried, Error *err) {
    for (size_t i = 0; names[i]; i++) {
        if (!find_field(shaping->snapshot, shape->collection, names[i]))
            error_set(err, ERR_CONFIG, "collection %s has no field \"%s\", which its %s names",
                      shape->collection, names[i], what);
        else if (carried && !row_field(shape, names[i]))
            error_set(err, ERR_CONFIG, "field %s.%s is not carried and cannot be part of \"%s\"",
                      shape->collection, names[i], what);
        else if (!carried && str_equal(names[i], shape->primary_key))
            error_set(err, ERR_CONFIG, "field %s.%s is the primary key and cannot be excluded",
                      shape->collection, names[i]);
        else
            continue;
        error_hint(err, "correct \"%s\" of the collection %s in the configuration", what, shape->collection);
        return in_rule(shape->rule, err);
    }
    return true;
}

static bool no_rows(const Shaping *shaping, const DataRule *rule, bool folder, Error *err) {
    const RecordList *list = &shaping->snapshot->types[TYPE_COLLECTIONS];
    const char **names = arena_array(shaping->arena, list->count + 1, sizeof *names);
    for (size_t i = 0; i < list->count; i++)
        names[i] = json_get_text(&list->items[i].json, "collection");
    const char *name = rule->collection, *folder_of = shaping->snapshot->folder;
    const char *meant = folder ? NULL : nearest_name(name, names, list->count);
    if (folder)
        error_set(err, ERR_CONFIG, "collection %s is a folder and has no rows", name);
    else
        error_set(err, ERR_CONFIG, "there is no collection %s %s%s", name,
                  folder_of ? "in " : "on the instance", folder_of ? folder_of : "");
    if (meant)
        error_hint(err, "correct the name in the configuration: did you mean \"%s\"?", meant);
    else
        error_hint(err, "correct the name in the configuration; if the collection %s, remove the entry",
                   folder ? "became a folder" : "is gone");
    return in_rule(rule, err);
}

static const Json *find_collection(const Snapshot *snapshot, const char *name) {
    const RecordList *list = &snapshot->types[TYPE_COLLECTIONS];
    return record_at(list, first_of(list, name), name);
}

static bool has_fields(const Snapshot *snapshot, const char *collection, const char *const *names) {
    for (; *names; names++)
        if (!find_field(snapshot, collection, *names))
            return false;
    return true;
}

/* What an older schema can follow of a rule. */
static const DataRule *past_rule(const Shaping *shaping, const DataRule *rule) {
    static const char *const none[] = { NULL };
    DataRule *own = arena_array(shaping->arena, 1, sizeof *own);
    *own = *rule;
    if (!has_fields(shaping->snapshot, rule->collection, rule->key))
        own->key = none;
    if (!has_fields(shaping->snapshot, rule->collection, rule->group_by))
        own->group_by = none;
    const char **exclude = NULL;
    size_t count = 0, capacity = 0;
    for (const char *const *name = rule->exclude; *name; name++)
        if (find_field(shaping->snapshot, rule->collection, *name))
            ARENA_PUSH(shaping->arena, exclude, count, capacity, *name);
    ARENA_PUSH(shaping->arena, exclude, count, capacity, NULL);
    own->exclude = exclude;
    return own;
}

static bool make_shape(const Shaping *shaping, const DataRule *rule, RowShape *shape, Error *err) {
    const Json *collection = find_collection(shaping->snapshot, rule->collection);
    if (shaping->past)
        rule = past_rule(shaping, rule);
    if (!collection || !json_is(json_get(collection, "schema"), JSON_OBJECT))
        return no_rows(shaping, rule, collection != NULL, err);
    *shape = (RowShape){
        .collection = rule->collection,
        .rule = rule,
        .singleton = json_is_true(json_path(collection, "meta", "singleton", NULL)),
    };
    if (!add_fields(shaping, shape, err) || !check_names(shaping, shape, "key", rule->key, true, err) ||
        !check_names(shaping, shape, "exclude", rule->exclude, false, err) ||
        !check_names(shaping, shape, "groupBy", rule->group_by, true, err))
        return false;
    const char **primary = arena_array(shaping->arena, 2, sizeof *primary);
    primary[0] = shape->primary_key;
    shape->natural = rule->key[0] && !(str_equal(rule->key[0], shape->primary_key) && !rule->key[1]);
    shape->key = shape->natural ? rule->key : primary;
    return true;
}

/* ---- creation order ---- */

static void add_edge(Shaping *shaping, size_t from, RowField *field, const char *target) {
    for (size_t to = 0; target && to < shaping->count; to++) {
        Edge edge = { .from = from, .to = to, .field = field };
        if (strcmp(shaping->shapes[to].collection, target) == 0)
            ARENA_PUSH(shaping->arena, shaping->edges, shaping->edge_count, shaping->edge_capacity, edge);
    }
}

static void add_edges(Shaping *shaping, size_t from, RowField *field) {
    if (field->kind == FIELD_REFERENCE)
        add_edge(shaping, from, field, field->target);
    for (size_t i = 0; field->any_of && field->any_of[i]; i++)
        add_edge(shaping, from, field, field->any_of[i]);
}

/* Tarjan's strongly connected components. */
typedef struct {
    const Shaping *shaping;
    size_t *index, *low, *component, *stack; /* index 0 = not seen yet */
    bool *on_stack;
    size_t next_index, next_component, depth;
} Components;

static void connect(Components *search, size_t node) {
    const Shaping *shaping = search->shaping;
    search->index[node] = search->low[node] = ++search->next_index;
    search->stack[search->depth++] = node;
    search->on_stack[node] = true;
    for (size_t i = 0; i < shaping->edge_count; i++) {
        size_t to = shaping->edges[i].to;
        if (shaping->edges[i].from != node)
            continue;
        if (!search->index[to])
            connect(search, to);
        if (search->on_stack[to] && search->low[to] < search->low[node])
            search->low[node] = search->low[to];
    }
    if (search->low[node] != search->index[node])
        return;
    size_t member;
    do {
        member = search->stack[--search->depth];
        search->on_stack[member] = false;
        search->component[member] = search->next_component;
    } while (member != node);
    search->next_component++;
}

/* Edges within a component are the cycles' (a self reference too): nullable ones are set by a second write.
 */
static void defer_cycles(Shaping *shaping) {
    AUTO(Arena) scratch = { 0 };
    size_t count = shaping->count;
    Components search = { .shaping = shaping };
    search.index = arena_array(&scratch, count, sizeof *search.index);
    search.low = arena_array(&scratch, count, sizeof *search.low);
    search.component = arena_array(&scratch, count, sizeof *search.component);
    search.stack = arena_array(&scratch, count, sizeof *search.stack);
    search.on_stack = arena_array(&scratch, count, sizeof *search.on_stack);
    for (size_t node = 0; node < count; node++)
        if (!search.index[node])
            connect(&search, node);
    for (size_t i = 0; i < shaping->edge_count; i++) {
        const Edge *edge = &shaping->edges[i];
        if (search.component[edge->from] == search.component[edge->to] && edge->field->nullable)
            edge->field->deferred = true;
    }
}

enum { RANK_OPEN = 1, RANK_DONE };

/* One more than the highest rank referred to. A cycle of references that cannot be null is left where it
 * closes. */
static void rank(Shaping *shaping, char *states, size_t node) {
    states[node] = RANK_OPEN;
    for (size_t i = 0; i < shaping->edge_count; i++) {
        const Edge *edge = &shaping->edges[i];
        if (edge->from != node || edge->field->deferred || states[edge->to] == RANK_OPEN)
            continue;
        if (!states[edge->to])
            rank(shaping, states, edge->to);
        if (shaping->shapes[edge->to].rank >= shaping->shapes[node].rank)
            shaping->shapes[node].rank = shaping->shapes[edge->to].rank + 1;
    }
    states[node] = RANK_DONE;
}

static int rank_compare(const void *left, const void *right) {
    const RowShape *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->collection, b->collection);
}

static void order_shapes(Shaping *shaping) {
    for (size_t i = 0; i < shaping->count; i++)
        for (size_t j = 0; j < shaping->shapes[i].field_count; j++)
            add_edges(shaping, i, &shaping->fields[i][j]);
    defer_cycles(shaping);
    char *states = arena_alloc(shaping->arena, shaping->count);
    for (size_t i = 0; i < shaping->count; i++)
        if (!states[i])
            rank(shaping, states, i);
    if (shaping->count)
        qsort(shaping->shapes, shaping->count, sizeof *shaping->shapes, rank_compare);
}

bool row_shapes(const Snapshot *snapshot, const Scope *scope, Arena *arena, RowShape **shapes, size_t *count,
                Error *err) {
    Shaping shaping = { .snapshot = snapshot, .arena = arena, .past = scope->past };
    shaping.shapes = arena_array(arena, scope->data_count, sizeof *shaping.shapes);
    shaping.fields = arena_array(arena, scope->data_count, sizeof *shaping.fields);
    for (size_t i = 0; i < scope->data_count; i++) {
        const DataRule *rule = &scope->data[i];
        if (scope->past && !find_collection(snapshot, rule->collection))
            continue;
        if (!make_shape(&shaping, rule, &shaping.shapes[shaping.count++], err))
            return false;
    }
    order_shapes(&shaping);
    *shapes = shaping.shapes;
    *count = shaping.count;
    return true;
}
