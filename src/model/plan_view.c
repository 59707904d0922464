#include "model/plan_view.h"

#include <stdlib.h>
#include <string.h>

#include "model/conceal.h"
#include "model/show.h"

/* ---- words ---- */

TypeId plan_view_top(TypeId type) {
    TypeId parent = catalog_row(type)->parent;
    return parent == TYPE_NONE ? type : parent;
}

const char *plan_view_verb(const Plan *plan, ChangeKind kind) {
    static const char *const wanted[] = { "to create", "to update", "to delete" };
    static const char *const happened[] = { "created", "updated", "deleted" };
    return plan->states ? happened[kind] : wanted[kind];
}

/* A grant is a pair of policy and role: seen from one of them it is the other. */
static const char *word(TypeId type, TypeId of, size_t count) {
    const CatalogRow *row = catalog_row(type);
    if (type == TYPE_ACCESS)
        row = catalog_row(of == TYPE_ROLES ? TYPE_POLICIES : TYPE_ROLES);
    return count == 1 ? row->singular : row->name;
}

void plan_view_along(TypeId of, const AlongCount *along, Buf *out) {
    for (size_t i = 0; along && along[i].count; i++)
        buf_printf(out, "%s%zu %s", i ? ", " : "", along[i].count, word(along[i].type, of, along[i].count));
}

void plan_view_own_name(const Change *change, Buf *out) {
    const CatalogRow *row = catalog_row(change->type);
    const char *name = change->name ? change->name : change->label;
    if (row->identity == IDENTITY_BAG && change->type != TYPE_ACCESS)
        show_text(out, name, strlen(name));
    else if (row->parent == TYPE_NONE || change->type == TYPE_ACCESS)
        show_quoted(out, name);
    else
        show_name(out, name);
}

void plan_view_head(const Change *change, Buf *out) {
    const CatalogRow *row = catalog_row(change->type);
    if (catalog_is_schema(change->type)) {
        buf_printf(out, "%s ", row->singular);
        show_name(out, change->parent ? change->parent : change->label);
        if (change->parent)
            buf_putc(out, '.');
        if (change->parent)
            show_name(out, change->name);
        return;
    }
    if (change->parent) {
        buf_printf(out, "%s ", catalog_row(row->parent)->singular);
        show_quoted(out, change->parent);
        buf_puts(out, " › ");
    }
    buf_puts(out, word(change->type, row->parent, 1));
    if (row->singleton)
        return;
    buf_putc(out, ' ');
    plan_view_own_name(change, out);
}

void plan_view_heads(const Change *change, size_t count, Buf *out) {
    TypeId parent = catalog_row(change->type)->parent;
    buf_printf(out, "%zu %s in ", count, word(change->type, parent, count));
    if (catalog_is_schema(change->type)) {
        show_name(out, change->parent);
        return;
    }
    buf_printf(out, "%s ", catalog_row(parent)->singular);
    show_quoted(out, change->parent);
}

/* ---- values ---- */

static const Json *kept(Arena *arena, Json value) {
    Json *copy = arena_alloc(arena, sizeof *copy);
    *copy = value;
    return copy;
}

/* `whole`: the member's new value, which an element that goes was in. */
static void conceal_edit(Arena *arena, ValueEdit *edit, const Json *whole) {
    const Json *after = edit->after ? edit->after : whole;
    if (edit->before)
        edit->before = kept(arena, conceal_former(arena, edit->key, edit->owner, edit->before, after));
    if (edit->after)
        edit->after = kept(arena, conceal(arena, edit->key, edit->owner, edit->after));
}

/* "meta.note" of the schema is a path already; a member's name may hold dots. */
static const char *pointer_of(Arena *arena, bool is_path, const char *member) {
    if (!is_path)
        return arena_printf(arena, "/%s", json_pointer_step(arena, member));
    char *pointer = arena_printf(arena, "/%s", member);
    for (char *at = strchr(pointer, '.'); at; at = strchr(at, '.'))
        *at = '/';
    return pointer;
}

/* What differs was concealed before it came here: that it differs is said all the same. */
static void put_concealed(Arena *arena, const char *pointer, const char *path, const char *key,
                          ValueEdits *edits) {
    const Json *text = kept(arena, json_string(arena, CONCEALED));
    ValueEdit edit = { pointer, path, key, text, text, NULL };
    ARENA_PUSH(arena, edits->items, edits->count, edits->capacity, edit);
}

static void member_edits(Arena *arena, bool is_path, const Json *before, const JsonMember *member,
                         ValueEdits *edits) {
    AUTO(Buf) shown = { 0 };
    size_t first = edits->count;
    show_text(&shown, member->key, strlen(member->key));
    const char *path = arena_strdup(arena, buf_text(&shown));
    const char *pointer = pointer_of(arena, is_path, member->key);
    value_diff(arena, pointer, path, member->key, before ? before : &JSON_NULL_VALUE, &member->value, edits);
    if (edits->count == first)
        put_concealed(arena, pointer, path, member->key, edits);
    for (size_t e = first; e < edits->count; e++)
        conceal_edit(arena, &edits->items[e], &member->value);
}

void plan_view_edits(Arena *arena, const Change *change, ValueEdits *edits) {
    for (uint32_t i = 0; change->patch && i < change->patch->count; i++) {
        const JsonMember *member = &change->patch->as.members[i];
        member_edits(arena, catalog_is_schema(change->type), json_get(change->before, member->key), member,
                     edits);
    }
}

void plan_view_row_edits(Arena *arena, const RowChange *row, ValueEdits *edits) {
    for (uint32_t i = 0; i < row->after.count; i++) {
        const JsonMember *member = &row->after.as.members[i];
        member_edits(arena, false, json_get(&row->before, member->key), member, edits);
    }
}

/* ---- grouping ---- */

typedef struct {
    const Change *change;
    TypeId top;
    const char *id; /* of the record at the top */
    bool part;
} Item;

static Item item_of(const Change *change) {
    bool part = change->parent_id != NULL;
    const char *own = change->id ? change->id : change->label;
    return (Item){ change, plan_view_top(change->type), part ? change->parent_id : own, part };
}

/* Records without an identity of their own share no group: two may be called the same. */
static bool same_group(const Item *a, const Item *b) {
    bool alone = catalog_row(a->top)->identity == IDENTITY_BAG;
    return a->top == b->top && !alone && strcmp(a->id, b->id) == 0;
}

static int item_compare(const void *left, const void *right) {
    const Item *a = left, *b = right;
    if (a->top != b->top)
        return a->top < b->top ? -1 : 1;
    int order = strcmp(a->id, b->id);
    if (order == 0 && a->part != b->part)
        order = a->part ? 1 : -1;
    if (order == 0 && a->change->type != b->change->type)
        order = a->change->type < b->change->type ? -1 : 1;
    if (order == 0)
        order = strcmp(a->change->label, b->change->label);
    return order ? order : (a->change > b->change) - (a->change < b->change);
}

static void count_part(ViewGroup *group, TypeId type) {
    AlongCount *at = group->along;
    while (at->count && at->type != type)
        at++;
    at->type = type;
    at->count++;
}

static void take_part(ViewGroup *group, const Change *change) {
    if (group->own && group->own->kind != CHANGE_UPDATE && group->own->kind == change->kind)
        count_part(group, change->type);
    else
        group->parts[group->part_count++] = change;
}

/* The items [from, to) are one group's. */
static ViewGroup group_of(Arena *arena, const Item *items, size_t from, size_t to) {
    const Change *first = items[from].change;
    ViewGroup group = { .label = items[from].part ? first->parent : first->label,
                        .id = items[from].id,
                        .own = items[from].part ? NULL : first };
    group.parts = arena_array(arena, to - from + 1, sizeof *group.parts);
    for (size_t i = from; i < to; i++)
        if (items[i].change != group.own)
            take_part(&group, items[i].change);
    for (size_t i = 0; group.own && group.own->along && group.own->along[i].count; i++)
        group.along[i] = group.own->along[i];
    return group;
}

static int group_compare(const void *left, const void *right) {
    const ViewGroup *a = left, *b = right;
    int order = strcmp(a->label, b->label);
    return order ? order : strcmp(a->id, b->id);
}

static void group_changes(Arena *arena, const Plan *plan, ViewSection *by_type) {
    Item *items = arena_array(arena, plan->change_count + 1, sizeof *items);
    for (size_t i = 0; i < plan->change_count; i++)
        items[i] = item_of(&plan->changes[i]);
    qsort(items, plan->change_count, sizeof *items, item_compare);
    for (size_t from = 0, to; from < plan->change_count; from = to) {
        ViewSection *section = &by_type[items[from].top];
        for (to = from; to < plan->change_count && (to == from || same_group(&items[from], &items[to])); to++)
            section->counts[items[to].change->kind]++;
        ARENA_PUSH(arena, section->groups, section->group_count, section->group_capacity,
                   group_of(arena, items, from, to));
    }
}

static bool is_empty(const ViewSection *section) {
    return !section->group_count && !section->adoption_count && !section->note_count;
}

static const char *title_of(Arena *arena, TypeId type) {
    char *title = arena_strdup(arena, type == TYPE_NONE ? "notes" : catalog_row(type)->name);
    for (char *at = strchr(title, '_'); at; at = strchr(at, '_'))
        *at = ' ';
    return title;
}

void plan_view(Arena *arena, const Plan *plan, PlanView *view) {
    ViewSection *by_type = arena_array(arena, TYPE_COUNT + 1, sizeof *by_type);
    *view = (PlanView){ 0 };
    group_changes(arena, plan, by_type);
    for (size_t i = 0; i < plan->adoption_count; i++) {
        ViewSection *section = &by_type[plan_view_top(plan->adoptions[i].type)];
        ARENA_PUSH(arena, section->adoptions, section->adoption_count, section->adoption_capacity,
                   &plan->adoptions[i]);
    }
    for (size_t i = 0; i < plan->note_count; i++) {
        TypeId type = plan->notes[i].type;
        ViewSection *section = &by_type[type < TYPE_COUNT ? plan_view_top(type) : TYPE_COUNT];
        ARENA_PUSH(arena, section->notes, section->note_count, section->note_capacity, &plan->notes[i]);
    }
    for (TypeId type = 0; type <= TYPE_COUNT; type++) {
        if (is_empty(&by_type[type]))
            continue;
        ViewSection *section = &view->sections[view->count++];
        *section = by_type[type];
        section->type = type < TYPE_COUNT ? type : TYPE_NONE;
        section->title = title_of(arena, section->type);
        if (section->group_count)
            qsort(section->groups, section->group_count, sizeof *section->groups, group_compare);
    }
}
