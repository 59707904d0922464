#include "model/id_places.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/field_path.h"

typedef enum {
    AS_ID,     /* an id, or an array of ids */
    AS_FILTER, /* a filter of a collection */
    AS_VALUES, /* values by field, as they are written to a collection */
    AS_ASSETS  /* any text, in which /assets/<id> may stand */
} PlaceKind;

typedef struct {
    TypeId type;
    const char *path; /* field_path.h, '*' for every member or item; "" = the whole record */
    PlaceKind kind;
    TypeId target;          /* AS_ID */
    const char *collection; /* AS_FILTER, AS_VALUES: the path of the collection's name */
    const char *kinds;      /* only where the record's "type" matches this pattern */
} Place;

static const Place places[] = {
    { .type = TYPE_PERMISSIONS, .path = "permissions", .kind = AS_FILTER, .collection = "collection" },
    { .type = TYPE_PERMISSIONS, .path = "validation", .kind = AS_FILTER, .collection = "collection" },
    { .type = TYPE_PERMISSIONS, .path = "presets", .kind = AS_VALUES, .collection = "collection" },
    { .type = TYPE_PRESETS, .path = "filter", .kind = AS_FILTER, .collection = "collection" },
    { .type = TYPE_FIELDS, .path = "meta.validation", .kind = AS_FILTER, .collection = "collection" },
    { .type = TYPE_FIELDS, .path = "meta.options.folder", .kind = AS_ID, .target = TYPE_FOLDERS },
    { .type = TYPE_FIELDS,
      .path = "meta.conditions.*.options.folder",
      .kind = AS_ID,
      .target = TYPE_FOLDERS },
    { .type = TYPE_FIELDS, .path = "meta.conditions.*.rule", .kind = AS_FILTER, .collection = "collection" },
    { .type = TYPE_FIELDS, .path = "meta.options", .kind = AS_ASSETS },
    { .type = TYPE_OPERATIONS,
      .path = "options.flow",
      .kind = AS_ID,
      .target = TYPE_FLOWS,
      .kinds = "trigger" },
    { .type = TYPE_OPERATIONS,
      .path = "options.recipient",
      .kind = AS_ID,
      .target = TYPE_USERS,
      .kinds = "notification" },
    { .type = TYPE_OPERATIONS, .path = "options.permissions", .kind = AS_ID, .target = TYPE_ROLES },
    { .type = TYPE_OPERATIONS,
      .path = "options.query.filter",
      .kind = AS_FILTER,
      .collection = "options.collection",
      .kinds = "item-*" },
    { .type = TYPE_OPERATIONS,
      .path = "options.payload",
      .kind = AS_VALUES,
      .collection = "options.collection",
      .kinds = "item-*" },
    { .type = TYPE_OPERATIONS, .path = "options", .kind = AS_ASSETS },
    { .type = TYPE_PANELS, .path = "options.filter", .kind = AS_FILTER, .collection = "options.collection" },
    { .type = TYPE_PANELS, .path = "options", .kind = AS_ASSETS },
    { .type = TYPE_SETTINGS, .path = "", .kind = AS_ASSETS },
};

/* Relations of Directus's own collections by the name of the field, which always means the same there. */
static const struct {
    const char *field;
    TypeId target;
} system_fields[] = {
    { "role", TYPE_ROLES },           { "policy", TYPE_POLICIES },   { "user", TYPE_USERS },
    { "user_created", TYPE_USERS },   { "uploaded_by", TYPE_USERS }, { "modified_by", TYPE_USERS },
    { "folder", TYPE_FOLDERS },       { "avatar", TYPE_FILES },      { "flow", TYPE_FLOWS },
    { "dashboard", TYPE_DASHBOARDS },
};

enum { DEEPEST = JSON_MAX_DEPTH + 2, UUID_LENGTH = 36 };

typedef struct {
    const Snapshot *snapshot;
    IdPlace at;
    const char *steps[DEEPEST + 1];
    size_t depth;
    IdPlaceEach each;
    void *context;
    struct ManySide *many; /* sorted */
    size_t many_count;
    Arena arena; /* of one record */
} Walk;

static void enter(Walk *walk, const char *step) {
    walk->steps[walk->depth++] = step;
    walk->steps[walk->depth] = NULL;
}

static void leave(Walk *walk) {
    walk->steps[--walk->depth] = NULL;
}

static const char *index_step(Walk *walk, uint32_t index) {
    return arena_printf(&walk->arena, "%u", index);
}

static void found(Walk *walk, TypeId target, const char *id, bool whole) {
    walk->at.steps = walk->steps;
    walk->at.target = target;
    walk->at.id = id;
    walk->at.whole = whole;
    walk->each(&walk->at, walk->context);
}

static void walk_id(Walk *walk, TypeId target, const Json *value) {
    for (uint32_t i = 0; json_is(value, JSON_ARRAY) && i < value->count; i++) {
        enter(walk, index_step(walk, i));
        walk_id(walk, target, &value->as.items[i]);
        leave(walk);
    }
    if (json_is(value, JSON_STRING) && value->count == UUID_LENGTH &&
        str_is_uuid(value->as.text, UUID_LENGTH))
        found(walk, target, value->as.text, true);
}

/* ---- what a field of a collection refers to ---- */

/* A to-many field, and the collection on its other side. */
struct ManySide {
    const char *related, *field, *collection;
};

static int many_compare(const void *left, const void *right) {
    const struct ManySide *a = left, *b = right;
    int order = strcmp(a->related, b->related);
    return order ? order : strcmp(a->field, b->field);
}

static void index_many_sides(Walk *walk, Arena *arena) {
    const RecordList *list = &walk->snapshot->types[TYPE_RELATIONS];
    walk->many = arena_array(arena, list->count + 1, sizeof *walk->many);
    for (size_t i = 0; i < list->count; i++) {
        const Json *relation = &list->items[i].json;
        struct ManySide side = { json_get_text(relation, "related_collection"),
                                 json_text(json_path(relation, "meta", "one_field", NULL)),
                                 json_get_text(relation, "collection") };
        if (side.related && side.field && side.collection)
            walk->many[walk->many_count++] = side;
    }
    if (walk->many_count)
        qsort(walk->many, walk->many_count, sizeof *walk->many, many_compare);
}

static const char *many_side(const Walk *walk, const char *collection, const char *field) {
    const struct ManySide key = { collection, field, NULL };
    const struct ManySide *side =
        walk->many_count ? bsearch(&key, walk->many, walk->many_count, sizeof key, many_compare) : NULL;
    return side ? side->collection : NULL;
}

/* The relation of a field; records are sorted by collection and field. */
static const Json *relation_of(const Snapshot *snapshot, const char *collection, const char *field) {
    const RecordList *list = &snapshot->types[TYPE_RELATIONS];
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const Json *relation = &list->items[middle].json;
        int order = strcmp(collection, json_get_text(relation, "collection"));
        order = order ? order : strcmp(field, json_get_text(relation, "field"));
        if (order == 0)
            return relation;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static const char *collection_of(TypeId type) {
    return type == TYPE_USERS   ? "directus_users"
           : type == TYPE_FILES ? "directus_files"
           : type < TYPE_COUNT  ? catalog_row(type)->collection
                                : NULL;
}

static const char *related(const Walk *walk, const char *collection, const char *field) {
    const Json *relation = relation_of(walk->snapshot, collection, field);
    if (relation)
        return json_get_text(relation, "related_collection");
    if (!str_starts(collection, "directus_"))
        return many_side(walk, collection, field);
    TypeId type = catalog_find(collection);
    const Reference *reference = type < TYPE_COUNT ? catalog_reference(type, field) : NULL;
    if (reference)
        return collection_of(reference->target);
    for (size_t i = 0; i < sizeof system_fields / sizeof *system_fields; i++)
        if (strcmp(system_fields[i].field, field) == 0)
            return collection_of(system_fields[i].target);
    return many_side(walk, collection, field);
}

/* The kind of record an id in this field is; TYPE_NONE for rows of the project's own and plain values. */
static TypeId target_of(const Walk *walk, const char *collection, const char *field) {
    const char *other = strcmp(field, "id") == 0 ? collection : related(walk, collection, field);
    TypeId target = other && str_starts(other, "directus_") ? catalog_find(other) : TYPE_NONE;
    bool known = target == TYPE_USERS || target == TYPE_FILES ||
                 (target < TYPE_COUNT && catalog_row(target)->identity == IDENTITY_ID);
    return known ? target : TYPE_NONE;
}

/* ---- filters and values ---- */

static void walk_filter(Walk *walk, const char *collection, const Json *filter);

/* {"_eq": …, "_in": […]} of one field, or a filter of what it refers to. */
static void walk_condition(Walk *walk, const char *collection, const char *field, const Json *condition) {
    TypeId target = target_of(walk, collection, field);
    const char *other = related(walk, collection, field);
    for (uint32_t i = 0; json_is(condition, JSON_OBJECT) && i < condition->count; i++) {
        const JsonMember *member = &condition->as.members[i];
        bool quantifier = strcmp(member->key, "_some") == 0 || strcmp(member->key, "_none") == 0;
        enter(walk, member->key);
        if (quantifier && other)
            walk_filter(walk, other, &member->value);
        else if (member->key[0] == '_' && target != TYPE_NONE)
            walk_id(walk, target, &member->value);
        leave(walk);
    }
    if (other && json_is(condition, JSON_OBJECT) && condition->count &&
        condition->as.members[0].key[0] != '_')
        walk_filter(walk, other, condition);
}

static void walk_filter(Walk *walk, const char *collection, const Json *filter) {
    for (uint32_t i = 0; json_is(filter, JSON_ARRAY) && i < filter->count; i++) {
        enter(walk, index_step(walk, i));
        walk_filter(walk, collection, &filter->as.items[i]);
        leave(walk);
    }
    for (uint32_t i = 0; json_is(filter, JSON_OBJECT) && i < filter->count; i++) {
        const JsonMember *member = &filter->as.members[i];
        enter(walk, member->key);
        if (member->key[0] == '_')
            walk_filter(walk, collection, &member->value); /* _and, _or */
        else
            walk_condition(walk, collection, member->key, &member->value);
        leave(walk);
    }
}

static void walk_values(Walk *walk, const char *collection, const Json *values) {
    for (uint32_t i = 0; json_is(values, JSON_OBJECT) && i < values->count; i++) {
        const JsonMember *member = &values->as.members[i];
        TypeId target = target_of(walk, collection, member->key);
        enter(walk, member->key);
        if (target != TYPE_NONE && strcmp(member->key, "id") != 0)
            walk_id(walk, target, &member->value);
        leave(walk);
    }
}

/* ---- addresses ---- */

static void walk_assets(Walk *walk, const Json *value) {
    static const char folder[] = "/assets/";
    for (uint32_t i = 0; json_is(value, JSON_ARRAY) && i < value->count; i++) {
        enter(walk, index_step(walk, i));
        walk_assets(walk, &value->as.items[i]);
        leave(walk);
    }
    for (uint32_t i = 0; json_is(value, JSON_OBJECT) && i < value->count; i++) {
        enter(walk, value->as.members[i].key);
        walk_assets(walk, &value->as.members[i].value);
        leave(walk);
    }
    const char *text = json_text(value);
    for (const char *at = text ? strstr(text, folder) : NULL; at; at = strstr(at + 1, folder)) {
        const char *id = at + strlen(folder);
        if (strnlen(id, UUID_LENGTH) == UUID_LENGTH && str_is_uuid(id, UUID_LENGTH))
            found(walk, TYPE_FILES, arena_strndup(&walk->arena, id, UUID_LENGTH), false);
    }
}

/* ---- the table ---- */

static void walk_value(Walk *walk, const Place *place, const Json *value) {
    const Json *name = place->collection ? field_path_get(&walk->at.record->json,
                                                          field_path(&walk->arena, place->collection))
                                         : NULL;
    if (place->kind == AS_ID)
        walk_id(walk, place->target, value);
    else if (place->kind == AS_ASSETS)
        walk_assets(walk, value);
    else if (place->kind == AS_FILTER && json_text(name))
        walk_filter(walk, json_text(name), value);
    else if (place->kind == AS_VALUES && json_text(name))
        walk_values(walk, json_text(name), value);
}

/* Down a path, one way for each member or item that a '*' stands for. */
static void walk_path(Walk *walk, const Place *place, const char *const *steps, const Json *value) {
    if (!value || json_is(value, JSON_NULL))
        return;
    if (!*steps || !**steps) {
        walk_value(walk, place, value);
        return;
    }
    bool each = strcmp(*steps, "*") == 0;
    for (uint32_t i = 0; each && json_is(value, JSON_ARRAY) && i < value->count; i++) {
        enter(walk, index_step(walk, i));
        walk_path(walk, place, steps + 1, &value->as.items[i]);
        leave(walk);
    }
    if (each)
        return;
    enter(walk, *steps);
    walk_path(walk, place, steps + 1, json_get(value, *steps));
    leave(walk);
}

void id_places(const Snapshot *snapshot, const bool sections[SECTION_COUNT], IdPlaceEach each,
               void *context) {
    Walk walk = { .snapshot = snapshot, .each = each, .context = context };
    AUTO(Arena) paths = { 0 };
    index_many_sides(&walk, &paths);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const Place *place = &places[i];
        const RecordList *list = &snapshot->types[place->type];
        const char *const *steps = field_path(&paths, place->path);
        for (size_t r = 0; sections[catalog_row(place->type)->section] && r < list->count; r++) {
            const char *kind = json_get_text(&list->items[r].json, "type");
            if (place->kinds && !(kind && str_matches(kind, place->kinds)))
                continue;
            walk.at = (IdPlace){ .type = place->type, .record = &list->items[r] };
            walk_path(&walk, place, steps, &list->items[r].json);
            arena_reset(&walk.arena);
        }
    }
    arena_free(&walk.arena);
}
