#include "repo/lineage.h"

#include <string.h>

#include "repo/moved.h"
#include "repo/repository.h"
#include "repo/state_commit.h"
#include "repo/state_files.h"

/* ---- git ---- */

typedef struct {
    const Repository *repository;
    Arena *arena;
    const char **commits;
    size_t count, capacity;
    const char **paths; /* of the state folder, and where it stood before */
    size_t path_count, path_capacity;
} Walk;

/* The first one stands there already: another branch's commit may be newer than it. */
static void walk_add(Walk *walk, const char *name) {
    if (walk->count && strcmp(walk->commits[0], name) == 0)
        return;
    ARENA_PUSH(walk->arena, walk->commits, walk->count, walk->capacity, arena_strdup(walk->arena, name));
}

/* Older commits have the state where it stood before it was moved. */
static void follow(Walk *walk, const git_commit *commit, const git_commit *parent, const git_oid *folder) {
    const char *path = moved_from(walk->repository, commit, parent, folder, walk->arena);
    for (size_t i = 0; path && i < walk->path_count; i++)
        if (strcmp(walk->paths[i], path) == 0)
            return;
    if (path)
        ARENA_PUSH(walk->arena, walk->paths, walk->path_count, walk->path_capacity, path);
}

/* Whether a folder is not as the first parent, which may be NULL, has it. */
static bool differs(Walk *walk, const char *path, const git_commit *commit, const git_commit *parent,
                    bool *changed, Error *err) {
    git_oid own, before;
    memset(&before, 0, sizeof before);
    if (!repository_folder_at(walk->repository, path, commit, &own, err) ||
        (parent && !repository_folder_at(walk->repository, path, parent, &before, err)))
        return false;
    *changed |= !git_oid_equal(&own, &before);
    if (parent && git_oid_is_zero(&before) && !git_oid_is_zero(&own))
        follow(walk, commit, parent, &own);
    return true;
}

static bool changed_folder(Walk *walk, const git_commit *commit, bool *changed, Error *err) {
    git_commit *parent = NULL;
    int found = git_commit_parentcount(commit) ? git_commit_parent(&parent, commit, 0) : GIT_ENOTFOUND;
    if (found != 0 && found != GIT_ENOTFOUND) /* not there: the end, also of a shallow clone */
        return repository_object_fault(walk->repository, err, "history cannot be read");
    bool read = true;
    if (!parent || !git_oid_equal(git_commit_tree_id(parent), git_commit_tree_id(commit)))
        for (size_t i = 0, count = walk->path_count; read && i < count; i++)
            read = differs(walk, walk->paths[i], commit, parent, changed, err);
    git_commit_free(parent);
    return read;
}

static bool take_commit(Walk *walk, const git_oid *id, Error *err) {
    git_commit *commit = NULL;
    bool changed = false;
    if (git_commit_lookup(&commit, walk->repository->git, id) != 0)
        return repository_object_fault(walk->repository, err, "history cannot be read");
    bool done = changed_folder(walk, commit, &changed, err);
    if (done && changed) {
        char name[65];
        git_oid_tostr(name, sizeof name, id);
        walk_add(walk, name);
    }
    git_commit_free(commit);
    return done;
}

static bool walk_history(Walk *walk, const git_oid *from, Error *err) {
    git_revwalk *history = NULL;
    git_oid id;
    if (git_revwalk_new(&history, walk->repository->git) != 0 ||
        git_revwalk_sorting(history, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME) != 0 ||
        git_revwalk_push(history, from) != 0) {
        git_revwalk_free(history);
        return repository_object_fault(walk->repository, err, "history cannot be read");
    }
    bool done = true;
    int next = 0;
    while (done && (next = git_revwalk_next(&id, history)) == 0)
        done = take_commit(walk, &id, err);
    git_revwalk_free(history);
    if (done && next != GIT_ITEROVER)
        return repository_object_fault(walk->repository, err, "history cannot be read");
    return done;
}

/* The commit to start from; *found false when there is none yet. */
static bool start_of(const Repository *repository, const StateSource *source, git_oid *id, bool *found,
                     Error *err) {
    *found = true;
    if (source->commit) {
        state_commit_start(source->commit, id);
        return true;
    }
    int known = git_reference_name_to_id(id, repository->git, "HEAD");
    *found = known == 0;
    return known == 0 || known == GIT_ENOTFOUND || repository_fault(err, "HEAD cannot be read");
}

static bool lineage_from(Walk *walk, const git_oid *start, bool *complete, Error *err) {
    git_commit *commit = NULL;
    char last[65];
    bool cut = git_repository_is_shallow(walk->repository->git) == 1;
    const char *path = buf_text(&walk->repository->path);
    if (git_commit_lookup(&commit, walk->repository->git, start) != 0)
        return repository_object_fault(walk->repository, err, "history cannot be read");
    bool ends, done = repository_last_change(walk->repository, commit, last, &ends, err);
    git_commit_free(commit);
    if (done && last[0])
        walk_add(walk, last);
    ARENA_PUSH(walk->arena, walk->paths, walk->path_count, walk->path_capacity, path);
    /* libgit2 1.5 cannot walk to where a shallow clone ends */
    *complete = !cut && !ends;
    return done && (cut || walk_history(walk, start, err));
}

/* ---- the sealed file ---- */

static bool read_sealed(const char *root, Arena *arena, Lineage *lineage, bool *found, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(Buf) text = { 0 };
    if (!folder_open(&folder, root, false, err) ||
        !folder_read(&folder, LINEAGE_FILE, STATE_FILE_LIMIT, &text, found, err))
        return false;
    if (!*found)
        return true;
    if (text.length && text.data[text.length - 1] == '\n')
        text.data[--text.length] = '\0';
    *lineage = lineage_parse(arena, buf_text(&text));
    if (lineage->count)
        return true;
    error_set(err, ERR_FILES, "%s: is no lineage", LINEAGE_FILE);
    return error_hint(err, "run `schema-sync seal` again where the state was sealed");
}

static bool agree(const Lineage *sealed, const Lineage *git, Error *err) {
    if (!git->count || strcmp(sealed->commits[0], git->commits[0]) == 0)
        return true;
    error_set(err, ERR_FILES, "%s says that the state is of commit %.12s, git says %.12s", LINEAGE_FILE,
              sealed->commits[0], git->commits[0]);
    return error_hint(err, "run `schema-sync seal` again, or remove %s: with git at hand it is not needed",
                      LINEAGE_FILE);
}

bool lineage_of_git(const StateSource *source, Arena *arena, Lineage *lineage, Error *err) {
    AUTO(Repository) repository = { 0 };
    Walk walk = { .repository = &repository, .arena = arena };
    bool found, started = false;
    git_oid start;
    *lineage = (Lineage){ 0 };
    if (!repository_open(source->root, source->state_dir, &repository, &found, err) ||
        (found && !start_of(&repository, source, &start, &started, err)) ||
        (started && !lineage_from(&walk, &start, &lineage->complete, err)))
        return false;
    lineage->commits = walk.commits;
    lineage->count = walk.count;
    return true;
}

bool repo_lineage(const StateSource *source, Arena *arena, Lineage *lineage, Error *err) {
    Lineage sealed = { 0 };
    bool is_sealed = false;
    if (!lineage_of_git(source, arena, lineage, err) ||
        (!source->commit && !read_sealed(source->root, arena, &sealed, &is_sealed, err)))
        return false;
    if (!is_sealed)
        return true;
    if (!agree(&sealed, lineage, err))
        return false;
    if (!lineage->count)
        *lineage = sealed;
    return true;
}

/* ---- sealing ---- */

static bool write_file(const Folder *folder, const char *name, const Buf *text, Error *err) {
    AUTO(FileWriter) writer = { 0 };
    return file_writer_begin(&writer, folder, name, err) &&
           file_writer_write(&writer, text->data, text->length, err) && file_writer_commit(&writer, err);
}

bool lineage_seal(const char *root, const Manifest *manifest, const Lineage *lineage, Error *err) {
    AUTO(Folder) folder = { .fd = -1 };
    AUTO(Buf) lines = { 0 };
    AUTO(Buf) text = { 0 };
    manifest_text(manifest, &lines);
    lineage_text(lineage, &text);
    buf_putc(&text, '\n');
    return folder_open(&folder, root, false, err) && write_file(&folder, STATE_SEALED, &lines, err) &&
           write_file(&folder, LINEAGE_FILE, &text, err) && folder_sync(&folder, "", err);
}
