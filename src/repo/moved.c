#include "repo/moved.h"

enum { DEEPEST = 64 };
static const char MARK[] = "info.json"; /* stands in every state folder */

typedef struct {
    const Repository *repository;
    const git_oid *folder;
    Arena *arena;
    const char *same, *other; /* the one with that content; the last of the rest */
    size_t others;
} Search;

static void visit(Search *search, const git_oid *before_id, const git_oid *after_id, const char *path,
                  size_t depth);

static bool is_gone(const git_tree *before, const git_tree *after) {
    return git_tree_entry_byname(before, MARK) && !(after && git_tree_entry_byname(after, MARK));
}

static void visit_entries(Search *search, const git_tree *before, const git_tree *after, const char *path,
                          size_t depth) {
    for (size_t i = 0; !search->same && i < git_tree_entrycount(before); i++) {
        const git_tree_entry *was = git_tree_entry_byindex(before, i);
        const git_tree_entry *is = after ? git_tree_entry_byname(after, git_tree_entry_name(was)) : NULL;
        const git_oid *id = git_tree_entry_id(was);
        const git_oid *other =
            is && git_tree_entry_type(is) == GIT_OBJECT_TREE ? git_tree_entry_id(is) : NULL;
        if (git_tree_entry_type(was) != GIT_OBJECT_TREE || (other && git_oid_equal(id, other)))
            continue;
        const char *slash = depth > 1 ? "/" : "";
        visit(search, id, other, arena_printf(search->arena, "%s%s%s", path, slash, git_tree_entry_name(was)),
              depth);
    }
}

/* Only where the two differ. A tree that cannot be read holds nothing that could be told. */
static void visit(Search *search, const git_oid *before_id, const git_oid *after_id, const char *path,
                  size_t depth) {
    git_tree *before = NULL, *after = NULL;
    git_repository *git = search->repository->git;
    if (depth < DEEPEST && git_tree_lookup(&before, git, before_id) == 0 &&
        (!after_id || git_tree_lookup(&after, git, after_id) == 0)) {
        if (is_gone(before, after) && git_oid_equal(before_id, search->folder)) {
            search->same = path;
        } else if (is_gone(before, after)) {
            search->other = path;
            search->others++;
        }
        visit_entries(search, before, after, path, depth + 1);
    }
    git_tree_free(after);
    git_tree_free(before);
}

const char *moved_from(const Repository *repository, const git_commit *commit, const git_commit *parent,
                       const git_oid *folder, Arena *arena) {
    Search search = { .repository = repository, .folder = folder, .arena = arena };
    visit(&search, git_commit_tree_id(parent), git_commit_tree_id(commit), "", 0);
    return search.same ? search.same : search.others == 1 ? search.other : NULL;
}
