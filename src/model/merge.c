#include "model/merge.h"

#include <string.h>

/* ---- values ---- */

/* One record or row being merged. */
typedef struct {
    Arena *arena;
    MergeEntry *entry;
    bool instance;         /* see MergeSides */
    bool parts;            /* objects within it may be merged member by member */
    const RowShape *shape; /* of a row, NULL where it is not known */
} Merging;

static bool same_value(const Merging *merging, const char *key, const Json *a, const Json *b) {
    if (!a || !b)
        return json_is_null(a) && json_is_null(b);
    if (!merging->shape || json_equal(a, b))
        return json_equal(a, b);
    AUTO(Arena) arena = { 0 };
    JsonObjectBuilder before = json_object_builder(&arena), after = json_object_builder(&arena);
    json_object_put(&before, key, *a);
    json_object_put(&after, key, *b);
    Json left = json_object_done(&before), right = json_object_done(&after);
    return row_patch(&arena, merging->shape, &left, &right).count == 0;
}

static void add_conflict(Merging *merging, const char *pointer, const Json *base, const Json *ours,
                         const Json *theirs) {
    MergeEntry *entry = merging->entry;
    MergeConflict conflict = { arena_strdup(merging->arena, pointer), base, ours, theirs };
    ARENA_PUSH(merging->arena, entry->conflicts, entry->conflict_count, entry->conflict_capacity, conflict);
}

/* Where parts of a value have meanings of their own. A filter means something as a whole only. */
static bool has_parts(const char *pointer, const char *key) {
    static const char *const tops[] = { "meta", "schema", "options" };
    if (*pointer)
        return strcmp(key, "filter") != 0 && strcmp(key, "validation") != 0;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (strcmp(tops[i], key) == 0)
            return true;
    return false;
}

/* Records of the schema hold members of a version's within meta and schema, too. */
static bool holds_members(const Merging *merging, const char *pointer, const char *key) {
    return merging->instance && !merging->shape && !*pointer &&
           (str_equal(key, "meta") || str_equal(key, "schema"));
}

static Json merge_members(Merging *merging, const char *pointer, const RowSides *sides);

static const Json *merge_inner(Merging *merging, const char *pointer, const char *key,
                               const RowSides *sides) {
    AUTO(Buf) place = { 0 };
    buf_printf(&place, "%s/%s", pointer, json_pointer_step(merging->arena, key));
    Json *result = arena_alloc(merging->arena, sizeof *result);
    *result = merge_members(merging, buf_text(&place), sides);
    return result;
}

/* NULL: the member goes. */
static const Json *merge_member(Merging *merging, const char *pointer, const char *key,
                                const RowSides *values) {
    const Json *base = values->base, *ours = values->ours, *theirs = values->theirs;
    if (merging->instance && !theirs)
        theirs = base;
    if (merging->instance && !base && !ours)
        return NULL;
    if (holds_members(merging, pointer, key) && json_is(base, JSON_OBJECT) && json_is(ours, JSON_OBJECT) &&
        json_is(theirs, JSON_OBJECT))
        return merge_inner(merging, pointer, key, values);
    if (same_value(merging, key, ours, theirs))
        return ours ? ours : theirs;
    if (same_value(merging, key, ours, base))
        return theirs;
    if (same_value(merging, key, theirs, base))
        return ours;
    if (merging->parts && has_parts(pointer, key) && json_is(ours, JSON_OBJECT) &&
        json_is(theirs, JSON_OBJECT)) {
        RowSides inner = { json_is(base, JSON_OBJECT) ? base : NULL, ours, theirs };
        return merge_inner(merging, pointer, key, &inner);
    }
    AUTO(Buf) place = { 0 };
    buf_printf(&place, "%s/%s", pointer, json_pointer_step(merging->arena, key));
    add_conflict(merging, buf_text(&place), base, ours, theirs);
    return ours;
}

static const char *key_at(const Json *object, uint32_t at) {
    return object && at < object->count ? object->as.members[at].key : NULL;
}

/* Each key of any of the three once; members are sorted. */
static const char *next_key(const RowSides *sides, uint32_t at[3]) {
    const Json *objects[] = { sides->base, sides->ours, sides->theirs };
    const char *first = NULL;
    for (size_t i = 0; i < 3; i++) {
        const char *key = key_at(objects[i], at[i]);
        if (key && (!first || strcmp(key, first) < 0))
            first = key;
    }
    for (size_t i = 0; i < 3; i++)
        at[i] += first && str_equal(key_at(objects[i], at[i]), first);
    return first;
}

static Json merge_members(Merging *merging, const char *pointer, const RowSides *sides) {
    JsonObjectBuilder out = json_object_builder(merging->arena);
    uint32_t at[3] = { 0 };
    for (const char *key; (key = next_key(sides, at));) {
        RowSides values = { json_get(sides->base, key), json_get(sides->ours, key),
                            json_get(sides->theirs, key) };
        const Json *value = merge_member(merging, pointer, key, &values);
        if (value)
            json_object_put(&out, key, *value);
    }
    return json_object_done(&out);
}

/* ---- one record ---- */

/* Members that `json` lacks are no change of an instance; those it has beyond the base's are none either. */
static bool same_members(const Merging *merging, const Json *base, const Json *json, bool instance,
                         bool members) { /* of a record, not of its meta or schema */
    RowSides sides = { .base = base, .theirs = json };
    uint32_t at[3] = { 0 };
    for (const char *key; (key = next_key(&sides, at));) {
        const Json *was = json_get(base, key), *is = json_get(json, key);
        if (instance && (!was || !is))
            continue;
        bool inner = instance && members && json_is(was, JSON_OBJECT) && json_is(is, JSON_OBJECT) &&
                     holds_members(merging, "", key);
        if (inner ? !same_members(merging, was, is, true, false) : !same_value(merging, key, was, is))
            return false;
    }
    return true;
}

static bool same_record(const Merging *merging, const Json *base, const Json *json, bool instance) {
    return same_members(merging, base, json, instance, true);
}

static SideChange change_of(const Merging *merging, const Json *base, const Json *json, bool instance) {
    if (!json)
        return base ? SIDE_DELETED : SIDE_SAME;
    if (!base)
        return SIDE_CREATED;
    return same_record(merging, base, json, instance) ? SIDE_SAME : SIDE_CHANGED;
}

static const Json *merge_present(Merging *merging, const RowSides *sides) {
    /* Between files a member that is null and one that is not there mean the same, so a side that is just as
     * the base is left out. An instance writes its values in its own way: it is what they mean that counts.
     */
    bool files = !merging->instance && !merging->shape;
    if (files ? json_equal(sides->base, sides->theirs) : merging->entry->theirs == SIDE_SAME)
        return sides->ours;
    if (files && json_equal(sides->base, sides->ours))
        return sides->theirs;
    Json *result = arena_alloc(merging->arena, sizeof *result);
    *result = merge_members(merging, "", sides);
    return result;
}

/* The result, NULL when the record goes; entry->ours and theirs tell what the sides did. */
static const Json *merge_one(Merging *merging, const RowSides *sides) {
    MergeEntry *entry = merging->entry;
    entry->ours = change_of(merging, sides->base, sides->ours, false);
    entry->theirs = change_of(merging, sides->base, sides->theirs, merging->instance);
    entry->equal =
        (!sides->ours && !sides->theirs) ||
        (sides->ours && sides->theirs && same_record(merging, sides->ours, sides->theirs, merging->instance));
    if (sides->ours && sides->theirs)
        return merge_present(merging, sides);
    bool gone_there = entry->theirs == SIDE_DELETED, gone_here = entry->ours == SIDE_DELETED;
    if ((gone_there && entry->ours == SIDE_CHANGED) || (gone_here && entry->theirs == SIDE_CHANGED)) {
        add_conflict(merging, "", sides->base, sides->ours, sides->theirs);
        return sides->ours;
    }
    return gone_there || gone_here ? NULL : sides->ours ? sides->ours : sides->theirs;
}

void merge_row(Arena *arena, const RowShape *shape, const RowSides *sides, MergeEntry *entry,
               const Json **result) {
    Merging merging = { .arena = arena, .entry = entry, .shape = shape };
    *result = merge_one(&merging, sides);
}

/* ---- snapshots ---- */

typedef struct {
    const Record *items;
    size_t count;
} Group;

typedef struct {
    const MergeSides *sides;
    Merge *merge;
    TypeId type;
    const CatalogRow *row;
} Walk;

enum { BASE, OURS, THEIRS, SIDES };

static int identity_compare(const CatalogRow *row, const Record *a, const Record *b) {
    return row->identity == IDENTITY_ID ? strcmp(a->id ? a->id : "", b->id ? b->id : "")
                                        : snapshot_key_compare(row->id, &a->json, &b->json);
}

static void keep(Walk *walk, const Record *like, const Json *json) {
    Record *record = snapshot_add(&walk->merge->merged, walk->type, *json);
    record->target_id = like->target_id;
    record->origin = like->origin;
}

static MergeEntry *new_entry(Walk *walk, const Snapshot *names, const Record *record) {
    Merge *merge = walk->merge;
    MergeEntry entry = { .type = walk->type,
                         .names = snapshot_names(names, walk->type, record, &merge->arena),
                         .id = record->id };
    ARENA_PUSH(&merge->arena, merge->entries, merge->count, merge->capacity, entry);
    return &merge->entries[merge->count - 1];
}

static void count_entry(Merge *merge, const MergeEntry *entry) {
    merge->only_ours += entry->ours != SIDE_SAME && !entry->equal;
    merge->only_theirs += entry->theirs != SIDE_SAME && !entry->equal;
}

/* One record at most on each side. */
static void merge_record(Walk *walk, const Record *const records[SIDES]) {
    const MergeSides *from = walk->sides;
    MergeEntry scratch = { 0 };
    Merging merging = {
        .arena = &walk->merge->arena, .entry = &scratch, .instance = from->instance, .parts = true
    };
    RowSides sides = { records[BASE] ? &records[BASE]->json : NULL,
                       records[OURS] ? &records[OURS]->json : NULL,
                       records[THEIRS] ? &records[THEIRS]->json : NULL };
    const Record *like = records[THEIRS] ? records[THEIRS] : records[OURS] ? records[OURS] : records[BASE];
    if (!like)
        return;
    const Json *result = merge_one(&merging, &sides);
    if (result)
        keep(walk, like, result);
    if (scratch.ours == SIDE_SAME && scratch.theirs == SIDE_SAME)
        return;
    const Snapshot *names = records[THEIRS] ? from->theirs : records[OURS] ? from->ours : from->base;
    MergeEntry *entry = new_entry(walk, names, like);
    scratch.names = entry->names;
    scratch.id = entry->id;
    scratch.type = entry->type;
    *entry = scratch;
    count_entry(walk->merge, entry);
}

/* ---- bags ---- */

static size_t count_equal(const Group *group, const Json *json) {
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++)
        count += json_equal(&group->items[i].json, json);
    return count;
}

static bool same_bag(const Group *a, const Group *b) {
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (count_equal(a, &a->items[i].json) != count_equal(b, &a->items[i].json))
            return false;
    return true;
}

/* Whether `now` has everything `base` has. */
static bool only_added(const Group *base, const Group *now) {
    for (size_t i = 0; i < base->count; i++)
        if (count_equal(now, &base->items[i].json) < count_equal(base, &base->items[i].json))
            return false;
    return true;
}

static SideChange bag_change(const Group *base, const Group *now) {
    if (same_bag(base, now))
        return SIDE_SAME;
    return !base->count ? SIDE_CREATED : !now->count ? SIDE_DELETED : SIDE_CHANGED;
}

static void keep_all(Walk *walk, const Group *group) {
    for (size_t i = 0; i < group->count; i++)
        keep(walk, &group->items[i], &group->items[i].json);
}

/* Ours, and what theirs has more of than the base. */
static void keep_both(Walk *walk, const Group groups[SIDES]) {
    const Group *theirs = &groups[THEIRS];
    keep_all(walk, &groups[OURS]);
    for (size_t i = 0; i < theirs->count; i++) {
        Group before = { theirs->items, i };
        const Json *json = &theirs->items[i].json;
        size_t there = count_equal(&groups[BASE], json), here = count_equal(&groups[OURS], json);
        if (count_equal(&before, json) >= (there > here ? there : here))
            keep(walk, &theirs->items[i], json);
    }
}

/* Several records of one key: what was changed cannot be told from what was replaced, so either one side did
 * everything, or both only added. */
static void merge_bag(Walk *walk, const Group groups[SIDES]) {
    const Group *base = &groups[BASE], *ours = &groups[OURS], *theirs = &groups[THEIRS];
    SideChange here = bag_change(base, ours), there = bag_change(base, theirs);
    bool equal = same_bag(ours, theirs);
    if (here == SIDE_SAME && there == SIDE_SAME) {
        keep_all(walk, ours);
        return;
    }
    size_t named = theirs->count ? THEIRS : ours->count ? OURS : BASE;
    const Snapshot *snapshots[] = { walk->sides->base, walk->sides->ours, walk->sides->theirs };
    MergeEntry *entry = new_entry(walk, snapshots[named], &groups[named].items[0]);
    entry->ours = here;
    entry->theirs = there;
    entry->equal = equal;
    count_entry(walk->merge, entry);
    if (equal || there == SIDE_SAME) {
        keep_all(walk, ours);
    } else if (here == SIDE_SAME) {
        keep_all(walk, theirs);
    } else if (only_added(base, ours) && only_added(base, theirs)) {
        keep_both(walk, groups);
    } else {
        Merging merging = { .arena = &walk->merge->arena, .entry = entry };
        add_conflict(&merging, "", base->count ? &base->items[0].json : NULL,
                     ours->count ? &ours->items[0].json : NULL,
                     theirs->count ? &theirs->items[0].json : NULL);
        keep_all(walk, ours);
    }
}

/* ---- walking ---- */

static const Record *record_at(const RecordList *list, size_t at) {
    return list->items && at < list->count ? &list->items[at] : NULL;
}

/* Records of the first identity in any of the lists; false at their end. */
static bool next_groups(const Walk *walk, const RecordList *const lists[SIDES], size_t at[SIDES],
                        Group groups[SIDES]) {
    const Record *first = NULL, *record;
    for (size_t i = 0; i < SIDES; i++) {
        record = record_at(lists[i], at[i]);
        if (record && (!first || identity_compare(walk->row, record, first) < 0))
            first = record;
    }
    for (size_t i = 0; first && i < SIDES; i++) {
        groups[i] = (Group){ record_at(lists[i], at[i]), 0 };
        while ((record = record_at(lists[i], at[i])) && identity_compare(walk->row, record, first) == 0) {
            groups[i].count++;
            at[i]++;
        }
    }
    return first != NULL;
}

static void merge_type(Walk *walk) {
    const MergeSides *from = walk->sides;
    const RecordList *const lists[SIDES] = { &from->base->types[walk->type], &from->ours->types[walk->type],
                                             &from->theirs->types[walk->type] };
    size_t at[SIDES] = { 0 };
    Group groups[SIDES];
    while (next_groups(walk, lists, at, groups)) {
        if (groups[BASE].count > 1 || groups[OURS].count > 1 || groups[THEIRS].count > 1) {
            merge_bag(walk, groups);
            continue;
        }
        const Record *records[SIDES];
        for (size_t i = 0; i < SIDES; i++)
            records[i] = groups[i].count ? groups[i].items : NULL;
        merge_record(walk, records);
    }
}

static void take_ours(Walk *walk) {
    Group all = { walk->sides->ours->types[walk->type].items, walk->sides->ours->types[walk->type].count };
    keep_all(walk, &all);
}

/* ---- what holds between records ---- */

static bool has_record(const Snapshot *snapshot, TypeId type, const char *id) {
    return type == TYPE_COLLECTIONS ? snapshot_has_collection(snapshot, id)
                                    : snapshot_find(snapshot, type, id) != NULL;
}

/* A side has what the merge has not: it was deleted on the other one, and this record needs it. */
static bool lost(const Walk *walk, TypeId type, const char *id) {
    return id && type < TYPE_COUNT && !has_record(&walk->merge->merged, type, id) &&
           (has_record(walk->sides->ours, type, id) || has_record(walk->sides->theirs, type, id));
}

static void refuse_lost(Walk *walk, const Record *record, const char *field) {
    MergeEntry *entry = new_entry(walk, &walk->merge->merged, record);
    Merging merging = { .arena = &walk->merge->arena, .entry = entry };
    AUTO(Buf) pointer = { 0 };
    buf_printf(&pointer, "/%s", field);
    const Json *value = json_get(&record->json, field);
    entry->ours = entry->theirs = SIDE_CHANGED;
    add_conflict(&merging, buf_text(&pointer), value, value, NULL);
}

static void check_type(Walk *walk) {
    const RecordList *list = &walk->merge->merged.types[walk->type];
    const CatalogRow *row = walk->row;
    for (size_t i = 0; i < list->count; i++) {
        const Record *record = &list->items[i];
        const char *related = "related_collection";
        if (row->parent_field && lost(walk, row->parent, json_get_text(&record->json, row->parent_field)))
            refuse_lost(walk, record, row->parent_field);
        else if (walk->type == TYPE_RELATIONS &&
                 lost(walk, TYPE_COLLECTIONS, json_get_text(&record->json, related)))
            refuse_lost(walk, record, related);
        for (const Reference *reference = row->references; reference->field; reference++)
            if (!str_equal(reference->field, row->parent_field) &&
                lost(walk, reference->target, json_get_text(&record->json, reference->field)))
                refuse_lost(walk, record, reference->field);
    }
}

/* Ours of a record that is lost, NULL where ours lost it. */
static const Record *ours_of(const Walk *walk, TypeId type, const char *id) {
    const Snapshot *ours = walk->sides->ours;
    const RecordList *list = &ours->types[type];
    for (size_t i = 0; type == TYPE_COLLECTIONS && i < list->count; i++)
        if (str_equal(json_get_text(&list->items[i].json, "collection"), id))
            return &list->items[i];
    return snapshot_find(ours, type, id);
}

static bool restore(Walk *walk, TypeId type, const char *id) {
    const Record *record = lost(walk, type, id) ? ours_of(walk, type, id) : NULL;
    if (!record)
        return false;
    Walk there = { .sides = walk->sides, .merge = walk->merge, .type = type };
    keep(&there, record, &record->json);
    snapshot_sort(&walk->merge->merged);
    return true;
}

/* Brings back one record that something refers to, if ours has it. */
static bool restore_one(Walk *walk, TypeId type) {
    const CatalogRow *row = catalog_row(type);
    const RecordList *list = &walk->merge->merged.types[type];
    for (size_t i = 0; i < list->count; i++) {
        const Json *json = &list->items[i].json;
        if ((row->parent_field && restore(walk, row->parent, json_get_text(json, row->parent_field))) ||
            (type == TYPE_RELATIONS &&
             restore(walk, TYPE_COLLECTIONS, json_get_text(json, "related_collection"))))
            return true;
        for (const Reference *reference = row->references; reference->field; reference++)
            if (restore(walk, reference->target, json_get_text(json, reference->field)))
                return true;
    }
    return false;
}

/* At a conflict there is what ours has, so also what theirs deleted and the merge refers to. */
static void restore_lost(Walk *walk) {
    for (TypeId type = 0; type < TYPE_COUNT;)
        type = restore_one(walk, type) ? 0 : type + 1;
}

static bool is_selected(const MergeSides *sides, TypeId type) {
    return (!sides->sections || sides->sections[catalog_row(type)->section]) && sides->theirs->present[type];
}

void merge_snapshots(const MergeSides *sides, Merge *merge) {
    Walk walk = { .sides = sides, .merge = merge };
    Snapshot *merged = &merge->merged;
    merged->directus = sides->theirs->directus;
    merged->vendor = sides->theirs->vendor;
    merged->folder = sides->ours->folder;
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        walk.type = type;
        walk.row = catalog_row(type);
        merged->present[type] = sides->ours->present[type] || is_selected(sides, type);
        if (is_selected(sides, type))
            merge_type(&walk);
        else
            take_ours(&walk);
    }
    snapshot_sort(merged);
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        walk.type = type;
        walk.row = catalog_row(type);
        if (is_selected(sides, type))
            check_type(&walk);
    }
    for (size_t i = 0; i < merge->count; i++)
        merge->conflicts += merge->entries[i].conflict_count > 0;
    if (merge->conflicts)
        restore_lost(&walk);
}

void merge_free(Merge *merge) {
    snapshot_free(&merge->merged);
    arena_free(&merge->arena);
    *merge = (Merge){ 0 };
}

void merge_known(const Snapshot *base, const Snapshot *ours, Snapshot *known) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const RecordList *lists[] = { &ours->types[type], &base->types[type] };
        for (size_t i = 0; i < lists[0]->count; i++)
            snapshot_add(known, type, lists[0]->items[i].json);
        for (size_t i = 0, j = 0; catalog_row(type)->identity == IDENTITY_ID && i < lists[1]->count; i++) {
            const Record *record = &lists[1]->items[i];
            while (j < lists[0]->count && strcmp(lists[0]->items[j].id, record->id) < 0)
                j++;
            if (j == lists[0]->count || strcmp(lists[0]->items[j].id, record->id) != 0)
                snapshot_add(known, type, record->json);
        }
        known->present[type] = ours->present[type];
    }
    snapshot_sort(known);
}

const char *side_change_name(SideChange change) {
    static const char *const names[] = { "same", "created", "changed", "deleted" };
    return names[change];
}
