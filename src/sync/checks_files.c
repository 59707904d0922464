/* Checks of what the files ask of the target. */
#include <string.h>

#include "directus/fields.h"
#include "directus/inquiry.h"
#include "directus/version_10.h"
#include "model/extensions.h"
#include "model/ignore.h"
#include "sync/checks.h"

/* ---- versions ---- */

/* What is left out, as the plan's notes will say it. */
static bool warn_of_losses(Checkup *checkup, const char *from, const char *to) {
    AUTO(Buf) list = { 0 };
    for (size_t i = 0; i < checkup->bridge->losses.count; i++)
        buf_printf(&list, "%s%s", i ? "; " : "", checkup->bridge->losses.items[i]);
    return check_warn(checkup, "upgrade the target, or accept that it is left out there",
                      "the files come from Directus %s, and the target's %s cannot hold: %s", from, to,
                      buf_text(&list));
}

bool check_version(Checkup *checkup, Error *err) {
    const char *from = checkup->files->directus, *to = checkup->instance->directus;
    const Version ours = version_parse(from), *theirs = &checkup->instance->version;
    Distance distance = version_distance(&ours, theirs);
    if (checkup->version_fault) {
        *err = *checkup->version_fault;
        return false;
    }
    if (checkup->bridge && checkup->bridge->losses.count)
        return warn_of_losses(checkup, from, to);
    if (distance == DISTANCE_MAJOR)
        return check_warn(checkup, "look at `schema-sync diff --allow-version` before you import",
                          "the files come from Directus %s, another major version", from);
    if (distance == DISTANCE_MINOR)
        return check_ok(checkup, "the files come from Directus %s, %s minor version", from,
                        version_is_older(theirs, &ours) ? "a newer" : "an older");
    return check_ok(checkup, "the files come from Directus %s%s", from ? from : "an unknown version",
                    distance == DISTANCE_PATCH ? ", a patch away" : "");
}

/* The types of the files' columns that no column of the target has, each once: "int unsigned, longtext". */
static const char *foreign_types(Checkup *checkup) {
    const RecordList *lists[] = { &checkup->target->types[TYPE_FIELDS], &checkup->files->types[TYPE_FIELDS] };
    AUTO(Buf) out = { 0 };
    JsonObjectBuilder none = json_object_builder(&checkup->arena);
    Json seen = json_object_done(&none);
    for (size_t i = 0; i < lists[0]->count + lists[1]->count; i++) {
        bool own = i >= lists[0]->count;
        const Record *field = own ? &lists[1]->items[i - lists[0]->count] : &lists[0]->items[i];
        const char *type = json_text(json_path(&field->json, "schema", "data_type", NULL));
        if (!type || json_get(&seen, type))
            continue;
        seen = json_with(&checkup->arena, &seen, type, json_bool(true));
        if (own)
            buf_printf(&out, "%s%s", out.length ? ", " : "; no column there is of the type ", type);
    }
    return arena_strdup(&checkup->arena, buf_text(&out));
}

bool check_vendor(Checkup *checkup, Error *err) {
    const char *ours = checkup->files->vendor, *theirs = checkup->target->vendor;
    if (!ours || !theirs || str_equal(ours, theirs))
        return check_ok(checkup, "both sides are %s", ours ? ours : "of an unknown kind");
    const char *types = foreign_types(checkup);
    if (checkup->allow_version)
        return !checkup->thorough ||
               check_warn(checkup, "look at `schema-sync diff --allow-version` before you import",
                          "the files come from a %s database, the target's is %s%s", ours, theirs, types);
    error_set(err, ERR_REFUSED, "the files come from a %s database, the target's is %s%s", ours, theirs,
              types);
    return error_hint(
        err, "column types differ between the two: look at `schema-sync diff --allow-version` first");
}

/* ---- flows ---- */

enum { UNSEEN, ON_THE_WAY, DONE };

/* Follows resolve and reject; an operation that is met again while still on the way closes a circle. */
static bool leads_back(const Snapshot *files, const char *id, char *seen) {
    const Record *operation = id ? snapshot_find(files, TYPE_OPERATIONS, id) : NULL;
    if (!operation)
        return false;
    char *mark = &seen[operation - files->types[TYPE_OPERATIONS].items];
    if (*mark != UNSEEN)
        return *mark == ON_THE_WAY;
    *mark = ON_THE_WAY;
    bool circle = leads_back(files, json_get_text(&operation->json, "resolve"), seen) ||
                  leads_back(files, json_get_text(&operation->json, "reject"), seen);
    *mark = DONE;
    return circle;
}

bool check_flows(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    const Snapshot *files = checkup->files;
    char *seen = arena_alloc(&arena, files->types[TYPE_OPERATIONS].count + 1);
    const RecordList *flows = &files->types[TYPE_FLOWS];
    for (size_t i = 0; i < flows->count; i++) {
        const Json *flow = &flows->items[i].json;
        const char *status = json_get_text(flow, "status"); /* active is Directus's default */
        if ((status && strcmp(status, "active") != 0) ||
            !leads_back(files, json_get_text(flow, "operation"), seen))
            continue;
        error_set(err, ERR_FILES, "%s: the operations of this active flow lead back to themselves",
                  snapshot_place(files, &flows->items[i], "operations", &arena));
        return error_hint(err,
                          "Directus does not survive such a flow: break the circle (resolve, reject), or set "
                          "\"status\" to \"inactive\"");
    }
    return check_ok(checkup, "no active flow leads back to itself");
}

/* ---- members the target does not know ---- */

static bool has_create(const Plan *plan, TypeId type) {
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].type == type && plan->changes[i].kind == CHANGE_CREATE)
            return true;
    return false;
}

static bool among(const Json *fields, const char *name) {
    for (uint32_t i = 0; i < fields->count; i++)
        if (str_equal(json_get_text(&fields->as.items[i], "field"), name))
            return true;
    return false;
}

static bool any_has(const RecordList *records, const char *name) {
    for (size_t i = 0; i < records->count; i++)
        if (json_get(&records->items[i].json, name))
            return true;
    return false;
}

/* `fields`: the array of the target's fields, NULL where its records show them. */
static bool check_type(const Version *version, const Snapshot *files, const Snapshot *target, TypeId type,
                       const Json *fields, Error *err) {
    const CatalogRow *row = catalog_row(type);
    const RecordList *list = &files->types[type];
    for (size_t i = 0; i < list->count; i++) {
        const Json *record = &list->items[i].json;
        for (uint32_t m = 0; m < record->count; m++) {
            const char *name = record->as.members[m].key;
            if ((fields ? among(fields, name) : any_has(&target->types[type], name)) ||
                snapshot_has_field(files, row->collection, name) ||
                (!version->has_policies && version_10_makes(type, name)))
                continue;
            AUTO(Arena) arena = { 0 };
            error_set(err, ERR_FILES, "%s: the target's %s have no field \"%s\"",
                      snapshot_place(files, &list->items[i], name, &arena), row->name, name);
            return error_hint(err, "remove the member, or import into a Directus that has the field");
        }
    }
    return true;
}

/* Most files hold nothing but what every such Directus has, and what their own schema brings. */
static bool is_certain(const Version *version, const Snapshot *files, TypeId type) {
    const RecordList *list = &files->types[type];
    for (size_t i = 0; i < list->count; i++) {
        const Json *record = &list->items[i].json;
        for (uint32_t m = 0; m < record->count; m++) {
            const char *name = record->as.members[m].key;
            if (!field_is_certain(version, type, name) &&
                !snapshot_has_field(files, catalog_row(type)->collection, name))
                return false;
        }
    }
    return true;
}

/* A plan says of which types records are created; doctor, which has none, looks at all that were read. */
static bool is_asked_for(const Checkup *checkup, TypeId type) {
    return checkup->plan ? has_create(checkup->plan, type) : checkup->target->present[type];
}

bool check_members(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    const Version *version = &checkup->instance->version;
    const Snapshot *files = checkup->files, *target = checkup->target;
    const char *paths[TYPE_COUNT];
    TypeId types[TYPE_COUNT];
    size_t count = 0;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        if (catalog_is_schema(type) || !is_asked_for(checkup, type))
            continue;
        const RecordList *there = &target->types[type];
        if (there->count && !check_type(version, files, target, type, NULL, err))
            return false;
        bool asks = version->has_policies || (type != TYPE_POLICIES && type != TYPE_ACCESS);
        if (!there->count && asks && !is_certain(version, files, type)) {
            types[count] = type;
            paths[count++] = arena_printf(&arena, "/fields/%s", catalog_row(type)->collection);
        }
    }
    Json fields[TYPE_COUNT];
    if (count && !session_get_all(checkup->session, &arena, paths, count, fields, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!check_type(version, files, target, types[i], &fields[i], err))
            return false;
    return check_ok(checkup, "the target knows every member of the files' records");
}

/* ---- extensions ---- */

/* Ids stand in the bundle as strings, in one of three kinds of quotes. */
static bool names_it(const char *source, const char *id) {
    static const char quotes[] = "\"'`";
    size_t length = strlen(id);
    for (const char *at = source; (at = strstr(at, id)); at++)
        if (at > source && strchr(quotes, at[-1]) && at[length] == at[-1])
            return true;
    return false;
}

/* An import asks for what it brings: what the target's own records use is taken to be there, and what is not
 * planned does not matter. */
static bool is_settled(const Checkup *checkup, const ExtensionUses *theirs, const ExtensionUse *use) {
    return !checkup->thorough &&
           (!checkup->target->present[use->type] || extensions_find(theirs, use->kind, use->id));
}

static void put_use(Buf *out, const Snapshot *files, const ExtensionUse *use) {
    AUTO(Arena) arena = { 0 };
    buf_printf(out, "%s%s \"%s\" (%s", out->length ? ", " : "", extension_kind_name(use->kind), use->id,
               snapshot_place(files, use->record, use->member, &arena));
    if (use->count > 1)
        buf_printf(out, " and %zu more", use->count - 1);
    buf_puts(out, ")");
}

static bool say_installed(Checkup *checkup, size_t wanted, Error *err) {
    size_t count = 0, disabled = 0;
    if (!checkup->thorough)
        return true;
    if (!directus_extensions(checkup->session, &count, &disabled, err))
        return false;
    return check_ok(checkup, "the files need %zu, %zu are installed, %zu of them switched off", wanted, count,
                    disabled);
}

/* What is ignored is not created: nothing may need it. */
bool check_ignored(Checkup *checkup, Error *err) {
    if (json_is_null(&checkup->config->scope.ignore))
        return true;
    return ignore_check(checkup->files, &checkup->state->snapshot, checkup->target, err) &&
           check_ok(checkup, "nothing that is carried needs what is ignored and not there");
}

bool check_extensions(Checkup *checkup, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) source = { 0 };
    AUTO(Buf) wanted = { 0 };
    AUTO(Buf) lacking = { 0 };
    const Snapshot *files = checkup->files;
    int major = checkup->instance->version.major;
    ExtensionUses ours = extensions_used(files, major, &arena);
    ExtensionUses theirs = extensions_used(checkup->target, major, &arena);
    bool served = true;
    for (size_t i = 0; i < ours.count; i++)
        if (!is_settled(checkup, &theirs, &ours.items[i]))
            put_use(&wanted, files, &ours.items[i]);
    if (!wanted.length)
        return say_installed(checkup, ours.count, err);
    if (!directus_extension_source(checkup->session, &source, &served, err))
        return false;
    if (!served)
        return check_warn(checkup, "see to it that their extensions are there",
                          "the files need %s; whether the target has them cannot be told (SERVE_APP=false)",
                          buf_text(&wanted));
    for (size_t i = 0; i < ours.count; i++)
        if (!is_settled(checkup, &theirs, &ours.items[i]) && !names_it(buf_text(&source), ours.items[i].id))
            put_use(&lacking, files, &ours.items[i]);
    if (!lacking.length)
        return say_installed(checkup, ours.count, err);
    return check_warn(checkup,
                      "install or enable the extensions there: what is imported is kept, but shown raw, and "
                      "such operations do nothing",
                      "the target lacks %s", buf_text(&lacking));
}
