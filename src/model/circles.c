#include "model/circles.h"

#include <string.h>

#include "base/str.h"

/* One kind of tree. */
typedef struct {
    TypeId type;
    const char *outer,
        *member; /* where a record names its parent: "meta", "group"; outer NULL = at its top */
    const char *pointer;
} Tree;

static const Tree trees[] = {
    { TYPE_FOLDERS, NULL, "parent", "/parent" },
    { TYPE_ROLES, NULL, "parent", "/parent" },
    { TYPE_COLLECTIONS, "meta", "group", "/meta/group" },
};

static const char *identity(const Tree *tree, const Record *record) {
    return tree->type == TYPE_COLLECTIONS ? json_get_text(&record->json, "collection") : record->id;
}

static const char *parent_of(const Tree *tree, const Record *record) {
    const Json *holder = tree->outer ? json_get(&record->json, tree->outer) : &record->json;
    return json_get_text(holder, tree->member);
}

/* Lists of both kinds are sorted by identity. */
static const Record *find(const Tree *tree, const RecordList *list, const char *name) {
    size_t low = 0, high = list->count;
    while (name && low < high) {
        size_t middle = low + (high - low) / 2;
        const char *here = identity(tree, &list->items[middle]);
        int order = strcmp(name, here ? here : "");
        if (order == 0)
            return &list->items[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool refuse(const Snapshot *files, const Tree *tree, const Record *record, Error *err) {
    const RecordList *list = &files->types[tree->type];
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) names = { 0 };
    const Record *at = record;
    do {
        buf_printf(&names, "%s › ", snapshot_label(files, tree->type, at, &arena));
        at = find(tree, list, parent_of(tree, at));
    } while (at && at != record);
    buf_puts(&names, snapshot_label(files, tree->type, record, &arena));
    error_set(err, ERR_FILES, "%s: a %s cannot be its own parent: %s",
              snapshot_place_at(files, record, tree->pointer, &arena), catalog_row(tree->type)->singular,
              buf_text(&names));
    return error_hint(err, "give one of them another parent, or null");
}

/* Marks every record on the way up with the walk's number: to meet that number again is a circle. */
static bool check_tree(const Snapshot *files, const Tree *tree, Error *err) {
    const RecordList *list = &files->types[tree->type];
    AUTO(Arena) arena = { 0 };
    size_t *walk_of = arena_array(&arena, list->count + 1, sizeof *walk_of);
    for (size_t i = 0; i < list->count; i++) {
        const Record *at = &list->items[i];
        while (at && !walk_of[at - list->items]) {
            walk_of[at - list->items] = i + 1;
            at = find(tree, list, parent_of(tree, at));
        }
        if (at && walk_of[at - list->items] == i + 1)
            return refuse(files, tree, at, err);
    }
    return true;
}

bool circles_check(const Snapshot *files, Error *err) {
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        if (!check_tree(files, &trees[i], err))
            return false;
    return true;
}
