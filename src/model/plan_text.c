/* A plan as people and as programs read it. */
#include <inttypes.h>
#include <string.h>

#include "model/canon.h"
#include "model/plan.h"

typedef struct {
    const char *on, *off;
} Paint;

static Paint paint(bool color, const char *on) {
    return color ? (Paint){ on, "\033[0m" } : (Paint){ "", "" };
}

static const char *const signs[] = { [CHANGE_CREATE] = "+", [CHANGE_UPDATE] = "~", [CHANGE_DELETE] = "-" };
static const char *const tints[] = {
    [CHANGE_CREATE] = "\033[32m", [CHANGE_UPDATE] = "\033[33m", [CHANGE_DELETE] = "\033[31m"
};
static const char *const verbs[] = {
    [CHANGE_CREATE] = "create", [CHANGE_UPDATE] = "update", [CHANGE_DELETE] = "delete"
};

static const Json *record_of(const Change *change) {
    return change->kind == CHANGE_DELETE ? change->before : change->after;
}

/* How many changes of a kind belong to the collection a change creates or deletes. */
static size_t belonging(const Plan *plan, const Change *collection, TypeId type) {
    const char *name = json_get_text(record_of(collection), "collection");
    size_t count = 0;
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *change = &plan->changes[i];
        count += change->type == type && change->kind == collection->kind &&
                 str_equal(json_get_text(record_of(change), "collection"), name);
    }
    return count;
}

/* Fields and relations of a collection that itself comes or goes stand in its line. */
static bool rolled_up(const Plan *plan, const Change *change) {
    if ((change->type != TYPE_FIELDS && change->type != TYPE_RELATIONS) || change->kind == CHANGE_UPDATE)
        return false;
    const char *name = json_get_text(record_of(change), "collection");
    for (size_t i = 0; i < plan->change_count; i++) {
        const Change *other = &plan->changes[i];
        if (other->type == TYPE_COLLECTIONS && other->kind == change->kind &&
            str_equal(json_get_text(record_of(other), "collection"), name))
            return true;
    }
    return false;
}

static void print_change(const Plan *plan, const Change *change, bool color, Buf *out) {
    Paint tint = paint(color, tints[change->kind]);
    buf_printf(out, "%s%s %s %s%s", tint.on, signs[change->kind], catalog_row(change->type)->singular,
               change->label, tint.off);
    if (change->type == TYPE_COLLECTIONS && change->kind != CHANGE_UPDATE) {
        size_t fields = belonging(plan, change, TYPE_FIELDS),
               relations = belonging(plan, change, TYPE_RELATIONS);
        if (fields)
            buf_printf(out, " (%zu field%s, %zu relation%s)", fields, fields == 1 ? "" : "s", relations,
                       relations == 1 ? "" : "s");
    }
    for (uint32_t i = 0; change->patch && i < change->patch->count; i++)
        buf_printf(out, "%s%s", i ? ", " : ": ", change->patch->as.members[i].key);
    buf_putc(out, '\n');
}

static void print_rows(const RowPlan *rows, bool color, Buf *out) {
    if (!rows->created && !rows->updated && !rows->deleted)
        return;
    Paint tint = paint(color, tints[rows->deleted   ? CHANGE_DELETE
                                    : rows->created ? CHANGE_CREATE
                                                    : CHANGE_UPDATE]);
    buf_printf(out, "%s%s rows of %s%s: +%" PRIu64 " ~%" PRIu64 " -%" PRIu64 " (%" PRIu64 " unchanged",
               tint.on,
               rows->deleted   ? "-"
               : rows->created ? "+"
                               : "~",
               rows->collection, tint.off, rows->created, rows->updated, rows->deleted, rows->unchanged);
    if (rows->kept)
        buf_printf(out, ", %" PRIu64 " only on the target left alone", rows->kept);
    buf_puts(out, ")\n");
}

void plan_print(const Plan *plan, bool color, Buf *out) {
    for (size_t i = 0; i < plan->change_count; i++)
        if (!rolled_up(plan, &plan->changes[i]))
            print_change(plan, &plan->changes[i], color, out);
    for (size_t i = 0; i < plan->row_count; i++)
        print_rows(&plan->rows[i], color, out);
    for (size_t i = 0; i < plan->note_count; i++)
        buf_printf(out, "= %s\n", plan->notes[i].text);
    for (size_t i = 0; i < plan->loss_count; i++)
        buf_printf(out, "! %s\n", plan->losses[i].text);
    if (plan_is_empty(plan))
        buf_puts(out, "nothing to do\n");
    else
        buf_printf(out, "%zu to create, %zu to update, %zu to delete\n", plan_count(plan, CHANGE_CREATE),
                   plan_count(plan, CHANGE_UPDATE), plan_count(plan, CHANGE_DELETE));
}

static Json change_json(Arena *arena, const Change *change) {
    JsonObjectBuilder out = json_object_builder(arena);
    json_object_put(&out, "action", json_string(arena, verbs[change->kind]));
    json_object_put(&out, "type", json_string(arena, catalog_row(change->type)->name));
    json_object_put(&out, "label", json_string(arena, change->label));
    json_object_put(&out, "id", json_string(arena, change->id));
    if (change->patch) {
        JsonObjectBuilder fields = json_object_builder(arena);
        for (uint32_t i = 0; i < change->patch->count; i++) {
            const JsonMember *member = &change->patch->as.members[i];
            const Json *before = json_get(change->before, member->key);
            JsonObjectBuilder values = json_object_builder(arena);
            json_object_put(&values, "from", before ? *before : json_null());
            json_object_put(&values, "to", member->value);
            json_object_put(&fields, member->key, json_object_done(&values));
        }
        json_object_put(&out, "fields", json_object_done(&fields));
    }
    return json_object_done(&out);
}

static Json rows_json(Arena *arena, const RowPlan *rows) {
    JsonObjectBuilder out = json_object_builder(arena);
    json_object_put(&out, "collection", json_string(arena, rows->collection));
    json_object_put(&out, "create", json_number((double)rows->created));
    json_object_put(&out, "update", json_number((double)rows->updated));
    json_object_put(&out, "delete", json_number((double)rows->deleted));
    json_object_put(&out, "unchanged", json_number((double)rows->unchanged));
    json_object_put(&out, "kept", json_number((double)rows->kept));
    return json_object_done(&out);
}

void plan_json(const Plan *plan, Buf *out) {
    AUTO(Arena) arena = { 0 };
    JsonArrayBuilder changes = json_array_builder(&arena), rows = json_array_builder(&arena);
    JsonArrayBuilder notes = json_array_builder(&arena), losses = json_array_builder(&arena);
    for (size_t i = 0; i < plan->change_count; i++)
        json_array_add(&changes, change_json(&arena, &plan->changes[i]));
    for (size_t i = 0; i < plan->row_count; i++)
        json_array_add(&rows, rows_json(&arena, &plan->rows[i]));
    for (size_t i = 0; i < plan->note_count; i++)
        json_array_add(&notes, json_string(&arena, plan->notes[i].text));
    for (size_t i = 0; i < plan->loss_count; i++)
        json_array_add(&losses, json_string(&arena, plan->losses[i].text));
    JsonObjectBuilder document = json_object_builder(&arena);
    json_object_put(&document, "changes", json_array_done(&changes));
    json_object_put(&document, "rows", json_array_done(&rows));
    json_object_put(&document, "notes", json_array_done(&notes));
    json_object_put(&document, "losses", json_array_done(&losses));
    Json value = json_object_done(&document);
    canon_pretty(out, &value);
}
