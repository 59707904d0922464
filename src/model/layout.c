#include "model/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/canon.h"
#include "model/slug.h"

/* ---- paths ---- */

/* What follows `folder` in `path` when it is one file name with this ending, else NULL. */
static const char *name_in(const char *path, const char *folder, const char *ending) {
    if (!str_starts(path, folder))
        return NULL;
    const char *name = path + strlen(folder);
    bool plain =
        name[0] != '.' && !strchr(name, '/') && strlen(name) > strlen(ending) && str_ends(name, ending);
    return plain ? name : NULL;
}

static bool is_data(const char *path) {
    if (!str_starts(path, "data/"))
        return false;
    const char *rest = path + strlen("data/");
    const char *slash = strchr(rest, '/');
    if (!slash)
        return name_in(rest, "", ".json") != NULL;
    return slash > rest && rest[0] != '.' && name_in(slash + 1, "", ".json") != NULL;
}

static bool is_sql(const char *path) {
    return name_in(path, "sql/pre/", ".sql") || name_in(path, "sql/post/", ".sql") ||
           name_in(path, "sql/down/", ".sql");
}

static bool is_asset(const char *path) {
    enum { UUID_LENGTH = 36 };
    if (!str_starts(path, "assets/"))
        return false;
    const char *id = path + strlen("assets/");
    const char *slash = strchr(id, '/');
    return slash && slash - id == UUID_LENGTH && str_is_uuid(id, UUID_LENGTH) && name_in(slash + 1, "", "");
}

PathInfo layout_path(const char *path) {
    PathInfo info = { .kind = PATH_FOREIGN, .type = TYPE_NONE, .section = SECTION_COUNT };
    if (strcmp(path, "info.json") == 0)
        info.kind = PATH_INFO;
    else if (strcmp(path, "removed.jsonl") == 0)
        info.kind = PATH_REMOVED;
    else if (strcmp(path, ".incomplete") == 0 || strcmp(path, ".unrecorded") == 0)
        info.kind = PATH_MARK;
    else if (is_data(path))
        info.kind = PATH_DATA;
    else if (is_sql(path))
        info.kind = PATH_SQL;
    else if (is_asset(path))
        info.kind = PATH_ASSET;
    for (TypeId type = 0; info.kind == PATH_FOREIGN && type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (!row->file)
            continue;
        bool folder = str_ends(row->file, "/");
        if (folder ? name_in(path, row->file, ".json") != NULL : strcmp(path, row->file) == 0)
            info = (PathInfo){ .kind = PATH_RECORDS, .type = type, .section = row->section };
    }
    return info;
}

/* ---- writing ---- */

/* What nested records name as their parent: its id, or the name where that is the identity (collections). */
static const char *identity_text(const CatalogRow *row, const Record *record) {
    return row->identity == IDENTITY_ID ? record->id : json_get_text(&record->json, row->key[0]);
}

typedef struct {
    const char *parent;
    const Record *record;
} Child;

/* The nested records of one type, by parent; in canonical order within a parent. */
typedef struct {
    TypeId type;
    Child *items;
    size_t count;
} Children;

/* Records stand in one array, so that their addresses tell their order: the sort is stable. */
static int child_compare(const void *left, const void *right) {
    const Child *a = left, *b = right;
    int order = strcmp(a->parent, b->parent);
    return order ? order : (a->record > b->record) - (a->record < b->record);
}

typedef struct {
    const Snapshot *snapshot;
    const CatalogRow *row; /* of the type with files of its own */
    Children children[TYPE_COUNT];
    size_t child_count;
    Arena arena;
} Writing;

static bool gather_children(Writing *writing, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (row->parent != writing->row->id || row->file)
            continue;
        const RecordList *list = &writing->snapshot->types[type];
        Children *children = &writing->children[writing->child_count++];
        children->type = type;
        children->items = arena_array(&writing->arena, list->count + 1, sizeof *children->items);
        for (size_t i = 0; i < list->count; i++) {
            const char *parent = json_get_text(&list->items[i].json, row->parent_field);
            if (!parent)
                return error_set(err, ERR_REMOTE, "%s \"%s\" belongs to no %s (its \"%s\" is empty)",
                                 row->singular,
                                 snapshot_label(writing->snapshot, type, &list->items[i], &writing->arena),
                                 writing->row->singular, row->parent_field);
            children->items[children->count++] = (Child){ parent, &list->items[i] };
        }
        qsort(children->items, children->count, sizeof *children->items, child_compare);
    }
    return true;
}

/* The first child of `parent`, or where it would stand. */
static size_t children_of(const Children *children, const char *parent) {
    size_t low = 0, high = children->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(children->items[middle].parent, parent) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Json nested_array(Writing *writing, const Children *children, const char *parent) {
    const CatalogRow *row = catalog_row(children->type);
    const char *left_out[] = { row->parent_field, NULL };
    JsonArrayBuilder array = json_array_builder(&writing->arena);
    for (size_t i = children_of(children, parent);
         i < children->count && strcmp(children->items[i].parent, parent) == 0; i++)
        json_array_add(&array, json_without(&writing->arena, &children->items[i].record->json, left_out));
    return json_array_done(&array);
}

/* One file of a folder: a record with what is nested in it, or (`record` NULL) what the project adds to a
 * collection of the system. */
typedef struct {
    const char *identity;
    const char *name;
    const char *path;
    const Record *record;
} RecordFile;

static Json file_json(Writing *writing, const RecordFile *file) {
    JsonObjectBuilder object = json_object_builder(&writing->arena);
    if (file->record)
        json_object_put_all(&object, &file->record->json);
    else
        json_object_put(&object, writing->row->key[0], json_string(&writing->arena, file->identity));
    for (size_t i = 0; i < writing->child_count; i++) {
        const Children *children = &writing->children[i];
        json_object_put(&object, catalog_row(children->type)->member,
                        nested_array(writing, children, file->identity));
    }
    return json_object_done(&object);
}

static int identity_compare(const void *a, const void *b) {
    return strcmp(((const RecordFile *)a)->identity, ((const RecordFile *)b)->identity);
}

static int path_compare(const void *a, const void *b) {
    return strcmp(((const RecordFile *)a)->path, ((const RecordFile *)b)->path);
}

typedef struct {
    RecordFile *items;
    size_t count, capacity;
} FileList;

static bool has_identity(const FileList *files, size_t count, const char *identity) {
    RecordFile key = { .identity = identity };
    return count && bsearch(&key, files->items, count, sizeof key, identity_compare);
}

/*
 * Parents of nested records that are no records themselves: collections of the system get a file for the
 * fields and relations the project adds to them. Any other orphan is a fault. `own` files are sorted by
 * identity.
 */
static bool add_system_files(Writing *writing, FileList *files, Error *err) {
    size_t own = files->count;
    for (size_t i = 0; i < writing->child_count; i++) {
        const Children *children = &writing->children[i];
        for (size_t j = 0; j < children->count; j++) {
            const char *parent = children->items[j].parent;
            if ((j && strcmp(children->items[j - 1].parent, parent) == 0) || has_identity(files, own, parent))
                continue;
            if (writing->row->id != TYPE_COLLECTIONS || !str_starts(parent, "directus_"))
                return error_set(err, ERR_REMOTE, "%s \"%s\" belongs to the %s \"%s\", which was not read",
                                 catalog_row(children->type)->singular,
                                 snapshot_label(writing->snapshot, children->type, children->items[j].record,
                                                &writing->arena),
                                 writing->row->singular, parent);
            RecordFile file = { .identity = parent, .name = parent };
            bool known = false;
            for (size_t k = own; k < files->count; k++)
                known |= strcmp(files->items[k].identity, parent) == 0;
            if (!known)
                ARENA_PUSH(&writing->arena, files->items, files->count, files->capacity, file);
        }
    }
    return true;
}

static void assign_paths(Writing *writing, FileList *files) {
    const char **names = arena_array(&writing->arena, files->count + 1, sizeof *names);
    const char **keys = arena_array(&writing->arena, files->count + 1, sizeof *keys);
    const char **slugs = arena_array(&writing->arena, files->count + 1, sizeof *slugs);
    for (size_t i = 0; i < files->count; i++) {
        names[i] = files->items[i].name;
        keys[i] = files->items[i].identity;
    }
    slug_assign(&writing->arena, names, keys, files->count, slugs);
    for (size_t i = 0; i < files->count; i++)
        files->items[i].path = arena_printf(&writing->arena, "%s%s.json", writing->row->file, slugs[i]);
    if (files->count)
        qsort(files->items, files->count, sizeof *files->items, path_compare);
}

static bool emit(const Json *json, const char *path, Buf *text, LayoutEach each, void *context, Error *err) {
    buf_clear(text);
    canon_pretty(text, json);
    buf_putc(text, '\n');
    return each(path, text->data, text->length, context, err);
}

/* roles/…, flows/…, collections/…: a file a record, with its path. */
static bool list_files(Writing *writing, FileList *out, Error *err) {
    const RecordList *list = &writing->snapshot->types[writing->row->id];
    FileList files = { 0 };
    if (!gather_children(writing, err))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        const CatalogRow *row = writing->row;
        const Record *record = &list->items[i];
        const char *identity = identity_text(row, record);
        const char *name = json_get_text(&record->json, row->label ? row->label : row->key[0]);
        if (!identity)
            return error_set(err, ERR_REMOTE, "a %s without %s was read", row->singular,
                             row->identity == IDENTITY_ID ? "id" : row->key[0]);
        RecordFile file = { .identity = identity, .name = name ? name : "", .record = record };
        ARENA_PUSH(&writing->arena, files.items, files.count, files.capacity, file);
    }
    if (!add_system_files(writing, &files, err))
        return false;
    assign_paths(writing, &files);
    *out = files;
    return true;
}

static bool write_folder(Writing *writing, LayoutEach each, void *context, Error *err) {
    FileList files = { 0 };
    if (!list_files(writing, &files, err))
        return false;
    AUTO(Buf) text = { 0 };
    for (size_t i = 0; i < files.count; i++) {
        Json json = file_json(writing, &files.items[i]);
        if (!emit(&json, files.items[i].path, &text, each, context, err))
            return false;
    }
    return true;
}

/* folders.json, settings.json, …: a file a type. */
static bool write_single_file(Writing *writing, LayoutEach each, void *context, Error *err) {
    const RecordList *list = &writing->snapshot->types[writing->row->id];
    AUTO(Buf) text = { 0 };
    if (writing->row->singleton)
        return list->count == 0 || emit(&list->items[0].json, writing->row->file, &text, each, context, err);
    JsonArrayBuilder array = json_array_builder(&writing->arena);
    for (size_t i = 0; i < list->count; i++)
        json_array_add(&array, list->items[i].json);
    Json json = json_array_done(&array);
    return emit(&json, writing->row->file, &text, each, context, err);
}

bool layout_write(const Snapshot *snapshot, SectionId section, LayoutEach each, void *context, Error *err) {
    for (TypeId type = 0; type < TYPE_COUNT; type++) {
        const CatalogRow *row = catalog_row(type);
        if (row->section != section || !row->file || !snapshot->present[type])
            continue;
        Writing writing = { .snapshot = snapshot, .row = row };
        bool written = str_ends(row->file, "/") ? write_folder(&writing, each, context, err)
                                                : write_single_file(&writing, each, context, err);
        arena_free(&writing.arena);
        if (!written)
            return false;
    }
    return true;
}

/* ---- where a record will stand ---- */

static const char *nested_origin(const Writing *writing, TypeId type, const Record *record, const char *path,
                                 const char *identity, Arena *arena) {
    for (size_t i = 0; i < writing->child_count; i++) {
        const Children *children = &writing->children[i];
        size_t first = children_of(children, identity);
        for (size_t j = first; children->type == type && j < children->count; j++)
            if (children->items[j].record == record)
                return arena_printf(arena, "%s#/%s/%zu", path, catalog_row(type)->member, j - first);
    }
    return path;
}

const char *layout_origin(const Snapshot *snapshot, TypeId type, const Record *record, Arena *arena) {
    const CatalogRow *row = catalog_row(type);
    if (row->file && !str_ends(row->file, "/")) {
        size_t index = (size_t)(record - snapshot->types[type].items);
        return row->singleton ? row->file : arena_printf(arena, "%s#/%zu", row->file, index);
    }
    Writing writing = { .snapshot = snapshot, .row = row->file ? row : catalog_row(row->parent) };
    FileList files = { 0 };
    Error ignored = { 0 };
    const char *identity =
        row->file ? identity_text(row, record) : json_get_text(&record->json, row->parent_field);
    const char *origin = writing.row->file;
    if (list_files(&writing, &files, &ignored))
        for (size_t i = 0; i < files.count; i++)
            if (str_equal(files.items[i].identity, identity))
                origin = row->file
                             ? arena_strdup(arena, files.items[i].path)
                             : nested_origin(&writing, type, record, files.items[i].path, identity, arena);
    arena_free(&writing.arena);
    return arena_strdup(arena, origin);
}
