#include "repo/changes.h"

#include "model/layout.h"

static char kind_of(unsigned status) {
    const unsigned gone = GIT_STATUS_WT_DELETED | GIT_STATUS_INDEX_DELETED,
                   new = GIT_STATUS_WT_NEW | GIT_STATUS_INDEX_NEW;
    if (status & GIT_STATUS_CONFLICTED)
        return 'U';
    if ((status & gone) && !(status & new))
        return 'D';
    return (status & new) && !(status & gone) ? 'A' : 'M';
}

static const char *path_of(const Repository *repository, const git_status_entry *entry) {
    const git_diff_delta *delta = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
    return delta->new_file.path + repository->path.length + (repository->path.length > 0);
}

static bool counts(const git_status_entry *entry, const char *path) {
    if (entry->status != GIT_STATUS_WT_NEW)
        return entry->status != GIT_STATUS_CURRENT && entry->status != GIT_STATUS_IGNORED;
    PathKind kind = layout_path(path).kind;
    return kind != PATH_FOREIGN && kind != PATH_MARK;
}

bool changes_each(const Repository *repository, ChangeEach each, void *context, Error *err) {
    git_status_options options;
    git_status_list *list = NULL;
    char *path = repository->path.data;
    if (git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION) != 0)
        return repository_fault(err, "status");
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    options.pathspec.count = repository->path.length ? 1 : 0;
    options.pathspec.strings = &path;
    if (git_status_list_new(&list, repository->git, &options) != 0)
        return repository_index_fault(err, "the work tree cannot be compared");
    bool more = true;
    for (size_t i = 0; i < git_status_list_entrycount(list) && more; i++) {
        const git_status_entry *entry = git_status_byindex(list, i);
        const char *below = path_of(repository, entry);
        if (counts(entry, below))
            more = each(kind_of(entry->status), below, context);
    }
    git_status_list_free(list);
    return true;
}
