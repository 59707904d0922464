#include "repo/commit.h"

#include <string.h>

#include "repo/committing.h"

enum { ATTEMPTS = 5 };

bool repo_commit_check(const char *root, const char *state_dir, Error *err) {
    AUTO(Committing) committing = { .folder.fd = -1 };
    return commit_open(&committing, root, state_dir, err);
}

/* ---- moving HEAD ---- */

static bool moved(Error *err) {
    error_set(err, ERR_LOCK, "git: HEAD moved while the commit was made");
    return error_hint(err, "run the command again: nothing was committed");
}

/* Under the locks: HEAD is still what the commit was made for. */
static bool check_head(const Committing *committing, Error *err) {
    git_repository *git = committing->repository.git;
    git_reference *head = NULL;
    git_oid id;
    bool same = git_reference_lookup(&head, git, "HEAD") == 0 &&
                str_equal(git_reference_symbolic_target(head), committing->head);
    git_reference_free(head);
    int found = git_reference_name_to_id(&id, git, "HEAD");
    same = same && (committing->parent ? found == 0 && git_oid_equal(&id, git_commit_id(committing->parent))
                                       : found == GIT_ENOTFOUND);
    return same || moved(err);
}

static bool lock_head(const Committing *committing, git_transaction *transaction, Error *err) {
    int locked = git_transaction_lock_ref(transaction, "HEAD");
    if (locked == 0 && committing->branch)
        locked = git_transaction_lock_ref(transaction, committing->branch);
    return (locked == 0 || commit_fault(err, locked, "HEAD cannot be locked")) && check_head(committing, err);
}

typedef struct {
    git_oid id;
    const git_signature *committer;
    const char *subject;
} NewCommit;

/* *again: the index was changed meanwhile. */
static bool publish_once(Committing *committing, const NewCommit *commit, bool *again, Error *err) {
    AUTO(NewIndex) index = { 0 };
    git_transaction *transaction = NULL;
    AUTO(Buf) entry = { 0 };
    const char *head = committing->branch ? committing->branch : "HEAD";
    bool same = false;
    buf_printf(&entry, "commit%s: %s", committing->parent ? "" : " (initial)", commit->subject);
    if (!new_index_draft(&index, committing, err))
        return false;
    if (git_transaction_new(&transaction, committing->repository.git) != 0)
        return repository_fault(err, "HEAD cannot be locked");
    bool done = lock_head(committing, transaction, err) && new_index_lock(&index, &same, err);
    *again = done && !same;
    if (done && same) {
        int code =
            git_transaction_set_target(transaction, head, &commit->id, commit->committer, buf_text(&entry));
        done =
            (code == 0 || commit_fault(err, code, "HEAD cannot be moved")) && new_index_publish(&index, err);
        code = done ? git_transaction_commit(transaction) : 0;
        done = done && (code == 0 || commit_fault(err, code, "HEAD cannot be moved"));
    }
    git_transaction_free(transaction);
    return done;
}

static bool publish(Committing *committing, const NewCommit *commit, Error *err) {
    bool again = true;
    for (int i = 0; again && i < ATTEMPTS; i++)
        if (!publish_once(committing, commit, &again, err))
            return false;
    if (!again)
        return true;
    error_set(err, ERR_LOCK, "git: the index kept changing while the commit was made");
    return error_hint(err, "run the command again when no other git is at work");
}

/* ---- the commit ---- */

static bool write_commit(Committing *committing, const git_oid *tree, const Authors *authors,
                         const Buf *message, git_oid *id, Error *err) {
    git_tree *top = NULL;
    const git_commit *parents[] = { committing->parent };
    git_repository *git = committing->repository.git;
    int code = git_tree_lookup(&top, git, tree);
    if (code == 0)
        code = git_commit_create(id, git, NULL, authors->author, authors->committer, NULL, buf_text(message),
                                 top, committing->parent != NULL, parents);
    git_tree_free(top);
    return code == 0 || commit_fault(err, code, "the commit cannot be written");
}

/* As git leaves a message: no blank lines at its ends, one newline. */
static bool tidy(Buf *message, Buf *subject, Error *err) {
    git_buf text = { 0 };
    int code = git_message_prettify(&text, buf_text(message), 0, '#');
    buf_clear(message);
    if (code == 0)
        buf_append(message, text.ptr, text.size);
    git_buf_dispose(&text);
    if (code != 0 || !message->length) {
        error_set(err, ERR_USAGE, "the commit's message is empty");
        return error_hint(err, "--commit alone makes a message of what changed");
    }
    buf_append(subject, message->data, strcspn(message->data, "\n"));
    return true;
}

static void say_where(const Committing *committing, CommitResult *result) {
    static const char heads[] = "refs/heads/";
    const char *branch = committing->branch;
    result->detached = !branch;
    if (branch)
        buf_puts(&result->branch, str_starts(branch, heads) ? branch + sizeof heads - 1 : branch);
    if (committing->parent)
        git_oid_tostr(result->id, sizeof result->id, git_commit_id(committing->parent));
}

static bool make(Committing *committing, const git_oid *tree, CommitMessage message, void *context,
                 CommitResult *result, Error *err) {
    AUTO(Authors) authors = { 0 };
    AUTO(Buf) text = { 0 };
    NewCommit commit = { 0 };
    if (!message(result->id, &text, context, err) || !tidy(&text, &result->subject, err) ||
        !commit_authors(committing->repository.git, &authors, err) ||
        !write_commit(committing, tree, &authors, &text, &commit.id, err))
        return false;
    commit.committer = authors.committer;
    commit.subject = buf_text(&result->subject);
    if (!publish(committing, &commit, err))
        return false;
    result->made = true;
    result->files = committing->changed;
    git_oid_tostr(result->id, sizeof result->id, &commit.id);
    return true;
}

bool repo_commit(const char *root, const char *state_dir, CommitMessage message, void *context,
                 CommitResult *result, Error *err) {
    AUTO(Committing) committing = { .folder.fd = -1 };
    git_oid tree;
    commit_result_free(result);
    if (!commit_open(&committing, root, state_dir, err) || !commit_tree(&committing, &tree, err))
        return false;
    say_where(&committing, result);
    return committing.changed == 0 || make(&committing, &tree, message, context, result, err);
}

void commit_result_free(CommitResult *result) {
    buf_free(&result->branch);
    buf_free(&result->subject);
    *result = (CommitResult){ 0 };
}
