/* A plan as programs read it: schema/plan.schema.json describes the document. */
#include "model/conceal.h"
#include "model/plan_view.h"

static const char *const actions[] = {
    [CHANGE_CREATE] = "create", [CHANGE_UPDATE] = "update", [CHANGE_DELETE] = "delete"
};

static void put_text(JsonObjectBuilder *out, const char *key, const char *text) {
    json_object_put(out, key, json_string(out->arena, text));
}

static void put_count(JsonObjectBuilder *out, const char *key, uint64_t count) {
    json_object_put(out, key, json_number((double)count));
}

/* ---- one change ---- */

/* Each member that is written, whole. `owner`: the object its new values stand in. */
static Json fields_json(Arena *arena, const Json *before, const Json *patch, const Json *owner) {
    JsonObjectBuilder fields = json_object_builder(arena);
    for (uint32_t i = 0; i < patch->count; i++) {
        const JsonMember *member = &patch->as.members[i];
        const Json *old = json_get(before, member->key);
        JsonObjectBuilder values = json_object_builder(arena);
        json_object_put(
            &values, "from",
            conceal_former(arena, member->key, before, old ? old : &JSON_NULL_VALUE, &member->value));
        json_object_put(&values, "to", conceal(arena, member->key, owner, &member->value));
        json_object_put(&fields, member->key, json_object_done(&values));
    }
    return json_object_done(&fields);
}

/* Only what differs within them. */
static Json differences_json(Arena *arena, const ValueEdits *edits) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < edits->count; i++) {
        JsonObjectBuilder one = json_object_builder(arena);
        put_text(&one, "path", edits->items[i].pointer);
        if (edits->items[i].before)
            json_object_put(&one, "from", *edits->items[i].before);
        if (edits->items[i].after)
            json_object_put(&one, "to", *edits->items[i].after);
        json_array_add(&list, json_object_done(&one));
    }
    return json_array_done(&list);
}

static Json parent_json(Arena *arena, const Change *change) {
    JsonObjectBuilder parent = json_object_builder(arena);
    TypeId type = catalog_is_schema(change->type) ? TYPE_COLLECTIONS : catalog_row(change->type)->parent;
    put_text(&parent, "type", catalog_row(type)->name);
    put_text(&parent, "label", change->parent);
    put_text(&parent, "id", change->parent_id);
    return json_object_done(&parent);
}

static Json along_json(Arena *arena, const AlongCount *along) {
    JsonObjectBuilder counts = json_object_builder(arena);
    for (; along->count; along++)
        put_count(&counts, catalog_row(along->type)->name, along->count);
    return json_object_done(&counts);
}

static Json names_json(Arena *arena, const Change *change) {
    JsonObjectBuilder names = json_object_builder(arena);
    for (size_t i = 0; i < change->name_count; i++)
        put_text(&names, change->names[i].id, change->names[i].name);
    return json_object_done(&names);
}

static Json losses_json(Arena *arena, const Plan *plan, const Change *change) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (size_t i = 0; i < plan->loss_count; i++) {
        if (plan->losses[i].change != change - plan->changes)
            continue;
        JsonObjectBuilder one = json_object_builder(arena);
        put_count(&one, "count", plan->losses[i].count);
        put_text(&one, "text", plan->losses[i].text);
        json_array_add(&list, json_object_done(&one));
    }
    return json_array_done(&list);
}

static Json change_json(Arena *arena, const Plan *plan, const Change *change) {
    const Json *record = change->kind == CHANGE_CREATE   ? change->after
                         : change->kind == CHANGE_DELETE ? change->before
                                                         : NULL;
    ValueEdits edits = { 0 };
    JsonObjectBuilder out = json_object_builder(arena);
    put_text(&out, "action", actions[change->kind]);
    put_text(&out, "type", catalog_row(change->type)->name);
    put_text(&out, "label", change->label);
    put_text(&out, "id", change->id);
    if (change->parent)
        json_object_put(&out, "parent", parent_json(arena, change));
    if (record)
        json_object_put(&out, "record", conceal(arena, NULL, NULL, record));
    plan_view_edits(arena, change, &edits);
    if (change->patch)
        json_object_put(&out, "fields", fields_json(arena, change->before, change->patch, change->after));
    if (change->patch)
        json_object_put(&out, "differences", differences_json(arena, &edits));
    if (change->name_count)
        json_object_put(&out, "names", names_json(arena, change));
    if (change->along)
        json_object_put(&out, "along", along_json(arena, change->along));
    Json losses = losses_json(arena, plan, change);
    if (losses.count)
        json_object_put(&out, "losses", losses);
    return json_object_done(&out);
}

/* ---- rows ---- */

static Json row_json(Arena *arena, ChangeKind kind, const RowChange *row) {
    const Json *record = kind == CHANGE_CREATE ? &row->after : &row->before;
    ValueEdits edits = { 0 };
    JsonObjectBuilder out = json_object_builder(arena);
    put_text(&out, "action", actions[kind]);
    put_text(&out, "label", row->label);
    json_object_put(&out, "key", conceal(arena, NULL, NULL, &row->key));
    if (kind != CHANGE_UPDATE) {
        json_object_put(&out, "record", conceal(arena, NULL, NULL, record));
        return json_object_done(&out);
    }
    plan_view_row_edits(arena, row, &edits);
    if (row->called.count)
        json_object_put(&out, "called", conceal(arena, NULL, NULL, &row->called));
    json_object_put(&out, "fields", fields_json(arena, &row->before, &row->after, &row->after));
    json_object_put(&out, "differences", differences_json(arena, &edits));
    return json_object_done(&out);
}

static Json row_changes_json(Arena *arena, const RowPlan *rows) {
    JsonArrayBuilder list = json_array_builder(arena);
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++)
        for (size_t i = 0; i < rows->changes[kind].count; i++)
            json_array_add(&list, row_json(arena, kind, &rows->changes[kind].items[i]));
    return json_array_done(&list);
}

static Json rows_json(Arena *arena, const RowPlan *rows) {
    JsonObjectBuilder out = json_object_builder(arena);
    put_text(&out, "collection", rows->collection);
    put_count(&out, "create", rows->created);
    put_count(&out, "update", rows->updated);
    put_count(&out, "delete", rows->deleted);
    put_count(&out, "unchanged", rows->unchanged);
    put_count(&out, "kept", rows->kept);
    Json changes = row_changes_json(arena, rows);
    if (changes.count)
        json_object_put(&out, "changes", changes);
    return json_object_done(&out);
}

/* ---- the rest ---- */

static Json adoption_json(Arena *arena, const PlanAdoption *adoption) {
    JsonObjectBuilder out = json_object_builder(arena);
    put_text(&out, "type", catalog_row(adoption->type)->name);
    put_text(&out, "label", adoption->label);
    put_text(&out, "id", adoption->id);
    put_text(&out, "target_id", adoption->target_id);
    put_text(&out, "matched_by", adoption->matched_by);
    return json_object_done(&out);
}

static Json rename_json(Arena *arena, const Rename *rename) {
    JsonObjectBuilder out = json_object_builder(arena);
    put_text(&out, "collection", rename->collection);
    if (rename->field)
        put_text(&out, "field", rename->field);
    put_text(&out, "to", rename->to);
    return json_object_done(&out);
}

static Json counts_json(Arena *arena, const Plan *plan) {
    JsonObjectBuilder records = json_object_builder(arena), rows = json_object_builder(arena);
    for (ChangeKind kind = CHANGE_CREATE; kind <= CHANGE_DELETE; kind++) {
        put_count(&records, actions[kind], plan_count(plan, kind));
        put_count(&rows, actions[kind], plan_count_rows(plan, kind));
    }
    json_object_put(&records, "rows", json_object_done(&rows));
    return json_object_done(&records);
}

Json plan_json(Arena *arena, const Plan *plan) {
    JsonArrayBuilder changes = json_array_builder(arena), rows = json_array_builder(arena);
    JsonArrayBuilder notes = json_array_builder(arena), losses = json_array_builder(arena);
    JsonArrayBuilder adopted = json_array_builder(arena), renames = json_array_builder(arena);
    for (size_t i = 0; i < plan->renames.count; i++)
        json_array_add(&renames, rename_json(arena, &plan->renames.items[i]));
    for (size_t i = 0; i < plan->change_count; i++)
        json_array_add(&changes, change_json(arena, plan, &plan->changes[i]));
    for (size_t i = 0; i < plan->row_count; i++)
        json_array_add(&rows, rows_json(arena, &plan->rows[i]));
    for (size_t i = 0; i < plan->adoption_count; i++)
        json_array_add(&adopted, adoption_json(arena, &plan->adoptions[i]));
    for (size_t i = 0; i < plan->note_count; i++)
        json_array_add(&notes, json_string(arena, plan->notes[i].text));
    for (size_t i = 0; i < plan->loss_count; i++)
        json_array_add(&losses, json_string(arena, plan->losses[i].text));
    JsonObjectBuilder document = json_object_builder(arena);
    if (plan->renames.count)
        json_object_put(&document, "renames", json_array_done(&renames));
    json_object_put(&document, "changes", json_array_done(&changes));
    json_object_put(&document, "rows", json_array_done(&rows));
    json_object_put(&document, "adopted", json_array_done(&adopted));
    json_object_put(&document, "notes", json_array_done(&notes));
    json_object_put(&document, "losses", json_array_done(&losses));
    json_object_put(&document, "counts", counts_json(arena, plan));
    return json_object_done(&document);
}
