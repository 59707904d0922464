#include "repo/overview.h"

#include <stdlib.h>
#include <string.h>

#include "repo/changes.h"
#include "repo/state_commit.h"

typedef struct {
    Repository repository;
    Arena *arena;
    git_oid start; /* where it is looked from */
    RepoOverview *out;
    VersionTag *tags;
    size_t tag_count, tag_capacity;
    DirtyFile *dirty;
    size_t dirty_count, dirty_capacity;
} Look;

static const char *name_of(Arena *arena, const git_oid *id) {
    char name[65];
    git_oid_tostr(name, sizeof name, id);
    return arena_strdup(arena, name);
}

/* ---- where HEAD is ---- */

static bool look_at_head(Look *look, const StateSource *source, Error *err) {
    git_repository *git = look->repository.git;
    git_reference *head = NULL;
    int found = git_reference_lookup(&head, git, "HEAD");
    if (found != 0)
        return repository_fault(err, "HEAD cannot be read");
    const char *name = git_reference_symbolic_target(head);
    static const char heads[] = "refs/heads/";
    if (name)
        look->out->branch =
            arena_strdup(look->arena, str_starts(name, heads) ? name + sizeof heads - 1 : name);
    git_reference_free(head);
    if (source->commit)
        state_commit_start(source->commit, &look->start);
    else
        found = git_reference_name_to_id(&look->start, git, "HEAD");
    if (found == 0)
        look->out->commit = name_of(look->arena, &look->start);
    return found == 0 || found == GIT_ENOTFOUND || repository_fault(err, "HEAD cannot be read");
}

/* ---- versions ---- */

typedef struct {
    unsigned long part[3];
} Version;

/* Digits without a zero in front, as semver has it. */
static bool parse_version(const char *name, Version *version) {
    if (*name++ != 'v')
        return false;
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(name, "0123456789");
        if (!digits || digits > 9 || (digits > 1 && *name == '0'))
            return false;
        version->part[i] = strtoul(name, NULL, 10);
        name += digits;
        if (*name != (i < 2 ? '.' : '\0'))
            return false;
        name++;
    }
    return true;
}

static int newer_first(const void *a, const void *b) {
    Version first = { 0 }, second = { 0 };
    parse_version(((const VersionTag *)a)->name, &first);
    parse_version(((const VersionTag *)b)->name, &second);
    for (int i = 0; i < 3; i++)
        if (first.part[i] != second.part[i])
            return first.part[i] < second.part[i] ? 1 : -1;
    return 0;
}

static int take_tag(const char *name, git_oid *id, void *context) {
    Look *look = context;
    Version version;
    git_object *object = NULL, *commit = NULL;
    const char *shown = name + strlen("refs/tags/");
    if (!parse_version(shown, &version))
        return 0;
    /* a tag of something else, or of what is not here, is no version */
    if (git_object_lookup(&object, look->repository.git, id, GIT_OBJECT_ANY) == 0 &&
        git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0) {
        VersionTag tag = { .name = arena_strdup(look->arena, shown),
                           .commit = name_of(look->arena, git_object_id(commit)),
                           .since = -1,
                           .beyond = -1 };
        ARENA_PUSH(look->arena, look->tags, look->tag_count, look->tag_capacity, tag);
    }
    git_object_free(object);
    git_object_free(commit);
    return 0;
}

static bool place_tag(Look *look, VersionTag *tag, Error *err) {
    git_commit *commit = NULL;
    git_oid id;
    size_t since, beyond;
    char state[65];
    bool cut;
    if (git_oid_fromstr(&id, tag->commit) != 0 || git_commit_lookup(&commit, look->repository.git, &id) != 0)
        return repository_object_fault(&look->repository, err, tag->name);
    bool done = repository_last_change(&look->repository, commit, state, &cut, err);
    git_commit_free(commit);
    if (!done)
        return false;
    if (*state)
        tag->state = arena_strdup(look->arena, state);
    /* libgit2 1.5 cannot count to where a shallow clone ends */
    if (look->out->commit && !look->out->shallow &&
        git_graph_ahead_behind(&since, &beyond, look->repository.git, &look->start, &id) == 0) {
        tag->since = (long)since;
        tag->beyond = (long)beyond;
    }
    return true;
}

static bool look_at_tags(Look *look, Error *err) {
    if (git_tag_foreach(look->repository.git, take_tag, look) != 0)
        return repository_fault(err, "the tags cannot be read");
    if (look->tag_count)
        qsort(look->tags, look->tag_count, sizeof *look->tags, newer_first);
    look->out->tags = look->tags;
    look->out->tag_count = look->tag_count;
    for (size_t i = 0; i < look->tag_count && i < TAGS_LOOKED_AT; i++)
        if (!place_tag(look, &look->tags[i], err))
            return false;
    return true;
}

/* ---- files ---- */

static bool take_change(char kind, const char *path, void *context) {
    Look *look = context;
    DirtyFile file = { kind, arena_strdup(look->arena, path) };
    ARENA_PUSH(look->arena, look->dirty, look->dirty_count, look->dirty_capacity, file);
    return true;
}

static bool look_at_files(Look *look, const StateSource *source, Error *err) {
    if (look->out->bare || source->commit)
        return true;
    bool done = changes_each(&look->repository, take_change, look, err);
    look->out->dirty = look->dirty;
    look->out->dirty_count = look->dirty_count;
    return done;
}

bool repo_overview(const StateSource *source, Arena *arena, RepoOverview *overview, Error *err) {
    Look look = { .arena = arena, .out = overview };
    *overview = (RepoOverview){ 0 };
    bool done = repository_open(source->root, source->state_dir, &look.repository, &overview->found, err);
    if (done && overview->found) {
        overview->bare = git_repository_is_bare(look.repository.git) == 1;
        overview->shallow = git_repository_is_shallow(look.repository.git) == 1;
        done =
            look_at_head(&look, source, err) && look_at_tags(&look, err) && look_at_files(&look, source, err);
    }
    repository_close(&look.repository);
    return done;
}
