#include "repo/state_commit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repo/revision.h"

struct StateCommit {
    Arena arena;
    Repository repository;
    git_commit *commit;
    git_tree *folder; /* NULL: the commit has none */
    const char *shown;
    char last_change[65];
    bool shallow;
};

/* ---- opening ---- */

/* Takes over the tree, of a whole commit. */
static bool find_folder_in(StateCommit *commit, git_tree *tree, Error *err) {
    git_tree_entry *entry = NULL;
    const Repository *repository = &commit->repository;
    if (repository->path.length == 0) {
        commit->folder = tree;
        return true;
    }
    int found = git_tree_entry_bypath(&entry, tree, repository->path.data);
    bool done =
        found == GIT_ENOTFOUND || found == 0 || repository_object_fault(repository, err, commit->shown);
    if (found == 0 && git_tree_entry_type(entry) != GIT_OBJECT_TREE) {
        error_set(err, ERR_FILES, "%s is no folder there", commit->shown);
        done = error_hint(err, "choose a commit whose state folder is one");
    } else if (found == 0) {
        done = git_tree_lookup(&commit->folder, repository->git, git_tree_entry_id(entry)) == 0 ||
               repository_object_fault(repository, err, commit->shown);
    }
    git_tree_entry_free(entry);
    git_tree_free(tree);
    return done;
}

static bool find_folder(StateCommit *commit, Error *err) {
    git_tree *tree = NULL;
    if (git_commit_tree(&tree, commit->commit) != 0)
        return repository_object_fault(&commit->repository, err, commit->shown);
    return find_folder_in(commit, tree, err);
}

static bool open_at(StateCommit *commit, const char *root, const char *state_dir, const char *ref,
                    bool normalise, Error *err) {
    bool found;
    if (!repository_open(root, state_dir, &commit->repository, &found, err))
        return false;
    if (!found) {
        error_set(err, ERR_CONFIG, "%s is in no git repository: there is no \"%s\" to read", root, ref);
        return error_hint(err, "without --ref the files are read as they stand");
    }
    if (!revision_commit(&commit->repository, ref, &commit->commit, err) || !find_folder(commit, err))
        return false;
    snprintf(commit->last_change, sizeof commit->last_change, "%s", normalise ? "" : ref);
    return !normalise || repository_last_change(&commit->repository, commit->commit, commit->last_change,
                                                &commit->shallow, err);
}

enum { SHOWN = 12 }; /* digits of a hash in messages */

static bool open_new(const char *root, const char *state_dir, const char *ref, bool normalise,
                     StateCommit **out, Error *err) {
    StateCommit *commit = mem_alloc(sizeof *commit);
    *commit = (StateCommit){ 0 };
    bool hash = strlen(ref) >= GIT_OID_HEXSZ && strspn(ref, "0123456789abcdef") == strlen(ref);
    commit->shown = arena_printf(&commit->arena, "%.*s:%s", hash ? SHOWN : INT_MAX, ref, state_dir);
    *out = commit;
    if (open_at(commit, root, state_dir, ref, normalise, err))
        return true;
    state_commit_close(out);
    return false;
}

bool state_commit_open(const char *root, const char *state_dir, const char *ref, StateCommit **out,
                       Error *err) {
    return open_new(root, state_dir, ref, true, out, err);
}

bool state_commit_open_id(const char *root, const char *state_dir, const char *ref, StateCommit **out,
                          Error *err) {
    return open_new(root, state_dir, ref, false, out, err);
}

bool state_tree_open(Repository *repository, const git_oid *tree_id, const char *state_dir, StateCommit **out,
                     Error *err) {
    git_tree *tree = NULL;
    StateCommit *commit = mem_alloc(sizeof *commit);
    *commit = (StateCommit){ .repository = *repository };
    *repository = (Repository){ 0 };
    commit->shown = arena_strdup(&commit->arena, state_dir);
    *out = commit;
    bool found = git_tree_lookup(&tree, commit->repository.git, tree_id) == 0 ||
                 repository_object_fault(&commit->repository, err, state_dir);
    if (found && find_folder_in(commit, tree, err))
        return true;
    state_commit_close(out);
    return false;
}

static bool read_top(const StateCommit *commit, const char *path, Buf *text, bool *found, Error *err) {
    git_tree *tree = NULL;
    bool done = git_commit_tree(&tree, commit->commit) == 0
                    ? repository_file(&commit->repository, tree, path, text, found, err)
                    : repository_object_fault(&commit->repository, err, path);
    git_tree_free(tree);
    return done;
}

bool repo_bare_file(const char *root, const char *ref, const char *path, Buf *text, bool *found, Error *err) {
    StateCommit commit = { .shown = ref };
    bool there, done = repository_open(root, "", &commit.repository, &there, err);
    *found = false;
    if (done && there && git_repository_is_bare(commit.repository.git))
        done = revision_commit(&commit.repository, ref, &commit.commit, err) &&
               read_top(&commit, path, text, found, err);
    git_commit_free(commit.commit);
    repository_close(&commit.repository);
    return done;
}

bool state_commit_beside(const StateCommit *commit, const char *state_dir, const char *name, Buf *text,
                         bool *found, Error *err) {
    AUTO(Buf) path = { 0 };
    const Buf *folder = &commit->repository.path;
    size_t length = strlen(state_dir);
    if (folder->length > length)
        buf_append(&path, folder->data, folder->length - length);
    buf_puts(&path, name);
    return read_top(commit, buf_text(&path), text, found, err);
}

void state_commit_close(StateCommit **handle) {
    StateCommit *commit = *handle;
    if (!commit)
        return;
    git_tree_free(commit->folder);
    git_commit_free(commit->commit);
    repository_close(&commit->repository);
    arena_free(&commit->arena);
    free(commit);
    *handle = NULL;
}

const char *state_commit_shown(const StateCommit *commit) {
    return commit->shown;
}

void state_commit_start(const StateCommit *commit, git_oid *id) {
    git_oid_cpy(id, git_commit_id(commit->commit));
}

void state_commit_named(const StateCommit *commit, char id[65]) {
    git_oid_tostr(id, 65, git_commit_id(commit->commit));
}

const char *state_commit_id(const StateCommit *commit) {
    return commit->last_change;
}

/* ---- its files ---- */

/* A tree may name itself in ways no folder can; nobody's state has so many files. */
enum { MOST_FILES = 4 * 1000 * 1000, DEEPEST = 64 };

typedef struct {
    const StateCommit *commit;
    StateFiles *files;
    size_t seen;
    Error *err;
} Listing;

static bool list_tree(Listing *listing, const git_tree *tree, const char *above, int depth);

static bool refuse_entry(const Listing *listing, const char *path, const char *what) {
    error_set(listing->err, ERR_FILES, "%s/%s is %s, which is never followed", listing->commit->shown, path,
              what);
    return error_hint(listing->err, "commit the file itself in its place");
}

static bool list_folder(Listing *listing, const git_tree_entry *entry, const char *path, int depth) {
    const Repository *repository = &listing->commit->repository;
    git_tree *tree = NULL;
    if (depth == DEEPEST)
        return error_set(listing->err, ERR_FILES, "%s: folders are nested more than %d deep",
                         listing->commit->shown, DEEPEST);
    if (git_tree_lookup(&tree, repository->git, git_tree_entry_id(entry)) != 0)
        return repository_object_fault(repository, listing->err, path);
    bool done = list_tree(listing, tree, path, depth + 1);
    git_tree_free(tree);
    return done;
}

static bool list_entry(Listing *listing, const git_tree_entry *entry, const char *above, int depth) {
    const char *name = git_tree_entry_name(entry);
    AUTO(Buf) path = { 0 };
    buf_printf(&path, "%s%s%s", above, *above ? "/" : "", name);
    if (name[0] == '.')
        return true;
    if (++listing->seen > MOST_FILES)
        return error_set(listing->err, ERR_FILES, "%s has more than %d files", listing->commit->shown,
                         MOST_FILES);
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
        return list_folder(listing, entry, buf_text(&path), depth);
    case GIT_FILEMODE_LINK:
        return refuse_entry(listing, buf_text(&path), "a symbolic link");
    case GIT_FILEMODE_COMMIT:
        return refuse_entry(listing, buf_text(&path), "a submodule");
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
    case GIT_FILEMODE_UNREADABLE:
        break;
    }
    state_files_add(listing->files, buf_text(&path), 0);
    return true;
}

/* git's order of entries is that of whole paths by their bytes. */
static bool list_tree(Listing *listing, const git_tree *tree, const char *above, int depth) {
    for (size_t i = 0; i < git_tree_entrycount(tree); i++)
        if (!list_entry(listing, git_tree_entry_byindex(tree, i), above, depth))
            return false;
    return true;
}

bool state_commit_list(const StateCommit *commit, StateFiles *files, bool *exists, Error *err) {
    Listing listing = { .commit = commit, .files = files, .err = err };
    *exists = commit->folder != NULL;
    if (!*exists)
        return true;
    if (git_tree_entry_byname(commit->folder, STATE_MARK)) {
        error_set(err, ERR_FILES, "the state at %s is incomplete: an interrupted export was committed",
                  commit->shown);
        return error_hint(err, "choose another commit, or export again and commit without %s", STATE_MARK);
    }
    return list_tree(&listing, commit->folder, "", 0);
}

/* What stands in the place of a file that git LFS keeps elsewhere. */
static bool is_lfs_pointer(const Input *input) {
    static const char first[] = "version https://git-lfs.github.com/spec/";
    return input->length >= sizeof first && memcmp(input->text, first, sizeof first - 1) == 0;
}

bool state_commit_input(const StateCommit *commit, const char *path, Input *input, Error *err) {
    const Repository *repository = &commit->repository;
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    *input = (Input){ .fd = -1 };
    AUTO(Buf) shown = { 0 };
    buf_printf(&shown, "%s/%s", commit->shown, path);
    int found = git_tree_entry_bypath(&entry, commit->folder, path);
    if (found == 0)
        found = git_blob_lookup(&blob, repository->git, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    if (found != 0)
        return repository_object_fault(repository, err, buf_text(&shown));
    *input = (Input){
        .fd = -1, .blob = blob, .text = git_blob_rawcontent(blob), .length = (size_t)git_blob_rawsize(blob)
    };
    if (!is_lfs_pointer(input))
        return true;
    input_close(input);
    error_set(err, ERR_FILES, "%s is kept by git LFS: the commit has a pointer only", buf_text(&shown));
    return error_hint(err,
                      "take the state folder out of .gitattributes' filter=lfs, or check the commit out");
}
