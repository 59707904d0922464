#include "model/circles.h"

#include <string.h>

#include "base/str.h"

/* One kind of tree. */
typedef struct {
    TypeId type;
    const char *outer,
        *member; /* where a record names its parent: "meta", "group"; outer NULL = at its top */
    const char *pointer;
    const char *name;   /* the member by which a parent is named; NULL = its id */
    const char *within; /* the member that is the same of a record and its parent; NULL = none */
} Tree;

static const Tree trees[] = {
    { TYPE_FOLDERS, NULL, "parent", "/parent", NULL, NULL },
    { TYPE_ROLES, NULL, "parent", "/parent", NULL, NULL },
    { TYPE_COLLECTIONS, "meta", "group", "/meta/group", "collection", NULL },
    { TYPE_FIELDS, "meta", "group", "/meta/group", "field", "collection" },
};

static const char *parent_of(const Tree *tree, const Record *record) {
    const Json *holder = tree->outer ? json_get(&record->json, tree->outer) : &record->json;
    return json_get_text(holder, tree->member);
}

static int text_order(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "");
}

/* The lists are sorted by what is the same, then by name. */
static const Record *find_parent(const Tree *tree, const RecordList *list, const Record *child) {
    const char *name = parent_of(tree, child);
    size_t low = 0, high = list->count;
    while (name && low < high) {
        size_t middle = low + (high - low) / 2;
        const Record *here = &list->items[middle];
        int order = tree->within ? text_order(json_get_text(&child->json, tree->within),
                                              json_get_text(&here->json, tree->within))
                                 : 0;
        if (order == 0)
            order = text_order(name, tree->name ? json_get_text(&here->json, tree->name) : here->id);
        if (order == 0)
            return here;
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
        at = find_parent(tree, list, at);
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
            at = find_parent(tree, list, at);
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
