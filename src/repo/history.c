#include "repo/history.h"

#include <stdlib.h>
#include <string.h>

#include "repo/revision.h"

/* ---- the commits that were met ---- */

typedef struct {
    git_oid id;
    git_oid folder; /* what it has at the state folder; zeros for nothing */
    int64_t time;
    size_t sequence; /* in which it was queued */
    bool looked_at, missing, left_out, queued;
} Node;

/* Nodes stay where they are; `index` is an open hash table of numbers from 1. */
enum { BLOCK = 1024 };
typedef struct {
    Node **blocks;
    size_t count, block_capacity;
    uint32_t *index;
    size_t index_size; /* a power of two */
} Nodes;

struct History {
    Arena arena;
    Repository repository;
    Nodes nodes;
    Node **heap;
    size_t heap_count, heap_capacity, sequence;
    int64_t since;
    HistoryEnd end;
    char end_id[65];
    /* the commit at hand */
    git_commit *commit;
    const Node *node;
    Node *parents[64]; /* that are here; nobody merges more */
    size_t parent_count;
    char parent_id[65];
};

static Node *node_at(const Nodes *nodes, size_t number) {
    return &nodes->blocks[number / BLOCK][number % BLOCK];
}

static size_t slot_of(const Nodes *nodes, const git_oid *id) {
    size_t hash;
    memcpy(&hash, id->id, sizeof hash);
    size_t slot = hash & (nodes->index_size - 1);
    while (nodes->index[slot] && !git_oid_equal(&node_at(nodes, nodes->index[slot] - 1)->id, id))
        slot = (slot + 1) & (nodes->index_size - 1);
    return slot;
}

static void grow_index(Nodes *nodes) {
    free(nodes->index);
    nodes->index_size = nodes->index_size ? nodes->index_size * 2 : 4096;
    nodes->index = mem_alloc(nodes->index_size * sizeof *nodes->index);
    memset(nodes->index, 0, nodes->index_size * sizeof *nodes->index);
    for (size_t i = 0; i < nodes->count; i++)
        nodes->index[slot_of(nodes, &node_at(nodes, i)->id)] = (uint32_t)i + 1;
}

static Node *node_of(History *history, const git_oid *id) {
    Nodes *nodes = &history->nodes;
    if (nodes->count * 2 >= nodes->index_size)
        grow_index(nodes);
    size_t slot = slot_of(nodes, id);
    if (nodes->index[slot])
        return node_at(nodes, nodes->index[slot] - 1);
    if (nodes->count % BLOCK == 0) {
        Node *block = arena_array(&history->arena, BLOCK, sizeof *block);
        size_t blocks = nodes->count / BLOCK;
        ARENA_PUSH(&history->arena, nodes->blocks, blocks, nodes->block_capacity, block);
    }
    Node *node = node_at(nodes, nodes->count++);
    git_oid_cpy(&node->id, id);
    nodes->index[slot] = (uint32_t)nodes->count;
    return node;
}

/* ---- the newest first ---- */

static bool comes_before(const Node *a, const Node *b) {
    return a->time != b->time ? a->time > b->time : a->sequence < b->sequence;
}

static void swap(Node **heap, size_t a, size_t b) {
    Node *kept = heap[a];
    heap[a] = heap[b];
    heap[b] = kept;
}

static void queue(History *history, Node *node) {
    if (node->queued || node->missing || node->left_out)
        return;
    node->queued = true;
    node->sequence = history->sequence++;
    ARENA_PUSH(&history->arena, history->heap, history->heap_count, history->heap_capacity, node);
    for (size_t at = history->heap_count - 1;
         at && comes_before(history->heap[at], history->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(history->heap, at, (at - 1) / 2);
}

static Node *take(History *history) {
    if (!history->heap_count)
        return NULL;
    Node **heap = history->heap, *first = heap[0];
    heap[0] = heap[--history->heap_count];
    for (size_t at = 0;;) {
        size_t least = at, left = 2 * at + 1;
        if (left < history->heap_count && comes_before(heap[left], heap[least]))
            least = left;
        if (left + 1 < history->heap_count && comes_before(heap[left + 1], heap[least]))
            least = left + 1;
        if (least == at)
            return first;
        swap(heap, at, least);
        at = least;
    }
}

/* ---- walking ---- */

static void note_end(History *history, HistoryEnd end, const git_oid *id) {
    if (history->end != HISTORY_WHOLE)
        return;
    history->end = end;
    git_oid_tostr(history->end_id, sizeof history->end_id, id);
}

/* A commit that is not here ends history; one whose tree is not here does too. */
static bool look_at(History *history, Node *node, Error *err) {
    git_commit *commit = NULL;
    if (node->looked_at)
        return true;
    node->looked_at = true;
    int found = git_commit_lookup(&commit, history->repository.git, &node->id);
    node->missing = found == GIT_ENOTFOUND;
    if (found != 0)
        return node->missing || repository_object_fault(&history->repository, err, "history cannot be read");
    node->time = git_commit_time(commit);
    bool read = repository_folder(&history->repository, commit, &node->folder, err);
    git_commit_free(commit);
    if (read || !repository_is_partial(&history->repository))
        return read;
    *err = (Error){ 0 };
    note_end(history, HISTORY_PARTIAL, &node->id);
    return node->missing = true;
}

static bool parents_of(History *history, Error *err) {
    size_t count = git_commit_parentcount(history->commit);
    history->parent_count = 0;
    for (size_t i = 0; i < count && history->parent_count < 64; i++) {
        Node *parent = node_of(history, git_commit_parent_id(history->commit, (unsigned)i));
        if (!look_at(history, parent, err))
            return false;
        if (!parent->missing)
            history->parents[history->parent_count++] = parent;
        else
            note_end(history, HISTORY_SHALLOW, &history->node->id);
    }
    return true;
}

/* Queues what is to be followed; whether the commit at hand changed the folder. */
static bool follow(History *history) {
    bool first = git_commit_parentcount(history->commit) == 0;
    for (size_t i = 0; i < history->parent_count; i++)
        if (git_oid_equal(&history->parents[i]->folder, &history->node->folder)) {
            queue(history, history->parents[i]);
            return false;
        }
    for (size_t i = 0; i < history->parent_count; i++)
        queue(history, history->parents[i]);
    return first ? !git_oid_is_zero(&history->node->folder) : history->parent_count > 0;
}

static void describe(const History *history, HistoryCommit *commit) {
    const git_signature *author = git_commit_author(history->commit);
    const char *subject = git_commit_summary(history->commit);
    *commit = (HistoryCommit){ .author = author && author->name ? author->name : "",
                               .email = author && author->email ? author->email : "",
                               .subject = subject ? subject : "",
                               .time = author ? author->when.time : git_commit_time(history->commit),
                               .offset = author ? author->when.offset : 0,
                               .parents = history->parent_count };
    git_oid_tostr(commit->id, sizeof commit->id, &history->node->id);
}

bool history_next(History *history, HistoryCommit *commit, bool *more, Error *err) {
    *more = false;
    for (Node *node; (node = take(history)) != NULL;) {
        if (node->time < history->since)
            continue;
        git_commit_free(history->commit);
        history->commit = NULL;
        history->node = node;
        if (git_commit_lookup(&history->commit, history->repository.git, &node->id) != 0)
            return repository_object_fault(&history->repository, err, "history cannot be read");
        if (!parents_of(history, err))
            return false;
        if (!follow(history))
            continue;
        describe(history, commit);
        *more = true;
        return true;
    }
    return true;
}

/* A revision and all that came before it; only commits are read. */
static bool leave_out(History *history, const git_oid *from, Error *err) {
    Node **stack = NULL, *first = node_of(history, from);
    size_t count = 0, capacity = 0;
    first->left_out = true;
    ARENA_PUSH(&history->arena, stack, count, capacity, first);
    while (count) {
        git_commit *commit = NULL;
        int found = git_commit_lookup(&commit, history->repository.git, &stack[--count]->id);
        if (found == GIT_ENOTFOUND)
            continue;
        if (found != 0)
            return repository_object_fault(&history->repository, err, "history cannot be read");
        for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
            Node *parent = node_of(history, git_commit_parent_id(commit, i));
            if (!parent->left_out)
                ARENA_PUSH(&history->arena, stack, count, capacity, parent);
            parent->left_out = true;
        }
        git_commit_free(commit);
    }
    return true;
}

static bool start(History *history, const HistoryRequest *request, Error *err) {
    git_commit *commit = NULL, *without = NULL;
    const char *from = request->from ? request->from : "HEAD";
    bool done =
        revision_commit(&history->repository, from, &commit, err) &&
        (!request->without || (revision_commit(&history->repository, request->without, &without, err) &&
                               leave_out(history, git_commit_id(without), err)));
    if (done) {
        Node *node = node_of(history, git_commit_id(commit));
        done = look_at(history, node, err);
        if (done)
            queue(history, node);
    }
    git_commit_free(commit);
    git_commit_free(without);
    return done;
}

bool history_begin(const char *root, const char *state_dir, const HistoryRequest *request, History **out,
                   Error *err) {
    History *history = mem_alloc(sizeof *history);
    bool found = false;
    *history = (History){ .since = request->since };
    *out = history;
    if (repository_open(root, state_dir, &history->repository, &found, err)) {
        if (found && start(history, request, err))
            return true;
        if (!found) {
            error_set(err, ERR_CONFIG, "%s is in no git repository: there is no history to read", root);
            error_hint(err, "run it in the repository that has the state");
        }
    }
    history_close(out);
    return false;
}

const char *history_parent(History *history, size_t parent) {
    if (parent >= history->parent_count)
        return "";
    return git_oid_tostr(history->parent_id, sizeof history->parent_id, &history->parents[parent]->id);
}

HistoryEnd history_end(const History *history, char id[65]) {
    memcpy(id, history->end_id, sizeof history->end_id);
    return history->end;
}

void history_close(History **handle) {
    History *history = *handle;
    if (!history)
        return;
    git_commit_free(history->commit);
    repository_close(&history->repository);
    free(history->nodes.index);
    arena_free(&history->arena);
    free(history);
    *handle = NULL;
}

/* ---- files ---- */

typedef struct {
    History *history;
    const HistoryVisitor *visitor;
    size_t parent;
    Error *err;
} FileWalk;

/* Where a partial clone ends is no fault: who shows history says that it is not the whole. */
static void note_missing(History *history) {
    if (repository_is_partial(&history->repository))
        note_end(history, HISTORY_PARTIAL, &history->node->id);
}

static bool object_fault(FileWalk *walk, const char *what) {
    repository_object_fault(&walk->history->repository, walk->err, what);
    note_missing(walk->history);
    return false;
}

/* *tree NULL: there is no folder. */
static bool open_tree(FileWalk *walk, const git_oid *id, git_tree **tree) {
    *tree = NULL;
    return git_oid_is_zero(id) || git_tree_lookup(tree, walk->history->repository.git, id) == 0 ||
           object_fault(walk, "a commit's files cannot be read");
}

/* Of a merge only what no parent has so is its own. */
static bool is_own(FileWalk *walk, const char *path, const git_tree_entry *after, bool *own) {
    const History *history = walk->history;
    *own = true;
    for (size_t i = 0; *own && i < history->parent_count; i++) {
        git_tree *tree = NULL;
        git_tree_entry *entry = NULL;
        if (i == walk->parent)
            continue;
        if (!open_tree(walk, &history->parents[i]->folder, &tree))
            return false;
        int found = tree ? git_tree_entry_bypath(&entry, tree, path) : GIT_ENOTFOUND;
        *own = found != 0 ? after != NULL
                          : !after || !git_oid_equal(git_tree_entry_id(entry), git_tree_entry_id(after));
        git_tree_entry_free(entry);
        git_tree_free(tree);
    }
    return true;
}

static bool open_blob(FileWalk *walk, const git_tree_entry *entry, git_blob **blob, char id[65]) {
    *blob = NULL;
    id[0] = '\0';
    if (!entry)
        return true;
    git_oid_tostr(id, 65, git_tree_entry_id(entry));
    return git_blob_lookup(blob, walk->history->repository.git, git_tree_entry_id(entry)) == 0 ||
           object_fault(walk, "a commit's file cannot be read");
}

static bool visit_file(FileWalk *walk, const char *path, const PathInfo *info, const git_tree_entry *before,
                       const git_tree_entry *after) {
    HistoryFile file = { .path = path, .info = *info };
    git_blob *old = NULL, *now = NULL;
    bool done = open_blob(walk, before, &old, file.before_id) && open_blob(walk, after, &now, file.after_id);
    if (done) {
        file.before = old ? git_blob_rawcontent(old) : NULL;
        file.after = now ? git_blob_rawcontent(now) : NULL;
        file.before_length = old ? (size_t)git_blob_rawsize(old) : 0;
        file.after_length = now ? (size_t)git_blob_rawsize(now) : 0;
        done = walk->visitor->visit(&file, walk->visitor->context, walk->err);
    }
    git_blob_free(old);
    git_blob_free(now);
    return done;
}

static bool is_file(const git_tree_entry *entry) {
    return entry && git_tree_entry_type(entry) == GIT_OBJECT_BLOB;
}

static bool walk_trees(FileWalk *walk, const char *above, const git_tree *before, const git_tree *after);

static bool walk_folder(FileWalk *walk, const char *path, const git_tree_entry *before,
                        const git_tree_entry *after) {
    git_tree *old = NULL, *now = NULL;
    static const git_oid none = { 0 };
    bool done = open_tree(walk, before ? git_tree_entry_id(before) : &none, &old) &&
                open_tree(walk, after ? git_tree_entry_id(after) : &none, &now) &&
                walk_trees(walk, path, old, now);
    git_tree_free(old);
    git_tree_free(now);
    return done;
}

/* Entries of one name, or one alone. */
static bool walk_entry(FileWalk *walk, const char *above, const git_tree_entry *before,
                       const git_tree_entry *after) {
    const git_tree_entry *any = after ? after : before;
    const char *name = git_tree_entry_name(any);
    AUTO(Buf) path = { 0 };
    if (name[0] == '.' ||
        (before && after && git_oid_equal(git_tree_entry_id(before), git_tree_entry_id(after))))
        return true;
    buf_printf(&path, "%s%s%s", above, *above ? "/" : "", name);
    if (git_tree_entry_type(any) == GIT_OBJECT_TREE)
        return walk_folder(walk, buf_text(&path), before, after);
    PathInfo info = layout_path(buf_text(&path));
    bool own = true;
    if (!is_file(any) || info.kind == PATH_FOREIGN ||
        !walk->visitor->wants(buf_text(&path), &info, walk->visitor->context))
        return true;
    return is_own(walk, buf_text(&path), after, &own) &&
           (!own || visit_file(walk, buf_text(&path), &info, before, after));
}

static bool walk_trees(FileWalk *walk, const char *above, const git_tree *before, const git_tree *after) {
    size_t old_count = before ? git_tree_entrycount(before) : 0,
           now_count = after ? git_tree_entrycount(after) : 0;
    for (size_t i = 0, j = 0; i < old_count || j < now_count;) {
        const git_tree_entry *old = i < old_count ? git_tree_entry_byindex(before, i) : NULL;
        const git_tree_entry *now = j < now_count ? git_tree_entry_byindex(after, j) : NULL;
        int order = !old ? 1 : !now ? -1 : git_tree_entry_cmp(old, now);
        if (!walk_entry(walk, above, order <= 0 ? old : NULL, order >= 0 ? now : NULL))
            return false;
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

bool history_files(History *history, size_t parent, const HistoryVisitor *visitor, Error *err) {
    FileWalk walk = { history, visitor, parent, err };
    git_tree *old = NULL, *now = NULL;
    bool done =
        (parent >= history->parent_count || open_tree(&walk, &history->parents[parent]->folder, &old)) &&
        open_tree(&walk, &history->node->folder, &now) && walk_trees(&walk, "", old, now);
    git_tree_free(old);
    git_tree_free(now);
    return done;
}

bool history_text(History *history, bool before, size_t parent, const char *path, Buf *text, bool *found,
                  Error *err) {
    FileWalk walk = { .history = history, .err = err };
    git_tree *tree = NULL;
    *found = false;
    if (before && parent >= history->parent_count)
        return true;
    if (!open_tree(&walk, before ? &history->parents[parent]->folder : &history->node->folder, &tree))
        return false;
    bool done = !tree || repository_file(&history->repository, tree, path, text, found, err);
    if (!done)
        note_missing(history);
    git_tree_free(tree);
    return done;
}
