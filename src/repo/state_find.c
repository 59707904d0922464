/* Looking through history for a state that is known by its hash. */
#include <stdio.h>
#include <string.h>

#include "repo/repository.h"
#include "repo/state_commit.h"

/* Every state looked at is hashed as a whole. */
enum { MOST_STATES = 200, MOST_COMMITS = 20 * 1000 };

typedef struct {
    const char *root, *state_dir, *hash;
    StateCommit *found;
} Search;

/* A commit that is not here, or whose state cannot be read, is not the one. */
static bool try_commit(Search *search, const char *id) {
    Error ignored = { 0 };
    AUTO(Manifest) manifest = { 0 };
    char hash[DIGEST_HEX];
    bool exists = false;
    StateCommit *commit = NULL;
    if (!state_commit_open_id(search->root, search->state_dir, id, &commit, &ignored))
        return false;
    StateSource source = { search->root, search->state_dir, commit };
    if (state_hash_from(&source, &manifest, hash, &exists, &ignored) && exists &&
        strcmp(hash, search->hash) == 0)
        search->found = commit;
    else
        state_commit_close(&commit);
    return search->found != NULL;
}

typedef struct {
    git_oid folders[MOST_STATES];
    size_t count;
} Seen;

static bool is_new(Seen *seen, const git_oid *folder) {
    for (size_t i = 0; i < seen->count; i++)
        if (git_oid_equal(&seen->folders[i], folder))
            return false;
    git_oid_cpy(&seen->folders[seen->count++], folder);
    return true;
}

static bool walk(const Repository *repository, git_revwalk *commits, Search *search, Error *err) {
    Seen seen = { .count = 0 };
    git_oid id, folder;
    for (size_t i = 0; i < MOST_COMMITS && seen.count < MOST_STATES && git_revwalk_next(&id, commits) == 0;
         i++) {
        git_commit *commit = NULL;
        char name[65];
        if (git_commit_lookup(&commit, repository->git, &id) != 0)
            return repository_object_fault(repository, err, "history cannot be read");
        bool read = repository_folder(repository, commit, &folder, err);
        git_commit_free(commit);
        if (!read)
            return false;
        git_oid_tostr(name, sizeof name, &id);
        if (!git_oid_is_zero(&folder) && is_new(&seen, &folder) && try_commit(search, name))
            return true;
    }
    return true;
}

static bool search_history(Search *search, char why[FIND_WHY], Error *err) {
    AUTO(Repository) repository = { 0 };
    git_revwalk *commits = NULL;
    bool found;
    if (!repository_open(search->root, search->state_dir, &repository, &found, err))
        return false;
    if (!found) {
        snprintf(why, FIND_WHY, "the files are in no git repository");
        return true;
    }
    bool done = true;
    if (git_revwalk_new(&commits, repository.git) == 0 && git_revwalk_sorting(commits, GIT_SORT_TIME) == 0 &&
        git_revwalk_push_head(commits) == 0)
        done = walk(&repository, commits, search, err);
    git_revwalk_free(commits);
    if (done && !search->found)
        snprintf(why, FIND_WHY, "no commit has the state %.8s… that was applied last%s", search->hash,
                 git_repository_is_shallow(repository.git) == 1 ? " (the clone is shallow)" : "");
    return done;
}

bool state_commit_find(const char *root, const char *state_dir, const char *first, const char *hash,
                       StateCommit **out, char why[FIND_WHY], Error *err) {
    Search search = { .root = root, .state_dir = state_dir, .hash = hash };
    *out = NULL;
    why[0] = '\0';
    bool done = (first && *first && try_commit(&search, first)) || search_history(&search, why, err);
    *out = search.found;
    return done;
}
