/* What an export may write: placeholders put back, secrets in clear refused. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "model/field_path.h"
#include "model/place.h"
#include "model/secret_scan.h"
#include "model/secrets_private.h"
#include "model/slug.h"

/* A value of the environment and the name it has there. */
typedef struct FoundValue {
    const char *name, *value;
    size_t length;
} FoundValue;

/* The record at hand. */
typedef struct {
    Keeper *keeper;
    const SecretRule *rule;
    const char *collection;
    const Snapshot *snapshot;
    TypeId type;
    const Record *source; /* NULL: a row */
    const Json *old;      /* the files' version, NULL when they have none */
    bool any;             /* the files have placeholders in this collection */
    bool named;           /* `record` is filled */
    Buf record;
} Keeping;

static const char *record_of(Keeping *keeping) {
    if (!keeping->named && keeping->source)
        place_put_record(&keeping->record, keeping->type, keeping->source);
    keeping->named = true;
    return buf_text(&keeping->record);
}

/* ---- the environment's values ---- */

static void take_value(void *visitor, const char *name, const char *value) {
    Keeper *keeper = visitor;
    FoundValue found = { arena_strdup(&keeper->arena, name), arena_strdup(&keeper->arena, value),
                         strlen(value) };
    ARENA_PUSH(&keeper->arena, keeper->values, keeper->value_count, keeper->value_capacity, found);
}

static void fetch_values(Keeper *keeper) {
    if (!keeper->fetched)
        keeper->source->each(keeper->source->context, take_value, keeper);
    keeper->fetched = true;
}

static const char *found_whole(Arena *arena, Keeper *keeper, const Json *text) {
    fetch_values(keeper);
    for (size_t i = 0; i < keeper->value_count; i++)
        if (keeper->values[i].length == text->count &&
            memcmp(keeper->values[i].value, text->as.text, text->count) == 0)
            return arena_printf(arena, "${%s}", keeper->values[i].name);
    return NULL;
}

static const FoundValue *value_at(const Keeper *keeper, const Json *text, size_t at) {
    for (size_t i = 0; i < keeper->value_count; i++)
        if (keeper->values[i].length <= text->count - at &&
            memcmp(keeper->values[i].value, text->as.text + at, keeper->values[i].length) == 0)
            return &keeper->values[i];
    return NULL;
}

static void put_literal(Buf *out, Buf *literals, const char *text, size_t length) {
    AUTO(Buf) escaped = { 0 };
    bool changed = placeholder_escape(text, length, true, &escaped);
    buf_append(out, changed ? escaped.data : text, changed ? escaped.length : length);
    buf_append(literals, text, length);
}

/* The text with every value of the environment in it as a placeholder: what a declared place may be. NULL
 * without one, when a secret is left, and when it would not be read as it was. */
static const char *found_within(Arena *arena, Keeper *keeper, const Json *text) {
    AUTO(Buf) out = { 0 }, literals = { 0 }, back = { 0 };
    size_t copied = 0;
    SecretFinding left;
    fetch_values(keeper);
    for (size_t at = 0; at < text->count;) {
        const FoundValue *found = value_at(keeper, text, at);
        if (!found) {
            at++;
            continue;
        }
        put_literal(&out, &literals, text->as.text + copied, at - copied);
        buf_printf(&out, "${%s}", found->name);
        at += found->length;
        copied = at;
    }
    put_literal(&out, &literals, text->as.text + copied, text->count - copied);
    if (!copied || secret_scan(buf_text(&literals), literals.length, NULL, &left) ||
        placeholder_fill(buf_text(&out), out.length, true, keeper->source, &back, NULL) != TEXT_FILLED ||
        back.length != text->count || memcmp(back.data, text->as.text, back.length) != 0)
        return NULL;
    return arena_strndup(arena, out.data, out.length);
}

/* ---- the files' placeholders ---- */

static bool stands_for(const Placeholder *placeholder, const Json *text) {
    return placeholder->value && strlen(placeholder->value) == text->count &&
           memcmp(placeholder->value, text->as.text, text->count) == 0;
}

/* One of the files that stands for this text: in the same record before others, and (unless `anywhere`) only
 * there. */
static const char *same_elsewhere(Keeping *keeping, const Json *text, bool declared, bool anywhere) {
    const Placeholders *all = keeping->keeper->placeholders;
    const Placeholder *best = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const Placeholder *one = &all->items[i];
        if (!stands_for(one, text) || (!declared && !placeholder_is_whole(one->text, strlen(one->text))))
            continue;
        bool here =
            strcmp(one->collection, keeping->collection) == 0 && strcmp(one->record, record_of(keeping)) == 0;
        if (here)
            return one->text;
        best = best ? best : one;
    }
    return anywhere && best ? best->text : NULL;
}

/* ---- refusing ---- */

static bool is_harmless(Keeping *keeping, const JsonStep *step) {
    for (const char *const *path = keeping->rule ? keeping->rule->harmless : NULL; path && *path; path++)
        if (place_matches(*path, record_of(keeping), step, true))
            return true;
    return false;
}

static void put_upper(Buf *out, const char *text) {
    for (; *text; text++) {
        if (isalnum((unsigned char)*text) && (unsigned char)*text < 0x80)
            buf_putc(out, (char)toupper((unsigned char)*text));
        else if (out->length && out->data[out->length - 1] != '_')
            buf_putc(out, '_');
    }
}

/* In capitals nobody would know it again: what is shown in place of a secret has no part in a name. */
static bool holds_secret(const char *text) {
    AUTO(Buf) shown = { 0 };
    redact_append(&shown, text, strlen(text));
    return strcmp(buf_text(&shown), text) != 0;
}

/* "NOTIFY_SEND_AUTHORIZATION"; a number behind it where another value has that name already. */
static const char *suggestion_of(Keeping *keeping, const char *value, const JsonStep *step) {
    enum { LONGEST = 60 };
    Keeper *keeper = keeping->keeper;
    AUTO(Buf) name = { 0 };
    AUTO(Arena) arena = { 0 };
    const char *called = place_name(step);
    const char *label =
        keeping->source ? snapshot_label(keeping->snapshot, keeping->type, keeping->source, &arena) : NULL;
    if (label && !holds_secret(label))
        put_upper(&name, label);
    if (!name.length || isdigit((unsigned char)name.data[0])) {
        buf_clear(&name);
        put_upper(&name, keeping->collection);
    }
    buf_putc(&name, '_');
    put_upper(&name, called ? called : "");
    size_t length = name.length < LONGEST ? name.length : LONGEST;
    while (length && name.data[length - 1] == '_')
        length--;
    const char *plain = arena_strndup(&keeper->arena, buf_text(&name), length), *made = plain;
    for (size_t i = 0, count = 1; i < keeper->clear_count; i++) {
        if (strcmp(keeper->clear[i].suggestion, made) != 0 || strcmp(keeper->clear[i].value, value) == 0)
            continue;
        made = arena_printf(&keeper->arena, "%s_%zu", plain, ++count);
        i = (size_t)-1;
    }
    return made;
}

/* Records move when their lists are sorted. */
static const Record *copy_of(Arena *arena, const Record *record) {
    Record *copy = arena_alloc(arena, sizeof *copy);
    *copy = *record;
    return copy;
}

static ClearSecret *refuse(Keeping *keeping, const char *value, const JsonStep *step, const char *kind,
                           size_t length, const Placeholder *placeholder) {
    Keeper *keeper = keeping->keeper;
    AUTO(Buf) path = { 0 }, pointer = { 0 };
    place_put(&path, step);
    json_put_pointer(&pointer, step);
    ClearSecret clear = {
        .type = keeping->source ? keeping->type : TYPE_NONE,
        .source = keeping->source ? copy_of(&keeper->arena, keeping->source) : NULL,
        .collection = arena_strdup(&keeper->arena, keeping->collection),
        .record = arena_strdup(&keeper->arena, record_of(keeping)),
        .path = arena_strdup(&keeper->arena, buf_text(&path)),
        .pointer = arena_strdup(&keeper->arena, buf_text(&pointer)),
        .kind = kind,
        .placeholder = placeholder ? arena_strdup(&keeper->arena, placeholder->text) : NULL,
        .value = arena_strdup(&keeper->arena, value),
        .length = length,
    };
    redact_hide(clear.value, "(secret)");
    if (clear.source) /* a name makes the file's, in small letters */
        redact_hide(slug_stem(&keeper->arena, clear.value), "(secret)");
    clear.suggestion = suggestion_of(keeping, clear.value, step);
    ARENA_PUSH(&keeper->arena, keeper->clear, keeper->clear_count, keeper->clear_capacity, clear);
    return &keeper->clear[keeper->clear_count - 1];
}

/* ---- a text ---- */

static const char *escaped(Arena *arena, const Json *text, bool declared) {
    AUTO(Buf) out = { 0 };
    if ((!declared && text->as.text[0] != '$') ||
        !placeholder_escape(text->as.text, text->count, declared, &out))
        return NULL;
    return arena_strndup(arena, out.data, out.length);
}

/* What was just found. No variable of anybody's has such a name. */
static const char *withhold(Arena *arena, Keeper *keeper) {
    ClearSecret *last = &keeper->clear[keeper->clear_count - 1];
    last->withheld = arena_printf(&keeper->arena, "NOT_IN_BACKUP_%s", last->suggestion);
    return arena_printf(arena, "${%s}", last->withheld);
}

static const char *keep_secret(Arena *arena, Keeping *keeping, const Json *text, const JsonStep *step,
                               bool declared, const SecretFinding *found, const Placeholder *own) {
    if (is_harmless(keeping, step))
        return escaped(arena, text, declared);
    /* In rows a placeholder is read at declared places only. */
    bool may = declared || keeping->source;
    const char *kept = may ? same_elsewhere(keeping, text, declared, true) : NULL;
    if (!kept && may)
        kept = found_whole(arena, keeping->keeper, text);
    if (!kept && declared)
        kept = found_within(arena, keeping->keeper, text);
    if (kept)
        return kept;
    refuse(keeping, text->as.text, step,
           own           ? "another value than the placeholder's"
           : found->kind ? found->kind
                         : "text at a place declared secret",
           found->kind ? found->length : text->count, own);
    return keeping->keeper->withholds && may ? withhold(arena, keeping->keeper) : NULL;
}

/* Where a record's array lost or got an item, a placeholder may stand at another place than before. */
static const char *keep_moved(Arena *arena, Keeping *keeping, const Json *text, const JsonStep *step) {
    enum { SHORTEST = 6 };
    const Json *before = keeping->any && text->count >= SHORTEST ? place_value(keeping->old, step) : NULL;
    bool literal = json_is(before, JSON_STRING) && before->count == text->count &&
                   memcmp(before->as.text, text->as.text, text->count) == 0;
    const char *kept = keeping->any && !literal && text->count >= SHORTEST
                           ? same_elsewhere(keeping, text, false, false)
                           : NULL;
    return kept ? kept : escaped(arena, text, false);
}

static void keep_number(Arena *arena, Keeping *keeping, const Json *number, const JsonStep *step) {
    if (!secrets_declared(keeping->rule, record_of(keeping), step) || is_harmless(keeping, step))
        return;
    const char *value = secret_number(arena, number);
    if (value)
        refuse(keeping, value, step, "number at a place declared secret", strlen(value), NULL)->number = true;
}

static const char *keep_text(Arena *arena, const Json *text, const JsonStep *step, void *context) {
    Keeping *keeping = context;
    if (text->kind == JSON_NUMBER) {
        keep_number(arena, keeping, text, step);
        return NULL;
    }
    const Placeholder *own = NULL;
    SecretFinding found = { 0 };
    keeping->keeper->texts++;
    bool declared = keeping->rule && secrets_declared(keeping->rule, record_of(keeping), step);
    if (keeping->any) {
        AUTO(Buf) path = { 0 };
        place_put(&path, step);
        own = placeholder_at(keeping->keeper->placeholders, keeping->collection, record_of(keeping),
                             buf_text(&path));
        if (own && stands_for(own, text))
            return own->text;
        if (own && strcmp(own->text, text->as.text) == 0)
            return NULL; /* the files' own text, put there before: the instance has no value of its own */
    }
    bool empty = text->count == 0 || (declared && secret_is_reference(text->as.text, text->count) &&
                                      !placeholder_is_whole(text->as.text, text->count));
    if (empty)
        return escaped(arena, text, declared);
    bool hit = keeping->source ? secret_scan(text->as.text, text->count, place_name(step), &found)
                               : secret_scan_shapes(text->as.text, text->count, &found);
    if (own || declared || hit)
        return keep_secret(arena, keeping, text, step, declared, &found, own);
    return keeping->source ? keep_moved(arena, keeping, text, step) : NULL;
}

/* ---- records and rows ---- */

/* The files' version of an instance's record. */
static const Json *version_of(const Snapshot *files, TypeId type, const Record *record, const char *key) {
    const Record *found = snapshot_find(files, type, record->id);
    if (found)
        return &found->json;
    const RecordList *list = &files->types[type];
    for (size_t i = 0; catalog_row(type)->identity != IDENTITY_ID && i < list->count; i++) {
        AUTO(Buf) other = { 0 };
        place_put_record(&other, type, &list->items[i]);
        if (strcmp(buf_text(&other), key) == 0)
            return &list->items[i].json;
    }
    return NULL;
}

/* The record or row without the fields that hold a secret in clear, of those found since `known`. */
static Json without_clear(Arena *arena, const Keeper *keeper, size_t known, const Json *row) {
    Json left = *row;
    for (size_t i = known; i < keeper->clear_count; i++) {
        const char *pointer = keeper->clear[i].pointer;
        const char *const field[] = { arena_strndup(arena, pointer + 1, strcspn(pointer + 1, "/")), NULL };
        if (!keeper->clear[i].withheld)
            left = json_without(arena, &left, field);
    }
    return left;
}

void keeper_snapshot(Keeper *keeper, Snapshot *instance, const bool *sections, const Snapshot *files) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        RecordList *list = &instance->types[type];
        if (!sections[row->section])
            continue;
        const SecretRule *rule = scope_secrets(keeper->scope, row->collection);
        bool any = placeholders_hold(keeper->placeholders, row->collection);
        for (size_t i = 0; i < list->count; i++) {
            Record *record = &list->items[i];
            Keeping keeping = { .keeper = keeper,
                                .rule = rule,
                                .collection = row->collection,
                                .snapshot = instance,
                                .type = type,
                                .source = record,
                                .any = any };
            keeping.old = any && files ? version_of(files, type, record, record_of(&keeping)) : NULL;
            size_t known = keeper->clear_count;
            record->json = json_map_scalars(&instance->arena, &record->json, keep_text, &keeping);
            if (keeper->withholds)
                record->json = without_clear(&instance->arena, keeper, known, &record->json);
            buf_free(&keeping.record);
        }
    }
}

bool keeper_wants_row(const Keeper *keeper, const char *collection, const char *line, size_t length) {
    const SecretRule *rule = scope_secrets(keeper->scope, collection);
    SecretFinding ignored;
    return (rule && rule->secrets[0]) || secret_scan_shapes(line, length, &ignored);
}

Json keeper_row(Keeper *keeper, Arena *arena, const char *collection, const char *record, const Json *row) {
    const SecretRule *rule = scope_secrets(keeper->scope, collection);
    Keeping keeping = {
        .keeper = keeper, .rule = rule, .collection = collection, .type = TYPE_NONE, .named = true
    };
    keeping.any = placeholders_hold(keeper->placeholders, collection);
    place_put_name(&keeping.record, record);
    size_t known = keeper->clear_count;
    Json kept = json_map_scalars(arena, row, keep_text, &keeping);
    buf_free(&keeping.record);
    return keeper->withholds ? without_clear(arena, keeper, known, &kept) : kept;
}

/* ---- what is written after all ---- */

static bool stands_in(const Json *written, const ClearSecret *clear) {
    AUTO(Arena) arena = { 0 };
    const Json *value = field_path_get(written, field_path(&arena, clear->pointer));
    return str_equal(json_is(value, JSON_NUMBER) ? secret_number(&arena, value) : json_text(value),
                     clear->value);
}

void keeper_settle_row(Keeper *keeper, const char *collection, const char *record, const Json *written) {
    if (!keeper->clear_count)
        return;
    AUTO(Buf) name = { 0 };
    place_put_name(&name, record);
    for (size_t i = 0; i < keeper->clear_count; i++) {
        ClearSecret *clear = &keeper->clear[i];
        if (!clear->source && strcmp(clear->collection, collection) == 0 &&
            strcmp(clear->record, buf_text(&name)) == 0)
            clear->gone = !stands_in(written, clear);
    }
}

/* The record that is written with the secret in it. Without an id any of its type: grants may share a key,
 * and a placeholder may be part of one. */
static const Record *written_with(const Snapshot *written, const ClearSecret *clear) {
    const RecordList *list = &written->types[clear->type];
    const Record *found = NULL;
    for (size_t i = 0; list->items && i < list->count; i++) {
        const Record *record = &list->items[i];
        if (!stands_in(&record->json, clear))
            continue;
        if (catalog_row(clear->type)->identity == IDENTITY_ID
                ? str_equal(record->id, clear->source->id)
                : snapshot_key_compare(clear->type, &record->json, &clear->source->json) == 0)
            return record;
        if (catalog_row(clear->type)->identity != IDENTITY_ID)
            found = found ? found : record;
    }
    return found;
}

void keeper_settle(Keeper *keeper, const Snapshot *written) {
    size_t kept = 0;
    for (size_t i = 0; i < keeper->clear_count; i++) {
        ClearSecret clear = keeper->clear[i];
        if (clear.source)
            clear.gone = !(clear.source = written_with(written, &clear));
        if (!clear.gone)
            keeper->clear[kept++] = clear;
    }
    keeper->clear_count = kept;
}

void keeper_free(Keeper *keeper) {
    arena_free(&keeper->arena);
    *keeper = (Keeper){ 0 };
}
