#include "repo/merge_lines.h"

#include <git2.h>

#include "repo/repository.h"

static git_merge_file_input input_of(const LinesSide *side) {
    git_merge_file_input input = { .version = GIT_MERGE_FILE_INPUT_VERSION };
    input.ptr = side->text ? side->text : "";
    input.size = side->length;
    return input;
}

static bool merge_started(const LinesMerge *merge, Buf *out, bool *clean, Error *err) {
    git_merge_file_input base = input_of(&merge->base), ours = input_of(&merge->ours),
                         theirs = input_of(&merge->theirs);
    git_merge_file_options options = { .version = GIT_MERGE_FILE_OPTIONS_VERSION };
    git_merge_file_result result = { 0 };
    options.our_label = merge->ours_label;
    options.their_label = merge->theirs_label;
    options.marker_size = (unsigned short)merge->mark_size;
    if (git_merge_file(&result, &base, &ours, &theirs, &options) != 0)
        return repository_fault(err, "the texts cannot be merged");
    *clean = result.automergeable;
    buf_append(out, result.ptr, result.len);
    git_merge_file_result_free(&result);
    return true;
}

bool merge_lines(const LinesMerge *merge, Buf *out, bool *clean, Error *err) {
    if (git_libgit2_init() < 0)
        return repository_fault(err, "libgit2 cannot start");
    bool done = merge_started(merge, out, clean, err);
    git_libgit2_shutdown();
    return done;
}
