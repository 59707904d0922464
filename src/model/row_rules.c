#include "model/row_rules.h"

#include <string.h>

#include "model/canon.h"
#include "model/field_path.h"
#include "model/ignore.h"
#include "model/overrides.h"

/* ---- names of rows ---- */

static void put_value(Buf *out, const Json *value) {
    if (json_is(value, JSON_STRING))
        buf_append(out, value->as.text, value->count);
    else
        canon_compact(out, value ? value : &JSON_NULL_VALUE);
}

typedef bool (*SameName)(const char *name, const char *wanted);

static bool equals(const char *name, const char *wanted) {
    return strcmp(name, wanted) == 0;
}

static bool has_name(const RowShape *shape, const Json *row, SameName same, const char *wanted) {
    AUTO(Buf) key = { 0 }, id = { 0 };
    for (size_t i = 0; shape->key[i]; i++) {
        if (i)
            buf_putc(&key, '/');
        put_value(&key, json_get(row, shape->key[i]));
    }
    put_value(&id, json_get(row, shape->primary_key));
    return same(buf_text(&key), wanted) || same(buf_text(&id), wanted);
}

static bool is_called(const RowShape *shape, const Json *row, const char *pattern) {
    return has_name(shape, row, str_matches, pattern);
}

static bool is_meant(const RowOverride *override, const RowShape *shape, const Json *row) {
    return !override->key || has_name(shape, row, equals, override->key);
}

/* ---- checking ---- */

static bool refuse(const RowRules *rules, const RowShape *shape, const RowOverride *override,
                   const char *field, Error *err, const char *what, const char *hint) {
    AUTO(Arena) arena = { 0 };
    const char *const steps[] = { shape->collection, override->key ? override->key : field,
                                  override->key ? field : NULL, NULL };
    error_set(err, ERR_CONFIG, "%s: %s", override_place(&arena, rules->scope, steps), what);
    return error_hint(err, "%s", hint);
}

static bool fits(const RowField *field, const char *const *steps, const Json *value) {
    if (field->kind == FIELD_JSON || field->kind == FIELD_GEOMETRY || steps[1] || !field->type)
        return true;
    if (json_is_null(value))
        return field->nullable;
    if (field->numeric)
        return json_is(value, JSON_NUMBER) || json_is(value, JSON_STRING);
    if (str_equal(field->type, "boolean"))
        return json_is(value, JSON_TRUE) || json_is(value, JSON_FALSE);
    if (str_equal(field->type, "csv"))
        return json_is(value, JSON_ARRAY);
    return json_is(value, JSON_STRING) || field->kind == FIELD_REFERENCE || field->kind == FIELD_ANY_ITEM;
}

static bool is_in_key(const RowShape *shape, const char *field) {
    bool found = strcmp(shape->primary_key, field) == 0;
    for (size_t i = 0; shape->key[i]; i++)
        found |= strcmp(shape->key[i], field) == 0;
    return found;
}

static bool check_field(const RowRules *rules, const RowShape *shape, const RowOverride *override,
                        const JsonMember *member, Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *const *steps = field_path(&arena, member->key);
    const RowField *field = row_field(shape, steps[0]);
    if (!field) {
        const char *what =
            arena_printf(&arena, "%s has no field \"%s\" that is carried", shape->collection, steps[0]);
        return refuse(
            rules, shape, override, member->key, err, what,
            "correct the field's name; secrets and what the server writes itself are never carried");
    }
    if (is_in_key(shape, steps[0]))
        return refuse(rules, shape, override, member->key, err,
                      "what identifies a row is the same in every environment", "change it in the files");
    if (fits(field, steps, &member->value))
        return true;
    const char *what =
        json_is_null(&member->value)
            ? arena_printf(&arena, "%s.%s cannot be null", shape->collection, steps[0])
            : arena_printf(&arena, "%s is no value for %s.%s, which is of type %s",
                           override_kind(&member->value), shape->collection, steps[0], field->type);
    return refuse(rules, shape, override, member->key, err, what, "give a value of the field's type");
}

static bool check_override(const RowRules *rules, const RowShape *shape, const RowOverride *override,
                           Error *err) {
    if (!json_is(override->fields, JSON_OBJECT))
        return refuse(rules, shape, override, NULL, err, "must be an object of fields",
                      "for example {\"title\": \"Prod\"}");
    for (uint32_t i = 0; i < override->fields->count; i++)
        if (!check_field(rules, shape, override, &override->fields->as.members[i], err))
            return false;
    return true;
}

/* A field whose definition is ignored is not carried in rows either. */
static const Json *rule_for_field(Arena *arena, const Scope *scope, const RowShape *shape,
                                  const char *field) {
    if (!ignore_field(scope, shape->collection, field))
        return NULL;
    JsonObjectBuilder rule = json_object_builder(arena);
    json_object_put(&rule, "field", json_string(arena, field));
    Json *kept = arena_alloc(arena, sizeof *kept);
    *kept = json_object_done(&rule);
    return kept;
}

static const Json *const *ignored_of(const Scope *scope, const RowShape *shape, Arena *arena) {
    const Json **rules = arena_array(arena, scope->ignore.count + shape->field_count + 1, sizeof *rules);
    size_t count = 0;
    for (uint32_t i = 0; i < scope->ignore.count; i++)
        if (ignore_names(&scope->ignore.as.items[i], shape->collection))
            rules[count++] = &scope->ignore.as.items[i];
    for (size_t i = 0; scope->ignore.count && i < shape->field_count; i++) {
        const Json *rule = rule_for_field(arena, scope, shape, shape->fields[i].name);
        if (rule)
            rules[count++] = rule;
    }
    return rules;
}

bool row_rules(const Scope *scope, const RowShape *shape, Arena *arena, RowRules *rules, Error *err) {
    const Json *entries = json_get(&scope->overrides, shape->collection);
    size_t count = !entries ? 0 : shape->singleton ? 1 : entries->count;
    const Json *const *ignored = ignored_of(scope, shape, arena);
    *rules = (RowRules){
        .scope = scope,
        .overrides = arena_array(arena, count + 1, sizeof *rules->overrides),
        .override_count = count,
        .ignored = ignored,
        .any = count || ignored[0],
    };
    for (size_t i = 0; i < count; i++) {
        RowOverride *override = &rules->overrides[i];
        override->key = shape->singleton ? NULL : entries->as.members[i].key;
        override->fields = shape->singleton ? entries : &entries->as.members[i].value;
        if (!check_override(rules, shape, override, err))
            return false;
    }
    return true;
}

bool row_rules_met(const RowRules *rules, const RowShape *shape, Error *err) {
    for (size_t i = 0; i < rules->override_count; i++) {
        const RowOverride *override = &rules->overrides[i];
        if (override->missed)
            return refuse(rules, shape, override, override->missed, err, "leads nowhere in the files' row",
                          "correct the path: each of its steps must be there");
        if (override->seen == 1)
            continue;
        AUTO(Arena) arena = { 0 };
        const char *what = arena_printf(&arena, "%s of %s in the files %s so",
                                        override->seen ? "more than one row" : "no row", shape->collection,
                                        override->seen ? "are called" : "is called");
        return refuse(rules, shape, override, NULL, err, what,
                      "name the row by its key or its primary key, or remove the override");
    }
    return true;
}

/* ---- applying and undoing ---- */

static void meet(RowOverride *override, const Json *row) {
    AUTO(Arena) arena = { 0 };
    override->seen++;
    for (uint32_t k = 0; k < override->fields->count; k++) {
        const char *field = override->fields->as.members[k].key;
        const char *const *steps = field_path(&arena, field);
        if (steps[1] && !field_path_get(row, steps))
            override->missed = field;
    }
}

void row_rules_meet(RowRules *rules, const RowShape *shape, const Json *row) {
    for (size_t i = 0; i < rules->override_count; i++)
        if (is_meant(&rules->overrides[i], shape, row))
            meet(&rules->overrides[i], row);
}

Json row_overridden(Arena *arena, RowRules *rules, const RowShape *shape, const Json *row) {
    Json result = *row;
    for (size_t i = 0; i < rules->override_count; i++) {
        RowOverride *override = &rules->overrides[i];
        if (!is_meant(override, shape, row))
            continue;
        meet(override, row);
        for (uint32_t k = 0; k < override->fields->count; k++) {
            const JsonMember *member = &override->fields->as.members[k];
            const char *const *steps = field_path(arena, member->key);
            if (!steps[1] || field_path_get(row, steps))
                result = field_path_with(arena, &result, steps, member->value);
        }
    }
    return result;
}

static bool same(Arena *arena, const RowShape *shape, const char *field, const Json *a, const Json *b) {
    JsonObjectBuilder left = json_object_builder(arena), right = json_object_builder(arena);
    json_object_put(&left, field, *a);
    json_object_put(&right, field, *b);
    Json before = json_object_done(&left), after = json_object_done(&right);
    return row_patch(arena, shape, &before, &after).count == 0;
}

Json row_restored(Arena *arena, RowRules *rules, const RowShape *shape, const Json *row, const Json *file) {
    Json result = *row;
    for (size_t i = 0; i < rules->override_count; i++) {
        RowOverride *override = &rules->overrides[i];
        if (!is_meant(override, shape, row))
            continue;
        for (uint32_t k = 0; k < override->fields->count; k++) {
            const JsonMember *member = &override->fields->as.members[k];
            const char *const *steps = field_path(arena, member->key);
            const Json *there = field_path_get(row, steps), *kept = field_path_get(file, steps);
            bool equal = there && (steps[1] ? json_equal(there, &member->value)
                                            : same(arena, shape, steps[0], there, &member->value));
            override->unrestored += equal && !kept;
            override->unmet += there && !equal;
            if (there && kept)
                result = field_path_with(arena, &result, steps, *kept);
        }
    }
    return result;
}

/* ---- ignored ---- */

bool row_ignored(const RowRules *rules, const RowShape *shape, const Json *row) {
    for (const Json *const *rule = rules->ignored; *rule; rule++)
        if (!json_get(*rule, "field") && is_called(shape, row, ignore_key(*rule)))
            return true;
    return false;
}

Json row_with_ignored(Arena *arena, const RowRules *rules, const RowShape *shape, const Json *row,
                      const Json *other) {
    Json result = *row;
    for (const Json *const *rule = rules->ignored; *rule; rule++) {
        if (!json_get(*rule, "field") || !is_called(shape, row, ignore_key(*rule)))
            continue;
        for (const char *const *field = ignore_fields(arena, *rule); *field; field++)
            result = field_path_adopt(arena, &result, other, field_path(arena, *field));
    }
    for (size_t i = 0; i < shape->field_count;
         i++) { /* what identifies the row stays, whatever the pattern */
        const char *name = shape->fields[i].name;
        if (is_in_key(shape, name) && json_get(row, name))
            result = json_with(arena, &result, name, *json_get(row, name));
    }
    return result;
}
