#include "sync/bridge.h"

#include <string.h>

#include "directus/fields.h"
#include "directus/version_10.h"

/* ---- access ---- */

static bool is_of_policies(const Json *record) {
    static const char *const names[] = { "collection", "related_collection" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        TypeId type = catalog_find(json_get_text(record, names[i]));
        if (type == TYPE_POLICIES || type == TYPE_ACCESS)
            return true;
    }
    return false;
}

/* Fields and relations of collections that the target does not have. */
static void leave_policy_fields(Bridge *bridge, Snapshot *files, TypeId type) {
    RecordList *list = &files->types[type];
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        Record *record = &list->items[i];
        if (is_of_policies(&record->json))
            losses_add(&bridge->losses, &files->arena, "%s %s", catalog_row(type)->singular,
                       snapshot_label(files, type, record, &files->arena));
        else
            list->items[kept++] = *record;
    }
    list->count = kept;
}

void bridge_access(Bridge *bridge, Snapshot *files, const Instance *instance, const bool *sections) {
    if (instance->version.has_policies)
        return;
    if (sections[SECTION_ACCESS])
        by_role_reduce(files, &bridge->losses);
    if (sections[SECTION_COLLECTIONS]) {
        leave_policy_fields(bridge, files, TYPE_FIELDS);
        leave_policy_fields(bridge, files, TYPE_RELATIONS);
    }
}

/* ---- members ---- */

typedef struct {
    Bridge *bridge;
    Session *session;
    Snapshot *files;
    const Snapshot *target;
    bool majors_differ;
    TypeId type;
    const char *part; /* "meta": members of that member; NULL: of the record itself */
    Json fields;      /* GET /fields of the type, null until it is needed */
} Crossing;

static const Json *part_of(const Crossing *crossing, const Json *record) {
    return crossing->part ? json_get(record, crossing->part) : record;
}

/* Whether the target knows the member: its records show it, its fields where it has none. */
static bool is_known(Crossing *crossing, const char *name, bool *known, Error *err) {
    const RecordList *there = &crossing->target->types[crossing->type];
    const char *collection = catalog_row(crossing->type)->collection;
    *known = true;
    for (size_t i = 0; i < there->count; i++)
        if (json_get(part_of(crossing, &there->items[i].json), name))
            return true;
    if (!crossing->part && snapshot_has_field(crossing->files, collection, name))
        return true; /* this import makes it */
    if (!session_version(crossing->session)->has_policies && version_10_makes(crossing->type, name))
        return true;
    if (there->count) {
        *known = false;
        return true;
    }
    if (json_is_null(&crossing->fields)) {
        const char *path = arena_printf(&crossing->files->arena, "/fields/%s", collection);
        if (!session_get_all(crossing->session, &crossing->files->arena, &path, 1, &crossing->fields, err))
            return false;
    }
    *known = field_find(&crossing->fields, collection, name) != NULL;
    return true;
}

/* A name that no Directus has is a slip of somebody's hand, and the plan says so. */
static bool is_left_out(const Crossing *crossing, const char *name) {
    return crossing->part || crossing->majors_differ || field_is_built_in(crossing->type, name);
}

static void leave_out(Crossing *crossing, const char *name, Buf *lost) {
    RecordList *list = &crossing->files->types[crossing->type];
    Arena *arena = &crossing->files->arena;
    const char *const names[] = { name, NULL };
    bool any = false;
    for (size_t i = 0; i < list->count; i++) {
        Json *record = &list->items[i].json;
        const Json *part = part_of(crossing, record), *value = json_get(part, name);
        if (!value)
            continue;
        any |= !json_is_null(value);
        Json rest = json_without(arena, part, names);
        *record = crossing->part ? json_with(arena, record, crossing->part, rest) : rest;
    }
    if (any) /* of a null nothing is lost */
        buf_printf(lost, "%s%s%s%s", lost->length ? ", " : "", crossing->part ? crossing->part : "",
                   crossing->part ? "." : "", name);
}

static bool cross_record(Crossing *crossing, Record *record, Json *known, Buf *lost, Error *err) {
    const Json *part = part_of(crossing, &record->json);
    for (uint32_t i = 0; json_is(part, JSON_OBJECT) && i < part->count; i++) {
        const char *name = part->as.members[i].key;
        bool yes;
        if (json_get(known, name))
            continue;
        if (!is_known(crossing, name, &yes, err))
            return false;
        *known = json_with(&crossing->files->arena, known, name, json_bool(true));
        if (!yes && is_left_out(crossing, name))
            leave_out(crossing, name, lost);
    }
    return true;
}

static bool cross_type(Crossing *crossing, TypeId type, const char *part, Error *err) {
    RecordList *list = &crossing->files->types[type];
    AUTO(Buf) lost = { 0 };
    JsonObjectBuilder none = json_object_builder(&crossing->files->arena);
    Json known = json_object_done(&none); /* names looked at already */
    crossing->type = type;
    crossing->part = part;
    crossing->fields = json_null();
    for (size_t i = 0; i < list->count; i++) {
        Record before = list->items[i]; /* its members stay in the arena while the record is made anew */
        if (!cross_record(crossing, &before, &known, &lost, err))
            return false;
    }
    if (lost.length)
        losses_add(&crossing->bridge->losses, &crossing->files->arena, "%s: %s unknown to Directus %s",
                   catalog_row(type)->name, arena_strdup(&crossing->files->arena, lost.data),
                   crossing->target->directus);
    return true;
}

/* ---- the whole ---- */

static bool refuse(const Bridge *bridge, const Snapshot *files, const Snapshot *target, Error *err) {
    AUTO(Buf) list = { 0 };
    for (size_t i = 0; i < bridge->losses.count; i++)
        buf_printf(&list, "%s%s", i ? "; " : "; it cannot hold: ", bridge->losses.items[i]);
    error_set(err, ERR_REFUSED, "the files come from Directus %s, the target is %s%s", files->directus,
              target->directus, buf_text(&list));
    return error_hint(err, "upgrade one of the two, or look at `schema-sync diff --allow-version` and import "
                           "with it: what is named here is then left out");
}

bool bridge_cross(Bridge *bridge, Session *session, const ImportOptions *options, Snapshot *files,
                  const Snapshot *target, const bool *sections, Error *err) {
    static const TypeId schema_types[] = { TYPE_COLLECTIONS, TYPE_FIELDS, TYPE_RELATIONS };
    if (bridge->crossed || !files->directus || str_equal(files->directus, target->directus))
        return true;
    int from = version_parse(files->directus).major, to = version_parse(target->directus).major;
    Crossing crossing = {
        .bridge = bridge, .session = session, .files = files, .target = target, .majors_differ = from != to
    };
    bridge->crossed = true;
    for (size_t i = 0; sections[SECTION_COLLECTIONS] && i < 3; i++)
        if (!cross_type(&crossing, schema_types[i], "meta", err))
            return false;
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (!catalog_is_schema(type) && sections[catalog_row(type)->section] && target->present[type] &&
            !cross_type(&crossing, type, NULL, err))
            return false;
    return from == to || options->allow_version || refuse(bridge, files, target, err);
}

void bridge_note(const Bridge *bridge, Plan *plan) {
    for (size_t i = 0; i < bridge->losses.count; i++)
        plan_note(plan, NOTE_LEFT_ALONE, TYPE_NONE, "%s", bridge->losses.items[i]);
}
