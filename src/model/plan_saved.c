#include "model/plan_saved.h"

#include <stdlib.h>
#include <string.h>

#include "model/canon.h"
#include "model/show.h"

#define FORMAT "schema-sync plan"
enum { FORMAT_VERSION = 1 };

/* ---- the document ---- */

void saved_plan_take(SavedPlan *saved, const Plan *plan) {
    JsonObjectBuilder rows = json_object_builder(&saved->arena);
    for (size_t i = 0; i < plan->row_count; i++)
        json_object_put(&rows, plan->rows[i].collection, json_string(&saved->arena, plan->rows[i].digest));
    saved->rows = json_object_done(&rows);
    saved->plan = plan_json(&saved->arena, plan);
}

static Json options_json(Arena *arena, const SavedPlan *saved) {
    JsonObjectBuilder options = json_object_builder(arena);
    json_object_put(&options, "mode", json_string(arena, saved->mode));
    json_object_put(&options, "only", json_string(arena, saved->only));
    json_object_put(&options, "ref", json_string(arena, saved->ref));
    json_object_put(&options, "again", json_bool(saved->again));
    json_object_put(&options, "allow_version", json_bool(saved->allow_version));
    return json_object_done(&options);
}

static Json unsealed(Arena *arena, const SavedPlan *saved) {
    JsonObjectBuilder document = json_object_builder(arena);
    json_object_put(&document, "format", json_string(arena, FORMAT));
    json_object_put(&document, "version", json_number(FORMAT_VERSION));
    json_object_put(&document, "environment", json_string(arena, saved->environment));
    json_object_put(&document, "url", json_string(arena, saved->url));
    json_object_put(&document, "hash", json_string(arena, saved->files_hash));
    json_object_put(&document, "marker_hash", json_string(arena, saved->hash));
    json_object_put(&document, "options", options_json(arena, saved));
    json_object_put(&document, "plan", saved->plan);
    json_object_put(&document, "row_digests", saved->rows);
    return json_object_done(&document);
}

static void seal_of(const Json *document, char seal[DIGEST_HEX]) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, document);
    digest_of(text.data, text.length, seal);
}

void saved_plan_text(const SavedPlan *saved, Buf *out) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) text = { 0 };
    char seal[DIGEST_HEX];
    Json document = unsealed(&arena, saved);
    seal_of(&document, seal);
    document = json_with(&arena, &document, "seal", json_string(&arena, seal));
    canon_pretty(&text, &document);
    show_json(out, &text);
    buf_putc(out, '\n');
}

/* ---- reading ---- */

static bool is_whole(const Json *document) {
    static const char *const seal[] = { "seal", NULL };
    AUTO(Arena) arena = { 0 };
    char made[DIGEST_HEX];
    Json rest = json_without(&arena, document, seal);
    seal_of(&rest, made);
    return str_equal(json_get_text(document, "seal"), made);
}

static bool take_members(SavedPlan *saved, const Json *document) {
    const Json *options = json_get(document, "options"), *plan = json_get(document, "plan");
    const Json *rows = json_get(document, "row_digests");
    saved->environment = json_get_text(document, "environment");
    saved->url = json_get_text(document, "url");
    saved->files_hash = json_get_text(document, "hash");
    saved->hash = json_get_text(document, "marker_hash");
    saved->mode = json_get_text(options, "mode");
    saved->only = json_get_text(options, "only");
    saved->ref = json_get_text(options, "ref");
    saved->again = json_get_bool(options, "again", false);
    saved->allow_version = json_get_bool(options, "allow_version", false);
    if (!saved->files_hash || !saved->hash || !json_is(plan, JSON_OBJECT) || !json_is(rows, JSON_OBJECT))
        return false;
    saved->plan = *plan;
    saved->rows = *rows;
    return true;
}

static bool mend(Error *err) {
    return error_hint(err, "make it again with `schema-sync diff --out FILE`; a plan is read, never edited");
}

bool saved_plan_parse(SavedPlan *saved, const char *name, const char *text, size_t length, Error *err) {
    Json document;
    if (!json_parse(&saved->arena, text, length, JSON_SYNTAX | JSON_NO_DUPLICATES, &document, err)) {
        error_context(err, "%s is no plan", name);
        return mend(err);
    }
    if (!str_equal(json_get_text(&document, "format"), FORMAT)) {
        error_set(err, ERR_FILES, "%s: (/format): this is no plan of schema-sync", name);
        return mend(err);
    }
    const Json *version = json_get(&document, "version");
    if (!json_is(version, JSON_NUMBER) || version->as.number != FORMAT_VERSION) {
        error_set(err, ERR_FILES, "%s: (/version): another schema-sync wrote this plan, in a form of its own",
                  name);
        return mend(err);
    }
    if (!is_whole(&document)) {
        error_set(err, ERR_FILES, "%s: (/seal): the plan was edited after it was made", name);
        return mend(err);
    }
    return take_members(saved, &document) ||
           error_set(err, ERR_FILES, "%s: the plan is not complete", name) || mend(err);
}

void saved_plan_free(SavedPlan *saved) {
    arena_free(&saved->arena);
    *saved = (SavedPlan){ 0 };
}

/* ---- whether it still holds ---- */

static bool moved_on(Error *err) {
    return error_hint(err, "nothing was written; look at `schema-sync diff` and save the plan anew");
}

bool saved_plan_fits(const SavedPlan *saved, const char *environment, const char *url, const char *files_hash,
                     const char *hash, Error *err) {
    if (!str_equal(saved->url, url) || !str_equal(saved->environment, environment)) {
        error_set(err, ERR_NEWER, "the plan was made for %s%s%s, and this import goes to %s%s%s",
                  saved->environment ? saved->environment : "",
                  saved->environment && *saved->environment ? " — " : "", saved->url ? saved->url : "",
                  environment ? environment : "", environment && *environment ? " — " : "", url ? url : "");
        return error_hint(err, "nothing was written; name the same environment as for the plan, with --env");
    }
    if (!str_equal(saved->files_hash, files_hash)) {
        error_set(err, ERR_NEWER, "the files have changed since the plan was made: %.8s… then, %.8s… now",
                  saved->files_hash, files_hash);
        return moved_on(err);
    }
    if (!str_equal(saved->hash, hash)) {
        error_set(err, ERR_NEWER, "the configuration has changed since the plan was made");
        return moved_on(err);
    }
    return true;
}

/* ---- comparing plans ---- */

/* A change with what it is about, and all of it, as texts. */
typedef struct {
    const char *key, *text;
    const Json *json;
} Entry;

typedef struct {
    Entry *items;
    size_t count;
} Entries;

static int entry_compare(const void *left, const void *right) {
    const Entry *a = left, *b = right;
    int order = strcmp(a->key, b->key);
    return order ? order : strcmp(a->text, b->text);
}

static const char *compact(Arena *arena, const Json *value) {
    AUTO(Buf) text = { 0 };
    canon_compact(&text, value);
    return arena_strndup(arena, buf_text(&text), text.length);
}

/* `members` say what an entry is about; all the rest of it may differ. Their order is the server's choice. */
static Entries entries_of(Arena *arena, const Json *list, const char *const *members) {
    Entries entries = { 0 };
    size_t count = list ? list->count : 0;
    entries.items = arena_array(arena, count + 1, sizeof *entries.items);
    for (size_t i = 0; i < count; i++) {
        const Json *one = &list->as.items[i];
        AUTO(Buf) key = { 0 };
        for (size_t m = 0; members[m]; m++)
            buf_printf(&key, "%s\n", json_get_text(one, members[m]) ? json_get_text(one, members[m]) : "");
        entries.items[entries.count++] =
            (Entry){ arena_strdup(arena, buf_text(&key)), compact(arena, one), one };
    }
    if (entries.count)
        qsort(entries.items, entries.count, sizeof *entries.items, entry_compare);
    return entries;
}

/* What is different, a few of many. */
typedef struct {
    Buf text;
    size_t count;
} Differences;

static void put_difference(Differences *differences, const char *how, const Json *one) {
    enum { NAMED = 4 };
    const char *action = json_get_text(one, "action"), *type = json_get_text(one, "type");
    const char *label = json_get_text(one, "label");
    if (differences->count++ >= NAMED)
        return;
    buf_printf(&differences->text, "%s%s: ", differences->count > 1 ? "; " : "", how);
    if (!label) {
        buf_printf(&differences->text, "rows of %s", json_get_text(one, "collection"));
        return;
    }
    TypeId id = catalog_find(type);
    buf_printf(&differences->text, "%s%s%s ", action ? action : "", action ? " " : "",
               id < TYPE_COUNT ? catalog_row(id)->singular : "record");
    show_quoted(&differences->text, label);
}

static void compare_entries(const Entries *then, const Entries *now, Differences *differences) {
    size_t i = 0, j = 0;
    while (i < then->count || j < now->count) {
        const Entry *left = i < then->count ? &then->items[i] : NULL;
        const Entry *right = j < now->count ? &now->items[j] : NULL;
        int order = !left ? 1 : !right ? -1 : strcmp(left->key, right->key);
        if (order < 0)
            put_difference(differences, "not needed any more", left->json);
        else if (order > 0 && right)
            put_difference(differences, "not in the plan", right->json);
        else if (left && right && strcmp(left->text, right->text) != 0)
            put_difference(differences, "different now", right->json);
        i += order <= 0;
        j += order >= 0;
    }
}

static const char *const change_key[] = { "type", "id", "label", NULL };
static const char *const rename_key[] = { "collection", "field", "to", NULL };
static const char *const row_key[] = { "collection", NULL };

/* What is left alone may change: only what is written counts. How many rows are shown one by one does not;
 * the digest is of all of them. */
static Json written_rows(Arena *arena, const Json *rows, const Json *digests) {
    static const char *const beside[] = { "unchanged", "kept", "changes", NULL };
    JsonArrayBuilder list = json_array_builder(arena);
    for (uint32_t i = 0; rows && i < rows->count; i++) {
        const Json *one = &rows->as.items[i];
        const Json *digest = json_get(digests, json_get_text(one, "collection"));
        Json written = json_without(arena, one, beside);
        json_array_add(&list, digest ? json_with(arena, &written, "digest", *digest) : written);
    }
    return json_array_done(&list);
}

/* What a record is called that a change refers to is no part of the change. */
static Json nameless(Arena *arena, const Json *changes) {
    static const char *const names[] = { "names", NULL };
    JsonArrayBuilder list = json_array_builder(arena);
    for (uint32_t i = 0; changes && i < changes->count; i++)
        json_array_add(&list, json_without(arena, &changes->as.items[i], names));
    return json_array_done(&list);
}

static void compare_lists(Arena *arena, const Json *then, const Json *now, const char *const *members,
                          Differences *differences) {
    Entries left = entries_of(arena, then, members), right = entries_of(arena, now, members);
    compare_entries(&left, &right, differences);
}

static bool report(Differences *differences, const char *what, Error *err) {
    if (differences->count == 0)
        return true;
    error_set(err, ERR_NEWER, "%s (%zu difference%s): %s%s", what, differences->count,
              differences->count == 1 ? "" : "s", buf_text(&differences->text),
              differences->count > 4 ? "; …" : "");
    buf_free(&differences->text);
    return moved_on(err);
}

bool saved_plan_matches(const SavedPlan *saved, const Plan *plan, Error *err) {
    AUTO(SavedPlan) made = { 0 };
    Differences differences = { 0 };
    saved_plan_take(&made, plan);
    Arena *arena = &made.arena;
    Json then = nameless(arena, json_get(&saved->plan, "changes"));
    Json now = nameless(arena, json_get(&made.plan, "changes"));
    compare_lists(arena, &then, &now, change_key, &differences);
    compare_lists(arena, json_get(&saved->plan, "renames"), json_get(&made.plan, "renames"), rename_key,
                  &differences);
    compare_lists(arena, json_get(&saved->plan, "adopted"), json_get(&made.plan, "adopted"), change_key,
                  &differences);
    then = written_rows(arena, json_get(&saved->plan, "rows"), &saved->rows);
    now = written_rows(arena, json_get(&made.plan, "rows"), &made.rows);
    compare_lists(arena, &then, &now, row_key, &differences);
    return report(&differences, "the target has changed since the plan was made", err);
}

static bool has_key(const Entries *entries, const Entry *wanted) {
    for (size_t i = 0; i < entries->count; i++)
        if (strcmp(entries->items[i].key, wanted->key) == 0)
            return true;
    return false;
}

static double writes(const Json *rows) {
    static const char *const kinds[] = { "create", "update", "delete" };
    double count = 0;
    for (size_t i = 0; rows && i < 3; i++)
        if (json_is(json_get(rows, kinds[i]), JSON_NUMBER))
            count += json_get(rows, kinds[i])->as.number;
    return count;
}

static const Json *rows_named(const Json *rows, const char *collection) {
    for (uint32_t i = 0; rows && i < rows->count; i++)
        if (str_equal(json_get_text(&rows->as.items[i], "collection"), collection))
            return &rows->as.items[i];
    return NULL;
}

/* Fewer rows are left than were to be written. */
static void cover_rows(const Json *then, const Json *left, Differences *differences) {
    for (uint32_t i = 0; left && i < left->count; i++) {
        const Json *rows = &left->as.items[i];
        if (writes(rows) > writes(rows_named(then, json_get_text(rows, "collection"))))
            put_difference(differences, "not in the plan", rows);
    }
}

bool saved_plan_covers(const SavedPlan *saved, const Plan *plan, Error *err) {
    AUTO(Arena) arena = { 0 };
    Differences differences = { 0 };
    Json left = plan_json(&arena, plan);
    Entries then = entries_of(&arena, json_get(&saved->plan, "changes"), change_key);
    Entries now = entries_of(&arena, json_get(&left, "changes"), change_key);
    for (size_t i = 0; i < now.count; i++)
        if (!has_key(&then, &now.items[i]))
            put_difference(&differences, "not in the plan", now.items[i].json);
    cover_rows(json_get(&saved->plan, "rows"), json_get(&left, "rows"), &differences);
    return report(&differences, "the target was changed by somebody else during the import", err);
}
