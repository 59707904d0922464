/* Placeholders of the files: noted, filled, hidden. */
#include "model/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "model/canon.h"
#include "model/conceal.h"
#include "model/place.h"
#include "model/secrets_private.h"

/* ---- noting and filling ---- */

/* The record at hand, of configuration or a row. */
typedef struct {
    const SecretRule *rule;
    const char *collection, *record;
    const Snapshot *snapshot; /* of configuration */
    TypeId type;
    const Record *source;
    const char *place; /* of a row */
    const ValueSource *values;
    bool fill;
    Placeholders *out;
} Taking;

bool secrets_declared(const SecretRule *rule, const char *record, const JsonStep *step) {
    for (const char *const *path = rule ? rule->secrets : NULL; path && *path; path++)
        if (place_matches(*path, record, step, false))
            return true;
    return false;
}

const char *secret_number(Arena *arena, const Json *number) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, number);
    return text.length >= REDACT_WHOLE ? arena_strdup(arena, buf_text(&text)) : NULL;
}

static const char *place_of(const Taking *taking, Arena *arena, const JsonStep *step) {
    AUTO(Buf) pointer = { 0 };
    json_put_pointer(&pointer, step);
    if (!taking->source)
        return arena_printf(arena, "%s: (%s)", taking->place, buf_text(&pointer));
    return snapshot_place_at(taking->snapshot, taking->source, buf_text(&pointer), arena);
}

static void note_missing(Taking *taking, const Buf *names, const JsonStep *step) {
    Placeholders *out = taking->out;
    const char *place = place_of(taking, &out->arena, step);
    for (const char *at = buf_text(names); *at; at += strcspn(at, "\n") + 1)
        buf_printf(&out->missing, "%.*s\t%s\n", (int)strcspn(at, "\n"), at, place);
}

static void note(Taking *taking, const Json *text, const JsonStep *step, const char *value) {
    Arena *arena = &taking->out->arena;
    AUTO(Buf) path = { 0 }, record = { 0 };
    place_put(&path, step);
    if (taking->source)
        place_put_record(&record, taking->type, taking->source);
    else
        buf_puts(&record, taking->record);
    Placeholder made = {
        .collection = arena_strdup(arena, taking->collection),
        .record = arena_strdup(arena, buf_text(&record)),
        .path = arena_strdup(arena, buf_text(&path)),
        .text = arena_strdup(arena, text->as.text),
        .value = value ? arena_strdup(arena, value) : NULL,
    };
    made.order = taking->out->count;
    ARENA_PUSH(arena, taking->out->items, taking->out->count, taking->out->capacity, made);
    taking->out->sorted = false;
}

static const char *take_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    Taking *taking = context;
    bool declared = secrets_declared(taking->rule, taking->record, step);
    if ((!declared && (!taking->source || text->as.text[0] != '$')) ||
        !memchr(text->as.text, '$', text->count))
        return NULL;
    AUTO(Buf) value = { 0 }, missing = { 0 };
    TextKind kind = placeholder_fill(text->as.text, text->count, declared, taking->values, &value, &missing);
    if (kind == TEXT_PLAIN)
        return NULL;
    if (kind == TEXT_MISSING && taking->out)
        note_missing(taking, &missing, step);
    if (kind >= TEXT_FILLED && taking->out)
        note(taking, text, step, kind == TEXT_FILLED ? buf_text(&value) : NULL);
    bool changed = taking->fill && kind != TEXT_MISSING;
    return changed ? arena_strndup(arena, buf_text(&value), value.length) : NULL;
}

void placeholders_take(Snapshot *files, const bool *sections, const Scope *scope, const ValueSource *source,
                       bool fill, Placeholders *out) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        RecordList *list = &files->types[type];
        const CatalogRow *row = catalog_row(type);
        Taking taking = {
            .rule = scope_secrets(scope, row->collection),
            .collection = row->collection,
            .snapshot = files,
            .type = type,
            .values = source,
            .fill = fill,
            .out = out,
        };
        for (size_t i = 0; (!sections || sections[row->section]) && i < list->count; i++) {
            AUTO(Buf) record = { 0 };
            if (taking.rule)
                place_put_record(&record, type, &list->items[i]);
            taking.record = buf_text(&record);
            taking.source = &list->items[i];
            list->items[i].json = json_map_places(&files->arena, &list->items[i].json, take_text, &taking);
        }
    }
}

Json placeholders_take_row(Arena *arena, const Json *row, const char *collection, const char *record,
                           const char *place, const Scope *scope, const ValueSource *source,
                           Placeholders *out) {
    AUTO(Buf) escaped = { 0 };
    place_put_name(&escaped, record);
    Taking taking = {
        .rule = scope_secrets(scope, collection),
        .collection = collection,
        .record = buf_text(&escaped),
        .place = place,
        .values = source,
        .fill = true,
        .out = out,
    };
    return json_map_places(arena, row, take_text, &taking);
}

void placeholders_free(Placeholders *placeholders) {
    buf_free(&placeholders->missing);
    arena_free(&placeholders->arena);
    *placeholders = (Placeholders){ 0 };
}

/* ---- paths that lead nowhere ---- */

/* Records of one type have the same members; what a row has the schema says. */
static bool knows_field(const Snapshot *snapshot, const char *collection, const char *field, bool *known) {
    TypeId type = catalog_find(collection);
    const RecordList *list = type < TYPE_COUNT ? &snapshot->types[type] : NULL;
    *known = list ? list->count > 0 : snapshot_has_field(snapshot, collection, NULL);
    bool found = !list && snapshot_has_field(snapshot, collection, field);
    for (size_t i = 0; !found && list && i < list->count; i++)
        found = json_get(&list->items[i].json, field) != NULL;
    return found;
}

static const char *unknown_among(const Snapshot *snapshot, const char *collection, const char *const *paths,
                                 const char *key, Arena *arena) {
    for (; *paths; paths++) {
        const char *colon = strchr(*paths, ':'), *path = colon ? colon + 1 : *paths;
        const char *field = arena_strndup(arena, path, strcspn(path, "/"));
        bool known;
        if (strcmp(field, "*") == 0 || strchr(field, '~') ||
            knows_field(snapshot, collection, field, &known) || !known)
            continue;
        return arena_printf(arena, "/collections/%s/%s: %s has no field \"%s\"", collection, key, collection,
                            field);
    }
    return NULL;
}

const char *secrets_unknown(const Snapshot *snapshot, const Scope *scope, Arena *arena) {
    const char *unknown = NULL;
    for (size_t i = 0; !unknown && i < scope->secret_count; i++) {
        const SecretRule *rule = &scope->secrets[i];
        unknown = unknown_among(snapshot, rule->collection, rule->secrets, "secrets", arena);
        if (!unknown)
            unknown = unknown_among(snapshot, rule->collection, rule->harmless, "harmless", arena);
    }
    return unknown;
}

/* ---- looking up ---- */

static int place_compare(const void *left, const void *right) {
    const Placeholder *a = left, *b = right;
    int order = strcmp(a->collection, b->collection);
    order = order ? order : strcmp(a->record, b->record);
    return order ? order : strcmp(a->path, b->path);
}

static int placeholder_compare(const void *left, const void *right) {
    const Placeholder *a = left, *b = right;
    int order = place_compare(a, b);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

const Placeholder *placeholder_at(Placeholders *placeholders, const char *collection, const char *record,
                                  const char *path) {
    if (placeholders->count == 0)
        return NULL;
    if (!placeholders->sorted)
        qsort(placeholders->items, placeholders->count, sizeof *placeholders->items, placeholder_compare);
    placeholders->sorted = true;
    Placeholder key = { .collection = collection, .record = record, .path = path };
    const Placeholder *found =
        bsearch(&key, placeholders->items, placeholders->count, sizeof key, place_compare);
    while (found && found > placeholders->items && place_compare(found - 1, &key) == 0)
        found--;
    return found;
}

/* ---- names without a value ---- */

typedef struct {
    Placeholders *placeholders;
    const SecretRule *rule;
    const char *collection, *record;
    const Json *like; /* of a row */
    const ValueSource *source;
} Assuming;

static const char *assume_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    (void)arena;
    (void)text;
    const Assuming *assuming = context;
    AUTO(Buf) path = { 0 };
    place_put(&path, step);
    const Placeholder *known =
        placeholder_at(assuming->placeholders, assuming->collection, assuming->record, buf_text(&path));
    return known && !known->value ? known->text : NULL;
}

void placeholders_assume(Placeholders *placeholders, Snapshot *instance) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        RecordList *list = &instance->types[type];
        Assuming assuming = { .placeholders = placeholders, .collection = catalog_row(type)->collection };
        for (size_t i = 0; placeholders_hold(placeholders, assuming.collection) && i < list->count; i++) {
            AUTO(Buf) record = { 0 };
            place_put_record(&record, type, &list->items[i]);
            assuming.record = buf_text(&record);
            list->items[i].json =
                json_map_places(&instance->arena, &list->items[i].json, assume_text, &assuming);
        }
    }
}

static const char *assume_row_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    const Assuming *assuming = context;
    if (!secrets_declared(assuming->rule, assuming->record, step))
        return NULL;
    const char *like = json_text(place_value(assuming->like, step));
    if (str_equal(like, text->as.text))
        return NULL;
    AUTO(Buf) value = { 0 };
    redact_hide(text->as.text, "(secret)");
    bool missing =
        like && placeholder_fill(like, strlen(like), true, assuming->source, &value, NULL) == TEXT_MISSING;
    return missing ? arena_strdup(arena, like) : NULL;
}

Json placeholders_assume_row(Arena *arena, const Json *row, const Json *like, const char *collection,
                             const char *record, const Scope *scope, const ValueSource *source) {
    AUTO(Buf) escaped = { 0 };
    place_put_name(&escaped, record);
    Assuming assuming = {
        .rule = scope_secrets(scope, collection), .record = buf_text(&escaped), .like = like, .source = source
    };
    return assuming.rule ? json_map_places(arena, row, assume_row_text, &assuming) : *row;
}

/* ---- hiding ---- */

void placeholders_hide(const Placeholders *placeholders) {
    for (size_t i = 0; i < placeholders->count; i++)
        if (placeholders->items[i].value)
            redact_hide(placeholders->items[i].value, placeholders->items[i].text);
}

typedef struct {
    const SecretRule *rule;
    const char *collection, *record;
    Placeholders *placeholders;
} Hiding;

/* Another value than the placeholder's: without what stands around the placeholder in the file, so that the
 * secret is found by itself too. */
static void hide_other(const Json *text, const char *file) {
    static const char shown[] = "(another value)";
    AUTO(Arena) arena = { 0 };
    const char *start = strstr(file, "${"), *end = start ? strchr(start, '}') : NULL;
    size_t before = start ? (size_t)(start - file) : 0, after = end ? strlen(end + 1) : 0;
    if (before + after && before + after < text->count && memcmp(text->as.text, file, before) == 0 &&
        str_ends(text->as.text, end + 1))
        redact_hide(arena_strndup(&arena, text->as.text + before, text->count - before - after), shown);
    redact_hide(text->as.text, shown);
}

static const char *hide_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    const Hiding *hiding = context;
    if (text->kind == JSON_NUMBER) {
        bool declared = secrets_declared(hiding->rule, hiding->record, step);
        const char *number = declared ? secret_number(arena, text) : NULL;
        if (number)
            redact_hide(number, "(secret)");
        return NULL;
    }
    AUTO(Buf) path = { 0 };
    place_put(&path, step);
    const Placeholder *known =
        placeholder_at(hiding->placeholders, hiding->collection, hiding->record, buf_text(&path));
    if (known && !str_equal(known->value, text->as.text))
        hide_other(text, known->text);
    else if (!known && secrets_declared(hiding->rule, hiding->record, step))
        redact_hide(text->as.text, "(secret)");
    return NULL;
}

bool placeholders_hold(const Placeholders *placeholders, const char *collection) {
    for (size_t i = 0; i < placeholders->count; i++)
        if (strcmp(placeholders->items[i].collection, collection) == 0)
            return true;
    return false;
}

void secrets_hide(const Snapshot *instance, const Scope *scope, Placeholders *placeholders) {
    AUTO(Arena) arena = { 0 };
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const RecordList *list = &instance->types[type];
        const char *collection = catalog_row(type)->collection;
        Hiding hiding = { scope_secrets(scope, collection), collection, NULL, placeholders };
        if (!hiding.rule && !placeholders_hold(placeholders, collection))
            continue;
        for (size_t i = 0; i < list->count; i++) {
            AUTO(Buf) record = { 0 };
            place_put_record(&record, type, &list->items[i]);
            hiding.record = buf_text(&record);
            json_map_scalars(&arena, &list->items[i].json, hide_text, &hiding);
        }
    }
}

/* ---- concealing in rows ---- */

typedef struct {
    const SecretRule *rule;
    const char *record;
    const Json *other;
    bool wanted;
} Concealing;

static const char *look_up_nothing(void *context, const char *name) {
    (void)context, (void)name;
    return NULL;
}

/* A placeholder, or a value that goes by the name of one when it is printed. */
static bool is_known_by_name(const Json *text) {
    static const ValueSource nothing = { .look_up = look_up_nothing };
    AUTO(Buf) shown = { 0 }, filled = { 0 };
    redact_append(&shown, text->as.text, text->count);
    return !str_equal(buf_text(&shown), text->as.text) ||
           placeholder_fill(text->as.text, text->count, true, &nothing, &filled, NULL) == TEXT_MISSING;
}

static const char *conceal_declared(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    const Concealing *concealing = context;
    if (!secrets_declared(concealing->rule, concealing->record, step))
        return NULL;
    if (text->kind == JSON_NUMBER)
        return secret_number(arena, text) ? CONCEALED : NULL;
    if (!text->count || placeholder_is_whole(text->as.text, text->count))
        return NULL;
    const Json *there = concealing->other ? place_value(concealing->other, step) : NULL;
    bool wanted = concealing->wanted || (there && json_equal(there, text));
    return wanted && is_known_by_name(text) ? NULL : CONCEALED;
}

Json secrets_conceal_row(Arena *arena, const Scope *scope, const char *collection, const char *record,
                         const Json *row, const Json *other, bool wanted) {
    AUTO(Buf) escaped = { 0 };
    Concealing concealing = { scope_secrets(scope, collection), NULL, other, wanted };
    if (!concealing.rule || !concealing.rule->secrets[0])
        return *row;
    place_put_name(&escaped, record);
    concealing.record = buf_text(&escaped);
    return json_map_scalars(arena, row, conceal_declared, &concealing);
}
