#include "repo/revision.h"

#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"
#include "repo/repo.h"

/* ---- one ---- */

typedef struct {
    Arena arena;
    const char **items;
    size_t count, capacity;
} Names;

/* Branches and tags by the names people give them. */
static void list_names(git_repository *git, Names *names) {
    git_reference_iterator *iterator = NULL;
    git_reference *reference = NULL;
    if (git_reference_iterator_new(&iterator, git) != 0)
        return;
    while (git_reference_next(&reference, iterator) == 0) {
        const char *name = arena_strdup(&names->arena, git_reference_shorthand(reference));
        ARENA_PUSH(&names->arena, names->items, names->count, names->capacity, name);
        git_reference_free(reference);
    }
    git_reference_iterator_free(iterator);
}

static bool unknown_ref(git_repository *git, const char *ref, Error *err) {
    Names names = { 0 };
    list_names(git, &names);
    const char *nearest = names.count ? nearest_name(ref, names.items, names.count) : NULL;
    error_set(err, ERR_CONFIG, "git: \"%s\" is no commit of this repository", ref);
    if (nearest)
        error_hint(err, "did you mean \"%s\"? (a branch, a tag, HEAD~2 or a hash names one)", nearest);
    else if (git_repository_is_shallow(git) == 1)
        error_hint(err,
                   "this clone is shallow: `git fetch --unshallow --tags` brings the rest of its history");
    else
        error_hint(err, "a branch, a tag, HEAD~2 or a hash names one; `git fetch --tags` brings what only "
                        "the remote has");
    arena_free(&names.arena);
    return false;
}

/* libgit2 takes "fe" for the beginning of a hash, and a branch of that name is all it can be. */
static bool is_too_short(const char *ref) {
    return strspn(ref, "0123456789abcdefABCDEF") < GIT_OID_MINPREFIXLEN;
}

bool revision_commit(const Repository *repository, const char *ref, git_commit **commit, Error *err) {
    git_repository *git = repository->git;
    *commit = NULL;
    git_object *object = NULL, *peeled = NULL;
    if (git_repository_head_unborn(git) == 1 && strcmp(ref, "HEAD") == 0) {
        error_set(err, ERR_CONFIG, "git: the branch has no commit yet");
        return error_hint(err, "commit the state first: git add, git commit");
    }
    int found = git_revparse_single(&object, git, ref);
    if (found == GIT_EAMBIGUOUS && !is_too_short(ref)) {
        error_set(err, ERR_CONFIG, "git: \"%s\" may be more than one object", ref);
        return error_hint(err, "give more digits of the hash");
    }
    if (found == GIT_ENOTFOUND || found == GIT_EINVALIDSPEC || found == GIT_EAMBIGUOUS)
        return unknown_ref(git, ref, err);
    if (found != 0)
        return repository_object_fault(repository, err, ref);
    int peels = git_object_peel(&peeled, object, GIT_OBJECT_COMMIT);
    git_object_free(object);
    *commit = (git_commit *)peeled;
    if (peels == 0)
        return true;
    error_set(err, ERR_CONFIG, "git: \"%s\" is no commit", ref);
    return error_hint(err, "a branch, a tag, HEAD~2 or a hash names one");
}

/* ---- two ---- */

/* Of "A..B" and "A...B" the part before the dots; HEAD where nothing stands. */
static const char *side(Arena *arena, const char *text, size_t length) {
    return length ? arena_strndup(arena, text, length) : "HEAD";
}

static bool merge_base(const Repository *repository, Arena *arena, RevisionRange *range, Error *err) {
    git_commit *a = NULL, *b = NULL;
    git_oid base;
    bool done =
        revision_commit(repository, range->from, &a, err) && revision_commit(repository, range->to, &b, err);
    int found = done ? git_merge_base(&base, repository->git, git_commit_id(a), git_commit_id(b)) : 0;
    git_commit_free(a);
    git_commit_free(b);
    if (!done)
        return false;
    if (found == GIT_ENOTFOUND) {
        error_set(err, ERR_CONFIG, "git: %s and %s have no commit in common", range->from, range->to);
        return error_hint(err,
                          "in a shallow clone fetch the whole history (git fetch --unshallow); "
                          "%s..%s compares the two themselves",
                          range->from, range->to);
    }
    if (found != 0)
        return repository_object_fault(repository, err, "history cannot be read");
    range->from = arena_strdup(arena, git_oid_tostr_s(&base));
    return true;
}

const char *revision_newest(Arena *arena, const char *text) {
    const char *dots = strstr(text, "..");
    if (!dots)
        return arena_strdup(arena, text);
    const char *after = dots + strspn(dots, ".");
    return side(arena, after, strlen(after));
}

bool repo_range(const char *root, const char *text, Arena *arena, RevisionRange *range, Error *err) {
    AUTO(Repository) repository = { 0 };
    bool found;
    const char *dots = strstr(text, "..");
    *range = (RevisionRange){ .from = text };
    if (!repository_open(root, "", &repository, &found, err))
        return false;
    if (!found) {
        error_set(err, ERR_CONFIG, "%s is in no git repository: there is no \"%s\" to read", root, text);
        return error_hint(err, "run it in the repository that has the state");
    }
    if (!dots && git_repository_is_bare(repository.git)) {
        error_set(err, ERR_CONFIG, "a bare repository has no files to compare %s with", text);
        return error_hint(err, "name two commits, for example %s..HEAD", text);
    }
    if (!dots)
        return true;
    bool from_base = dots[2] == '.';
    range->from = side(arena, text, (size_t)(dots - text));
    range->to = revision_newest(arena, text);
    return !from_base || merge_base(&repository, arena, range, err);
}
