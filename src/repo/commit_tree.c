#include <string.h>

#include "repo/committing.h"

/* ---- files ---- */

/* What this program cannot run must not be left out: the blob would not be what git makes of the file. */
static bool refuse_filter(Committing *committing, const char *path, Error *err) {
    static const char *names[] = { "filter", "working-tree-encoding" };
    const char *values[2] = { NULL, NULL };
    if (git_attr_get_many(values, committing->repository.git, GIT_ATTR_CHECK_FILE_THEN_INDEX, path, 2,
                          names) != 0)
        return repository_fault(err, "the attributes cannot be read");
    for (size_t i = 0; i < 2; i++) {
        if (git_attr_value(values[i]) != GIT_ATTR_VALUE_STRING)
            continue;
        error_set(err, ERR_CONFIG, "git: %s has %s=%s in .gitattributes, which schema-sync cannot apply",
                  path, names[i], values[i]);
        return error_hint(err,
                          "exempt the state folder (a line `%s/** !%s` behind it), or `git commit` by hand",
                          committing->state_dir, names[i]);
    }
    return true;
}

static bool refuse_ignored(Committing *committing, const char *path, Error *err) {
    int ignored = 0;
    if (git_ignore_path_is_ignored(&ignored, committing->repository.git, path) != 0 || !ignored)
        return true;
    error_set(err, ERR_CONFIG, "git: %s is ignored: a commit without it would not be the state", path);
    return error_hint(err, "`git check-ignore -v '%s'` names the line of .gitignore: take it out", path);
}

/* A file as the parent has it keeps its mode; `known` is NULL for a new one. */
static bool take_file(Committing *committing, const char *path, const git_index_entry *known, Error *err) {
    NewFile file = { .path = path, .mode = GIT_FILEMODE_BLOB };
    if (known && known->mode == GIT_FILEMODE_BLOB_EXECUTABLE)
        file.mode = known->mode;
    const char *whole =
        arena_printf(&committing->arena, "%s%s", git_repository_workdir(committing->repository.git), path);
    if (lstat(whole, &file.status) != 0)
        return error_errno(err, "%s: the file cannot be read", path);
    int stored = git_blob_create_from_workdir(&file.id, committing->repository.git, path);
    if (stored != 0)
        return commit_fault(err, stored, path);
    bool same = known && known->mode == file.mode && git_oid_equal(&known->id, &file.id);
    if (!same &&
        (!refuse_filter(committing, path, err) || (!known && !refuse_ignored(committing, path, err))))
        return false;
    committing->changed += !same;
    ARENA_PUSH(&committing->arena, committing->files, committing->file_count, committing->file_capacity,
               file);
    return true;
}

/* ---- trees ---- */

/* The folder as the parent has it, paths relative to it. */
static bool read_parent(Committing *committing, git_index **folder, Error *err) {
    git_tree *tree = NULL;
    git_oid id;
    if (git_index_new(folder) != 0)
        return repository_fault(err, "no memory");
    if (!committing->parent)
        return true;
    if (!repository_folder(&committing->repository, committing->parent, &id, err))
        return false;
    if (git_oid_is_zero(&id))
        return true;
    bool done = git_tree_lookup(&tree, committing->repository.git, &id) == 0 &&
                git_index_read_tree(*folder, tree) == 0;
    git_tree_free(tree);
    return done || repository_object_fault(&committing->repository, err, "HEAD's files cannot be read");
}

static bool put_files(Committing *committing, git_index *folder, Error *err) {
    AUTO(StateFiles) files = { 0 };
    if (!state_files_list(&committing->folder, &files, err))
        return false;
    for (size_t i = git_index_entrycount(folder); i-- > 0;) {
        const git_index_entry *entry = git_index_get_byindex(folder, i);
        const char *below = entry->path;
        if (!commit_entry_fits(entry, below, err))
            return false;
        if (layout_path(below).kind == PATH_FOREIGN || state_files_find(&files, below))
            continue;
        git_index_remove(folder, arena_strdup(&committing->arena, below), 0);
        committing->changed++;
    }
    for (size_t i = 0; i < files.count; i++) {
        const char *below = files.items[i].path;
        if (!take_file(committing, commit_path(committing, below), git_index_get_bypath(folder, below, 0),
                       err))
            return false;
        const NewFile *file = &committing->files[committing->file_count - 1];
        git_index_entry entry = { .path = below, .mode = file->mode, .id = file->id };
        if (git_index_add(folder, &entry) != 0)
            return repository_fault(err, file->path);
    }
    return true;
}

/* The tree `above` ("" = the top) as the parent has it, with `child` under `name`. */
static bool put_child(Committing *committing, const char *above, const char *name, git_oid *child,
                      Error *err) {
    git_repository *git = committing->repository.git;
    git_tree *old = NULL;
    git_tree_entry *entry = NULL;
    git_treebuilder *builder = NULL;
    int found = GIT_ENOTFOUND;
    if (committing->top && !*above)
        found = git_tree_dup(&old, committing->top);
    else if (committing->top && (found = git_tree_entry_bypath(&entry, committing->top, above)) == 0)
        found = git_tree_lookup(&old, git, git_tree_entry_id(entry));
    git_tree_entry_free(entry);
    bool read = found == 0 || found == GIT_ENOTFOUND;
    if (!read)
        repository_object_fault(&committing->repository, err, "HEAD's files cannot be read");
    int written = read ? git_treebuilder_new(&builder, git, old) : -1;
    if (written == 0)
        written = git_treebuilder_insert(NULL, builder, name, child, GIT_FILEMODE_TREE);
    if (written == 0)
        written = git_treebuilder_write(child, builder);
    git_treebuilder_free(builder);
    git_tree_free(old);
    return read && (written == 0 || commit_fault(err, written, "a tree cannot be written"));
}

/* From the folder's own tree up to the top. */
static bool build_up(Committing *committing, git_oid *tree, Error *err) {
    char *path = arena_strdup(&committing->arena, buf_text(&committing->repository.path));
    while (*path) {
        char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        if (slash)
            *slash = '\0';
        if (!put_child(committing, slash ? path : "", name, tree, err))
            return false;
        if (!slash)
            break;
    }
    return true;
}

static bool refuse_incomplete(const Committing *committing, Error *err) {
    if (!folder_exists(&committing->folder, STATE_MARK))
        return true;
    error_set(err, ERR_FILES, "the state in %s is incomplete: an export was interrupted",
              committing->state_dir);
    return error_hint(err, "run `schema-sync export` again");
}

bool commit_tree(Committing *committing, git_oid *tree, Error *err) {
    git_index *folder = NULL;
    bool exists;
    if (!state_folder_open(committing->root, committing->state_dir, false, &committing->folder, &exists, err))
        return false;
    if (!exists) {
        error_set(err, ERR_FILES, "there is no state in %s/%s", committing->root, committing->state_dir);
        return error_hint(err, "run `schema-sync export` first");
    }
    bool done = folder_lock(&committing->folder, err) && refuse_incomplete(committing, err) &&
                read_parent(committing, &folder, err) && put_files(committing, folder, err);
    int written = done ? git_index_write_tree_to(tree, folder, committing->repository.git) : 0;
    git_index_free(folder);
    return done && (written == 0 || commit_fault(err, written, "a tree cannot be written")) &&
           build_up(committing, tree, err);
}
