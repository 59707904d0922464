#include "repo/repository.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "repo/loose_guard.h"

bool repository_fault(Error *err, const char *what) {
    const git_error *last = git_error_last();
    error_set(err, ERR_CONFIG, "git: %s: %s", what,
              last && last->message ? last->message : "no reason given");
    return error_hint(err, "`git fsck` and `git status` in the project's folder show more");
}

/* "extensions.partialclone" of older gits, "remote.origin.promisor" of newer ones. */
bool repository_is_partial(const Repository *repository) {
    git_config *config = NULL;
    git_config_iterator *iterator = NULL;
    git_config_entry *entry;
    bool partial = false;
    if (git_repository_config_snapshot(&config, repository->git) == 0 &&
        git_config_iterator_new(&iterator, config) == 0)
        while (!partial && git_config_next(&entry, iterator) == 0)
            partial = strcmp(entry->name, "extensions.partialclone") == 0 ||
                      (str_starts(entry->name, "remote.") && str_ends(entry->name, ".promisor"));
    git_config_iterator_free(iterator);
    git_config_free(config);
    return partial;
}

bool repository_object_fault(const Repository *repository, Error *err, const char *what) {
    repository_fault(err, what);
    if (repository_is_partial(repository))
        error_hint(err, "this is a partial clone, which does not have every object: fetch the rest with `git "
                        "fetch --refetch --no-filter`, or clone without --filter");
    return false;
}

bool repository_index_fault(Error *err, const char *what) {
    repository_fault(err, what);
    if (strstr(err->message, "mandatory extension: 'link"))
        error_hint(err, "the index is split: write it in one file with `git update-index --no-split-index`");
    else if (strstr(err->message, "mandatory extension"))
        error_hint(err, "the index is sparse: write it in full with `git sparse-checkout reapply "
                        "--no-sparse-index`");
    else if (strstr(err->message, "checksum"))
        error_hint(err, "git was told to leave the checksum out: git config index.skipHash false, and `git "
                        "update-index --force-write-index`");
    return false;
}

/* ---- opening ---- */

/* libgit2 1.5 refuses whatever extension it was not told of; these change nothing about reading what is
 * there. */
static void allow_extensions(void) {
    static const char *extensions[] = { "partialclone", "worktreeconfig" };
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof extensions / sizeof *extensions);
}

static bool open_fault(Error *err) {
    repository_fault(err, "the repository cannot be opened");
    if (strstr(err->message, "objectformat"))
        error_hint(err, "its objects are named by SHA-256, which is not supported: use a repository of the "
                        "usual format (`git init --object-format=sha1`, then `git fast-export | git "
                        "fast-import`)");
    else if (strstr(err->message, "refstorage"))
        error_hint(err, "its references are kept as a reftable, which is not supported: `git refs migrate "
                        "--ref-format=files` writes them as files");
    return false;
}

static void strip_slashes(Buf *path) {
    if (!path->length)
        return;
    size_t lead = strspn(buf_text(path), "/");
    memmove(path->data, path->data + lead, path->length - lead + 1);
    path->length -= lead;
    while (path->length && path->data[path->length - 1] == '/')
        path->data[--path->length] = '\0';
}

bool repository_beneath(const char *work_tree, const char *folder, const char *below, Buf *path) {
    char *real_folder = realpath(folder, NULL), *real_tree = work_tree ? realpath(work_tree, NULL) : NULL;
    size_t length = real_tree ? strlen(real_tree) : 0;
    bool inside = real_folder && real_tree && strncmp(real_folder, real_tree, length) == 0 &&
                  (!real_folder[length] || real_folder[length] == '/' || length == 1);
    if (inside) {
        const char *rest = real_folder + length;
        buf_printf(path, "%s/%s", rest + (rest[0] == '/'), below);
        strip_slashes(path);
    }
    free(real_folder);
    free(real_tree);
    return inside;
}

/* In a bare repository it is relative to the commits' top. */
static bool locate(Repository *repository, const char *root, const char *state_dir) {
    if (!git_repository_is_bare(repository->git))
        return repository_beneath(git_repository_workdir(repository->git), root, state_dir,
                                  &repository->path);
    buf_puts(&repository->path, state_dir);
    strip_slashes(&repository->path);
    return true;
}

static bool start(Repository *repository, Error *err) {
    if (git_libgit2_init() < 0)
        return repository_fault(err, "libgit2 cannot start");
    repository->started = true;
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    allow_extensions();
    return true;
}

bool repository_open(const char *root, const char *state_dir, Repository *repository, bool *found,
                     Error *err) {
    *found = false;
    if (!start(repository, err))
        return false;
    int opened = git_repository_open_ext(&repository->git, root, 0, NULL);
    if (opened == GIT_ENOTFOUND)
        return true;
    if (opened != 0 || !loose_guard_add(repository->git))
        return open_fault(err);
    *found = locate(repository, root, state_dir);
    return true;
}

bool repository_open_at(const char *git_dir, const char *path, Repository *repository, Error *err) {
    if (!start(repository, err))
        return false;
    if (git_repository_open_ext(&repository->git, git_dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0 ||
        !loose_guard_add(repository->git))
        return open_fault(err);
    buf_puts(&repository->path, path);
    return true;
}

void repository_close(Repository *repository) {
    buf_free(&repository->path);
    git_repository_free(repository->git);
    if (repository->started)
        git_libgit2_shutdown();
    *repository = (Repository){ 0 };
}

/* ---- commits ---- */

bool repository_folder_at(const Repository *repository, const char *path, const git_commit *commit,
                          git_oid *id, Error *err) {
    git_tree *tree = NULL;
    git_tree_entry *entry = NULL;
    memset(id, 0, sizeof *id);
    if (git_commit_tree(&tree, commit) != 0)
        return repository_object_fault(repository, err, "a commit's files cannot be read");
    int found = 0;
    if (!*path)
        git_oid_cpy(id, git_tree_id(tree));
    else if ((found = git_tree_entry_bypath(&entry, tree, path)) == 0)
        git_oid_cpy(id, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    git_tree_free(tree);
    return found == 0 || found == GIT_ENOTFOUND ||
           repository_object_fault(repository, err, "a commit's files cannot be read");
}

bool repository_file(const Repository *repository, const git_tree *tree, const char *path, Buf *text,
                     bool *found, Error *err) {
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    int entered = git_tree_entry_bypath(&entry, tree, path);
    *found = entered == 0 && git_blob_lookup(&blob, repository->git, git_tree_entry_id(entry)) == 0;
    bool done = *found || entered == GIT_ENOTFOUND || repository_object_fault(repository, err, path);
    if (*found)
        buf_append(text, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    git_blob_free(blob);
    git_tree_entry_free(entry);
    return done;
}

bool repository_folder(const Repository *repository, const git_commit *commit, git_oid *id, Error *err) {
    return repository_folder_at(repository, buf_text(&repository->path), commit, id, err);
}

typedef struct {
    const Repository *repository;
    git_commit *commit;
    git_oid folder; /* of the commit */
    char *name;
    bool *shallow;
    bool done;
} WayBack;

/* One step back: done when the commit is the one that changed the folder. */
static bool step_back(WayBack *way, Error *err) {
    git_commit *parent = NULL;
    git_oid before;
    way->done = true;
    if (git_commit_parentcount(way->commit) == 0) {
        if (!git_oid_is_zero(&way->folder))
            git_oid_tostr(way->name, 65, git_commit_id(way->commit));
        return true;
    }
    int found = git_commit_parent(&parent, way->commit, 0);
    if (found == GIT_ENOTFOUND) {
        *way->shallow = true;
        return true;
    }
    if (found != 0)
        return repository_fault(err, "history cannot be read");
    /* most commits leave the folder alone, and many share their whole tree */
    bool known = git_oid_equal(git_commit_tree_id(parent), git_commit_tree_id(way->commit));
    if (known)
        git_oid_cpy(&before, &way->folder);
    if (!known && !repository_folder(way->repository, parent, &before, err)) {
        git_commit_free(parent);
        return false;
    }
    if (!git_oid_equal(&before, &way->folder)) {
        git_oid_tostr(way->name, 65, git_commit_id(way->commit));
        git_commit_free(parent);
        return true;
    }
    git_commit_free(way->commit);
    way->commit = parent;
    way->done = false;
    return true;
}

bool repository_last_change(const Repository *repository, git_commit *commit, char name[65], bool *shallow,
                            Error *err) {
    WayBack way = { .repository = repository, .name = name, .shallow = shallow };
    name[0] = '\0';
    *shallow = false;
    if (git_commit_dup(&way.commit, commit) != 0)
        return repository_fault(err, "a commit cannot be read");
    bool read = repository_folder(repository, way.commit, &way.folder, err);
    while (read && !way.done)
        read = step_back(&way, err);
    git_commit_free(way.commit);
    return read;
}
