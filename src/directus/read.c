#include "directus/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directus/fields.h"
#include "directus/schema.h"
#include "directus/session_part.h"
#include "directus/version_10.h"

/* One request of a read: the schema, or the records of one type. */
typedef struct {
    TypeId type; /* TYPE_NONE: the schema */
    Exchange exchange;
} Read;

enum { READS = TYPE_COUNT + 1 };

typedef struct {
    Session *session;
    Snapshot *snapshot;
    Read reads[READS];
    size_t count;
    const Json *schema_fields; /* of the schema snapshot, NULL when it was not read */
    const Json
        *described[TYPE_COUNT]; /* GET /fields/<collection>, asked for when an answer has an unknown field */
} Reader;

/* ---- what to ask for ---- */

static void want_type(bool wanted[TYPE_COUNT], TypeId type) {
    if (wanted[type])
        return;
    wanted[type] = true;
    for (const Reference *reference = catalog_row(type)->references; reference->field; reference++)
        if (reference->target < TYPE_COUNT && !catalog_is_schema(reference->target))
            want_type(wanted, reference->target);
    /* The Administrator's role is known by its policy, and who holds which policy stands in access. */
    if (type == TYPE_ROLES || type == TYPE_POLICIES) {
        want_type(wanted, TYPE_POLICIES);
        want_type(wanted, TYPE_ACCESS);
    }
}

/* Rows that belong to users are theirs, not the project's. */
static bool belongs_to_users(TypeId type) {
    return type == TYPE_ACCESS || type == TYPE_PRESETS;
}

/* A version without policies: its roles and permissions are translated. */
static bool by_role(const Reader *reader) {
    return !session_version(reader->session)->has_policies;
}

static bool has_counter(TypeId type) {
    return type == TYPE_PERMISSIONS || type == TYPE_PRESETS;
}

/* SEARCH for the records of a type: the first page, or (`last` not NULL) the one behind `taken` records that
 * end with the key `last`. Directus has no _gt for uuid: those are paged by offset. */
static void prepare_page(const Reader *reader, Exchange *exchange, TypeId type, uint64_t taken,
                         const Json *last) {
    const char *user = belongs_to_users(type) ? "{\"user\":{\"_null\":true}}" : "";
    AUTO(Buf) query = { 0 };
    /* "*" and not a list: it is the one form that shows fields of other versions and custom ones without
     * asking for their descriptions first. The alias arrays it brings along are dropped.
     */
    buf_puts(&query, "{");
    if (type == TYPE_PERMISSIONS && by_role(reader))
        buf_puts(&query, VERSION_10_ALIAS);
    buf_puts(&query, "\"fields\":[\"*\"],\"sort\":[\"id\"],\"limit\":-1");
    if (last && has_counter(type))
        buf_printf(&query, ",\"filter\":{\"_and\":[%s%s{\"id\":{\"_gt\":%.0f}}]}", user, *user ? "," : "",
                   last->as.number);
    else if (*user)
        buf_printf(&query, ",\"filter\":%s", user);
    if (last && !has_counter(type))
        buf_printf(&query, ",\"offset\":%llu", (unsigned long long)taken);
    if (!last)
        buf_printf(&query, ",\"meta\":\"%s\"", *user ? "filter_count" : "total_count");
    buf_putc(&query, '}');
    session_prepare_search(exchange, catalog_row(type)->endpoint, query.data);
}

static void add_read(Reader *reader, TypeId type) {
    Read *read = &reader->reads[reader->count++];
    read->type = type;
    if (type == TYPE_NONE)
        session_prepare_fresh_get(&read->exchange, "/schema/snapshot");
    else if (catalog_row(type)->singleton)
        session_prepare_fresh_get(&read->exchange, catalog_row(type)->endpoint);
    else
        prepare_page(reader, &read->exchange, type, 0, NULL);
}

/* Policies of an instance without any are made of its roles. */
static bool has_records(const Reader *reader, TypeId type) {
    return !by_role(reader) || (type != TYPE_POLICIES && type != TYPE_ACCESS);
}

/* The schema first: it takes the longest, and the other connection does the rest meanwhile. */
static void add_reads(Reader *reader, const bool *sections, bool settings) {
    bool wanted[TYPE_COUNT] = { false };
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (!catalog_is_schema(type) && sections[catalog_row(type)->section])
            want_type(wanted, type);
    wanted[TYPE_SETTINGS] |= settings;
    if (sections[SECTION_COLLECTIONS])
        add_read(reader, TYPE_NONE);
    for (TypeId type = 0; type < TYPE_COUNT; type++)
        if (wanted[type] && has_records(reader, type))
            add_read(reader, type);
}

/* ---- records ---- */

/* GET /fields/<collection>, once. */
static bool ask_for_fields(Reader *reader, TypeId type, Error *err) {
    AUTO(Exchange) exchange = { 0 };
    char path[100];
    if (reader->described[type])
        return true;
    Json *whole = arena_alloc(&reader->snapshot->arena, sizeof *whole);
    snprintf(path, sizeof path, "/fields/%s", catalog_row(type)->collection);
    session_prepare_fresh_get(&exchange, path);
    if (!session_run(reader->session, &exchange, 1, err) ||
        !exchange_parse(&exchange, &reader->snapshot->arena, whole, err))
        return false;
    reader->described[type] = json_get(whole, "data");
    return true;
}

/* The description of a field that no table knows: the schema's, else the collection's own. */
static bool describe(Reader *reader, TypeId type, const char *name, const Json **description, Error *err) {
    const char *collection = catalog_row(type)->collection;
    *description = field_find(reader->schema_fields, collection, name);
    if (*description)
        return true;
    if (!ask_for_fields(reader, type, err))
        return false;
    *description = field_find(reader->described[type], collection, name);
    return true;
}

static bool carried(Reader *reader, TypeId type, const char *name, bool *yes, Error *err) {
    const Json *description;
    *yes = !catalog_never_carried(type, name);
    if (!*yes || field_is_known(session_version(reader->session), type, name))
        return true;
    if (!describe(reader, type, name, &description, err))
        return false;
    *yes = description && field_is_carried(description);
    return true;
}

static const char *key_as_text(Arena *arena, const Json *key) {
    if (json_is(key, JSON_NUMBER))
        return arena_printf(arena, "%.0f", key->as.number);
    return json_text(key);
}

static bool take_record(Reader *reader, TypeId type, const Json *row, Error *err) {
    Arena *arena = &reader->snapshot->arena;
    JsonObjectBuilder record = json_object_builder(arena);
    for (uint32_t i = 0; i < row->count; i++) {
        bool yes;
        if (!carried(reader, type, row->as.members[i].key, &yes, err))
            return false;
        if (yes)
            json_object_put(&record, row->as.members[i].key, row->as.members[i].value);
    }
    snapshot_add(reader->snapshot, type, json_object_done(&record))->target_id =
        catalog_row(type)->singleton ? NULL : key_as_text(arena, json_get(row, "id"));
    return true;
}

/* GET /permissions appends the app's own minimal rows, without id. */
static bool take_page(Reader *reader, TypeId type, const Json *rows, uint64_t *taken, const Json **last,
                      Error *err) {
    *last = NULL;
    for (uint32_t i = 0; i < rows->count; i++) {
        const Json *row = &rows->as.items[i], *id = json_get(row, "id");
        if (json_is_null(id))
            continue;
        Json record = *row;
        if (type == TYPE_PERMISSIONS && by_role(reader))
            record = version_10_permission(&reader->snapshot->arena, row);
        if (!take_record(reader, type, &record, err))
            return false;
        *last = id;
        (*taken)++;
    }
    return true;
}

/* What the instance says how many there are; UINT64_MAX when it does not. */
static uint64_t count_in(TypeId type, const Json *whole) {
    const Json *count =
        json_path(whole, "meta", belongs_to_users(type) ? "filter_count" : "total_count", NULL);
    return json_is(count, JSON_NUMBER) ? (uint64_t)count->as.number : UINT64_MAX;
}

/* Records may have come or gone between page and count: what counts in the end is a count made after the last
 * page. */
static bool check_count(Reader *reader, TypeId type, uint64_t taken, uint64_t expected, Error *err) {
    const CatalogRow *row = catalog_row(type);
    AUTO(Exchange) again = { 0 };
    Json whole;
    if (taken == expected)
        return true;
    prepare_page(reader, &again, type, 0, NULL);
    if (!session_run(reader->session, &again, 1, err) ||
        !exchange_parse(&again, &reader->snapshot->arena, &whole, err))
        return false;
    expected = count_in(type, &whole);
    if (taken == expected)
        return true;
    if (expected == UINT64_MAX)
        return error_set(err, ERR_REMOTE, "SEARCH %s: the answer has no count", row->endpoint);
    error_set(err, ERR_REMOTE, "read %llu of %llu %s", (unsigned long long)taken,
              (unsigned long long)expected, row->name);
    return error_hint(err,
                      "the instance hides the others (a licence limit, or an extension that filters reads): "
                      "nothing can be decided on an incomplete read");
}

static bool page_of(Reader *reader, const Exchange *exchange, Json *whole, const Json **rows, Error *err) {
    char name[200];
    if (!exchange_parse(exchange, &reader->snapshot->arena, whole, err))
        return false;
    *rows = json_get(whole, "data");
    return json_is(*rows, JSON_ARRAY) ||
           error_set(err, ERR_REMOTE, "%s: the answer is no list", exchange_name(exchange, name));
}

/* The first answer and, where QUERY_LIMIT_MAX clamps, the pages behind it. */
static bool take_type(Reader *reader, Read *read, Error *err) {
    const Json *rows, *last;
    Json whole;
    uint64_t taken = 0;
    reader->snapshot->present[read->type] = true;
    if (!page_of(reader, &read->exchange, &whole, &rows, err) ||
        !take_page(reader, read->type, rows, &taken, &last, err))
        return false;
    uint64_t expected = count_in(read->type, &whole);
    while (taken < expected && last) {
        AUTO(Exchange) page = { 0 };
        prepare_page(reader, &page, read->type, taken, last);
        if (!session_run(reader->session, &page, 1, err) || !page_of(reader, &page, &whole, &rows, err) ||
            !take_page(reader, read->type, rows, &taken, &last, err))
            return false;
    }
    return check_count(reader, read->type, taken, expected, err);
}

/* A singleton that has no row yet shows the fields with a default only: the others are null. */
static bool show_fields(Reader *reader, TypeId type, Json *row, Error *err) {
    if (!ask_for_fields(reader, type, err))
        return false;
    const Json *fields = reader->described[type];
    for (uint32_t i = 0; json_is(fields, JSON_ARRAY) && i < fields->count; i++) {
        const Json *field = &fields->as.items[i];
        const char *name = json_get_text(field, "field");
        if (name && !json_get(row, name) && !str_equal(json_get_text(field, "type"), "alias"))
            *row = json_with(&reader->snapshot->arena, row, name, json_null());
    }
    return true;
}

static bool take_settings(Reader *reader, const Exchange *exchange, bool wanted, Json *settings_row,
                          Error *err) {
    Json whole;
    if (!exchange_parse(exchange, &reader->snapshot->arena, &whole, err))
        return false;
    const Json *row = json_get(&whole, "data");
    if (!json_is(row, JSON_OBJECT))
        return error_set(err, ERR_REMOTE, "GET /settings: the answer holds no settings");
    if (settings_row)
        *settings_row = *row;
    Json filled = *row;
    if (wanted && json_is_null(json_get(row, "id")) && !show_fields(reader, TYPE_SETTINGS, &filled, err))
        return false;
    reader->snapshot->present[TYPE_SETTINGS] = wanted;
    return !wanted || take_record(reader, TYPE_SETTINGS, &filled, err);
}

static bool take(Reader *reader, Read *read, const bool *sections, Json *settings_row, Error *err) {
    Json whole;
    if (read->type == TYPE_SETTINGS)
        return take_settings(reader, &read->exchange, sections[SECTION_SETTINGS], settings_row, err);
    if (read->type != TYPE_NONE)
        return take_type(reader, read, err);
    if (!exchange_parse(&read->exchange, &reader->snapshot->arena, &whole, err))
        return false;
    reader->schema_fields = json_path(&whole, "data", "fields", NULL);
    return schema_take(reader->snapshot, json_get(&whole, "data"), err);
}

bool directus_read(Session *session, const Instance *instance, const bool *sections, Snapshot *snapshot,
                   Json *settings_row, Error *err) {
    Reader reader = { .session = session, .snapshot = snapshot };
    bool ok = true;
    snapshot->directus = arena_strdup(&snapshot->arena, instance->directus);
    snapshot->unordered = instance->version.sorts_arrays;
    snapshot->reader_role = instance->role_id;
    snapshot->reader_policies = instance->policy_ids;
    add_reads(&reader, sections, settings_row != NULL);
    size_t sent = 0;
    while (ok && sent < reader.count)
        ok = session_send(session, &reader.reads[sent].exchange, err) && ++sent;
    for (size_t i = 0; i < sent; i++) {
        Error later;
        ok &= session_await(session, &reader.reads[i].exchange, ok ? err : &later);
        /* taken one by one, while the others are under way */
        ok = ok && take(&reader, &reader.reads[i], sections, settings_row, err);
    }
    for (size_t i = 0; i < reader.count; i++)
        exchange_free(&reader.reads[i].exchange);
    if (ok && by_role(&reader))
        version_10_take(snapshot);
    if (ok)
        snapshot_sort(snapshot);
    return ok;
}

bool directus_read_order(Session *session, Snapshot *snapshot, Error *err) {
    static const char *const paths[] = { "/collections", "/fields", "/relations" };
    Json answers[3];
    if (!snapshot->unordered || !snapshot->present[TYPE_FIELDS])
        return true;
    if (!session_get_all(session, &snapshot->arena, paths, 3, answers, err))
        return false;
    schema_put_in_order(snapshot, answers);
    return true;
}
