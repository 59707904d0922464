#include "repo/merge_driver.h"

#include "repo/repository.h"

static const char NAME_KEY[] = "merge." MERGE_DRIVER ".name";
static const char DRIVER_KEY[] = "merge." MERGE_DRIVER ".driver";
static const char NAME[] = "state files by record and field";

/*
 * Whatever ends with another status than "merged" and "conflict" (an older program, none at all, no memory)
 * must not be taken for a merge: git would keep our side and drop theirs. Then git's own merge does it.
 */
static const char DRIVER[] =
    "schema-sync merge-file --marker-size=%L --ours=%X --theirs=%Y %O %A %B %P; r=$?; "
    "test $r -le 1 || { git merge-file --marker-size=%L %A %O %B; r=$?; }; exit $r";

static bool is_configured(git_config *config, bool *configured, Error *err) {
    git_config_entry *entry = NULL;
    int found = git_config_get_entry(&entry, config, DRIVER_KEY);
    git_config_entry_free(entry);
    *configured = found == 0;
    return found == 0 || found == GIT_ENOTFOUND ||
           repository_fault(err, "the repository's configuration cannot be read");
}

static bool write_driver(git_config *config, Error *err) {
    git_config *local = NULL;
    bool done = git_config_open_level(&local, config, GIT_CONFIG_LEVEL_LOCAL) == 0 &&
                git_config_set_string(local, NAME_KEY, NAME) == 0 &&
                git_config_set_string(local, DRIVER_KEY, DRIVER) == 0;
    git_config_free(local);
    return done ||
           repository_fault(err, "the merge driver cannot be put into the repository's configuration");
}

bool merge_driver_set_up(const char *root, MergeDriverSetUp *done, Error *err) {
    AUTO(Repository) repository = { 0 };
    git_config *config = NULL;
    bool found, configured = false;
    *done = MERGE_DRIVER_NOWHERE;
    if (!repository_open(root, "", &repository, &found, err))
        return false;
    if (!found)
        return true;
    if (git_repository_config(&config, repository.git) != 0)
        return repository_fault(err, "the repository's configuration cannot be read");
    bool right = is_configured(config, &configured, err) && (configured || write_driver(config, err));
    git_config_free(config);
    *done = configured ? MERGE_DRIVER_KEPT : MERGE_DRIVER_WRITTEN;
    return right;
}

static bool is_named(const Repository *repository, bool *named, Error *err) {
    AUTO(Buf) path = { 0 };
    const char *value = NULL;
    buf_printf(&path, "%s/settings.json", buf_text(&repository->path));
    if (git_attr_get(&value, repository->git, GIT_ATTR_CHECK_FILE_THEN_INDEX, path.data, "merge") != 0)
        return repository_fault(err, ".gitattributes cannot be read");
    *named = git_attr_value(value) == GIT_ATTR_VALUE_STRING && str_equal(value, MERGE_DRIVER);
    return true;
}

bool merge_driver_missing(const char *root, const char *state_dir, bool *missing, Error *err) {
    AUTO(Repository) repository = { 0 };
    git_config *config = NULL;
    bool found, named = false, configured = true;
    *missing = false;
    if (!repository_open(root, state_dir, &repository, &found, err))
        return false;
    if (!found || git_repository_is_bare(repository.git))
        return true;
    if (!is_named(&repository, &named, err))
        return false;
    if (!named)
        return true;
    bool read = (git_repository_config(&config, repository.git) == 0 ||
                 repository_fault(err, "the repository's configuration cannot be read")) &&
                is_configured(config, &configured, err);
    git_config_free(config);
    *missing = !configured;
    return read;
}
