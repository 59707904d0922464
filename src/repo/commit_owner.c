#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repo/committing.h"

/* Root under sudo is who called it, too. */
static bool is_mine(const char *path) {
    struct stat status;
    const char *caller = getenv("SUDO_UID");
    if (!path || lstat(path, &status) != 0)
        return true;
    return status.st_uid == geteuid() ||
           (geteuid() == 0 && caller && strtoul(caller, NULL, 10) == status.st_uid);
}

typedef struct {
    const char *folder; /* without the slash at its end */
    bool safe;
} Search;

/* As git: an empty value forgets those before it; the repository's own configuration has no say. */
static int take_value(const git_config_entry *entry, void *context) {
    Search *search = context;
    size_t length = strlen(entry->value);
    if (entry->level == GIT_CONFIG_LEVEL_LOCAL || entry->level == GIT_CONFIG_LEVEL_APP)
        return 0;
    if (!length)
        search->safe = false;
    else if (strcmp(entry->value, "*") == 0)
        search->safe = true;
    else if (str_ends(entry->value, "/*"))
        search->safe |= strncmp(entry->value, search->folder, length - 1) == 0;
    else
        search->safe |= strcmp(entry->value, search->folder) == 0;
    return 0;
}

static bool is_said_to_be_safe(git_repository *git, const char *folder) {
    git_config *config = NULL;
    Search search = { .folder = folder };
    if (git_repository_config_snapshot(&config, git) == 0)
        git_config_get_multivar_foreach(config, "safe.directory", NULL, take_value, &search);
    git_config_free(config);
    return search.safe;
}

bool commit_owner_fits(git_repository *git, Error *err) {
    AUTO(Buf) folder = { 0 };
    if (is_mine(git_repository_workdir(git)) && is_mine(git_repository_path(git)))
        return true;
    buf_puts(&folder, git_repository_workdir(git));
    while (folder.length > 1 && folder.data[folder.length - 1] == '/')
        folder.data[--folder.length] = '\0';
    if (is_said_to_be_safe(git, buf_text(&folder)))
        return true;
    error_set(err, ERR_REFUSED, "git: the repository in %s belongs to another user", buf_text(&folder));
    return error_hint(
        err,
        "commit as its owner, who could not change what another writes; or allow it, as git wants "
        "it too: git config --global --add safe.directory '%s'",
        buf_text(&folder));
}
