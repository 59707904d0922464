#include "model/row_change.h"

#include <string.h>

#include "model/conceal.h"
#include "model/secrets.h"
#include "model/show.h"

/* ---- the key ---- */

static bool has_fields(const Json *row, const char *const *fields) {
    for (; *fields; fields++)
        if (!json_get(row, *fields))
            return false;
    return true;
}

static void put_key_part(Buf *out, Arena *arena, const Json *row, const char *field) {
    enum { LONGEST = 40 };
    const Json *value = json_get(row, field);
    Json shown = conceal(arena, field, row, value ? value : &JSON_NULL_VALUE);
    if (json_text(&shown) && shown.count <= LONGEST)
        show_name(out, json_text(&shown));
    else
        show_value(out, &shown, LONGEST);
}

/* By the rule's key where the row has it, else by the primary key; a singleton goes by its collection. */
static void take_key(Arena *arena, const RowShape *shape, const Json *row, RowChange *change) {
    const char *const primary[] = { shape->primary_key, NULL };
    const char *const *fields = shape->natural && has_fields(row, shape->key) ? shape->key : primary;
    JsonObjectBuilder key = json_object_builder(arena);
    AUTO(Buf) label = { 0 };
    for (size_t i = 0; fields[i] && !shape->singleton; i++) {
        const Json *value = json_get(row, fields[i]);
        if (value)
            json_object_put(&key, fields[i], json_copy(arena, value));
        buf_puts(&label, i ? " " : "");
        put_key_part(&label, arena, row, fields[i]);
    }
    if (shape->singleton)
        show_name(&label, shape->collection);
    change->key = json_object_done(&key);
    change->label = arena_strdup(arena, buf_text(&label));
}

/* ---- what people call a row ---- */

bool row_is_word(const Json *value) {
    enum { LONGEST = 60 };
    const char *text = json_text(value);
    return text && value->count > 0 && value->count <= LONGEST && !strchr(text, '\n') &&
           !str_is_uuid(text, value->count) && !(text[0] >= '0' && text[0] <= '9');
}

const JsonMember *row_called(const Json *row) {
    static const char *const names[] = { "title", "name", "label", "headline", "subject" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (uint32_t m = 0; m < row->count; m++)
            if (strcmp(row->as.members[m].key, names[i]) == 0 && row_is_word(&row->as.members[m].value))
                return &row->as.members[m];
    return NULL;
}

/* An id says little to people; a title that changes is shown anyway, one of the key too. */
static Json called(Arena *arena, const Json *row, const Json *patch, const Json *key) {
    JsonObjectBuilder out = json_object_builder(arena);
    const JsonMember *member = row_called(row);
    if (member && !json_get(patch, member->key) && !json_get(key, member->key))
        json_object_put(&out, member->key, json_copy(arena, &member->value));
    return json_object_done(&out);
}

/* ---- what is kept ---- */

static void keep(Plan *plan, RowChanges *kept, const RowShape *shape, const Scope *scope, const Json *before,
                 const Json *after) {
    AUTO(Arena) scratch = { 0 };
    const char *record = row_label(&scratch, shape->key, before ? before : after);
    Json old = json_null(), new = json_null();
    RowChange change = { 0 };
    if (before)
        old = secrets_conceal_row(&scratch, scope, shape->collection, record, before, after, false);
    if (after)
        new = secrets_conceal_row(&scratch, scope, shape->collection, record, after, NULL, true);
    take_key(&plan->arena, shape, before ? &old : &new, &change);
    if (before && after) {
        change.called = called(&plan->arena, &old, &new, &change.key);
        old = row_former(&scratch, shape, &old, &new);
    }
    change.before = json_copy(&plan->arena, &old);
    change.after = json_copy(&plan->arena, &new);
    ARENA_PUSH(&plan->arena, kept->items, kept->count, kept->capacity, change);
}

void row_change(Plan *plan, RowPlan *rows, const RowShape *shape, const Scope *scope, ChangeKind kind,
                const Json *before, const Json *after) {
    uint64_t *const counts[] = { &rows->created, &rows->updated, &rows->deleted };
    ++*counts[kind];
    if (rows->changes[kind].count < plan->rows_shown)
        keep(plan, &rows->changes[kind], shape, scope, before, after);
}
