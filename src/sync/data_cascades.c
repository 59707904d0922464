/* Rows that nobody named and that would go all the same: a foreign key with ON DELETE CASCADE takes them
 * along. And those of the target's own that would keep a row from going, after other writes. */
#include <inttypes.h>
#include <string.h>

#include "model/canon.h"
#include "sync/data_private.h"

enum { IDS_A_QUESTION = 200 };

typedef struct {
    const Data *data;
    Session *session;
    const Json *relations; /* of the target */
    Direction to_target;
    Plan *plan;
} Cascades;

static bool deletes_rows(const Data *data) {
    for (size_t i = 0; i < data->count; i++)
        if (data->sets[i].deletes)
            return true;
    return false;
}

/* In mode mirror a chosen collection's rows are counted as its own deletions. */
static bool counted_elsewhere(const Data *data, const char *collection) {
    const DataSet *set = data_set_named(data, collection);
    return set && set->planned && set->shape->rule->mode == MODE_MIRROR;
}

static bool cascades_along(const Json *relation) {
    return str_equal(json_get_text(json_get(relation, "schema"), "on_delete"), "CASCADE");
}

static bool ask(const Cascades *cascades, const Json *relation, const Json *ids, uint64_t *rows, Error *err) {
    AUTO(Arena) arena = { 0 };
    AUTO(Buf) filter = { 0 };
    uint64_t some = 0;
    JsonObjectBuilder among = json_object_builder(&arena), whole = json_object_builder(&arena);
    json_object_put(&among, "_in", *ids);
    json_object_put(&whole, json_get_text(relation, "field"), json_object_done(&among));
    Json done = json_object_done(&whole);
    canon_compact(&filter, &done);
    if (!directus_count(cascades->session, json_get_text(relation, "collection"), buf_text(&filter), &some,
                        err))
        return false;
    *rows += some;
    return true;
}

/* How many rows refer by this relation to rows that go. */
static bool count_along(const Cascades *cascades, const DataSet *set, const Json *relation, uint64_t *rows,
                        Error *err) {
    SorterRecord record;
    bool end = false;
    AUTO(Arena) arena = { 0 };
    JsonArrayBuilder ids = json_array_builder(&arena);
    if (!sorter_rewind(set->deletes, err))
        return false;
    while (sorter_next(set->deletes, &record, &end, err)) {
        Json row;
        if (!data_parse_target(&arena, &record, &row, err))
            return false;
        Json mapped = data_row_mapped(&arena, set->shape, &cascades->to_target, &row);
        json_array_add(&ids, *json_get(&mapped, set->shape->primary_key));
        if (ids.count < IDS_A_QUESTION)
            continue;
        Json some = json_array_done(&ids);
        if (!ask(cascades, relation, &some, rows, err))
            return false;
        arena_reset(&arena);
        ids = json_array_builder(&arena);
    }
    Json rest = json_array_done(&ids);
    return end && (!rest.count || ask(cascades, relation, &rest, rows, err));
}

static bool is_of(const Change *change, const char *collection) {
    size_t length = strlen(collection);
    return catalog_is_schema(change->type) && strncmp(change->label, collection, length) == 0 &&
           (!change->label[length] || change->label[length] == '.');
}

/* Whether the rows at the other end are the target's own, and stay as they are until this one is to go. */
static bool stays(const Cascades *cascades, const char *from) {
    const Data *data = cascades->data;
    const DataSet *set = data_set_named(data, renames_new_collection(data->renames, from));
    if ((set && set->planned) || str_starts(from, "directus_"))
        return false;
    for (size_t i = 0; i < cascades->plan->change_count; i++)
        if (is_of(&cascades->plan->changes[i], from))
            return false;
    for (uint32_t i = 0; i < cascades->relations->count; i++) { /* they may go with other rows */
        const Json *relation = &cascades->relations->as.items[i];
        if (str_equal(json_get_text(relation, "collection"), from) && cascades_along(relation))
            return false;
    }
    return true;
}

static bool refuse_held(const DataSet *set, const Json *relation, uint64_t rows, Error *err) {
    const char *from = json_get_text(relation, "collection");
    error_set(err, ERR_REFUSED,
              "rows of %s are to be deleted to which %" PRIu64
              " row%s of %s refer%s (%s): the database keeps "
              "them",
              set->shape->collection, rows, rows == 1 ? "" : "s", from, rows == 1 ? "s" : "",
              json_get_text(relation, "field"));
    return error_hint(err,
                      "nothing was written; let the rows of %s refer to something else, or set ON DELETE "
                      "of the field",
                      from);
}

/* Of a table that Directus does not show nobody can tell. */
static bool count_relation(const Cascades *cascades, const DataSet *set, const Json *relation, Error *err) {
    const char *from = json_get_text(relation, "collection"), *field = json_get_text(relation, "field");
    bool along = cascades_along(relation);
    Error fault = { 0 };
    uint64_t rows = 0;
    if (!count_along(cascades, set, relation, &rows, &fault)) {
        if (along && fault.kind == ERR_REFUSED)
            plan_loss_of_rows(cascades->plan, from, 0,
                              "rows of %s, a table that Directus does not show, may go with the deleted rows "
                              "of %s (%s, ON DELETE CASCADE)",
                              from, set->shape->collection, field);
        else if (fault.kind != ERR_REFUSED)
            *err = fault;
        return fault.kind == ERR_REFUSED;
    }
    if (rows && !along)
        return refuse_held(set, relation, rows, err);
    if (rows)
        plan_loss_of_rows(cascades->plan, from, rows,
                          "%" PRIu64
                          " row%s of %s would go with the deleted rows of %s (%s, ON DELETE CASCADE)",
                          rows, rows == 1 ? "" : "s", from, set->shape->collection, field);
    return true;
}

static bool count_set(const Cascades *cascades, const DataSet *set, Error *err) {
    const Renames *renames = cascades->data->renames;
    const char *into = renames_old_collection(renames, set->shape->collection);
    for (uint32_t i = 0; i < cascades->relations->count; i++) {
        const Json *relation = &cascades->relations->as.items[i];
        const char *from = json_get_text(relation, "collection");
        if (!str_equal(json_get_text(relation, "related_collection"), into) ||
            !(cascades_along(relation)
                  ? !counted_elsewhere(cascades->data, renames_new_collection(renames, from))
                  : data_holds_back(relation) && stays(cascades, from)))
            continue;
        if (!count_relation(cascades, set, relation, err))
            return false;
    }
    return true;
}

bool data_count_cascades(const Data *data, Session *session, const IdMap *map, Plan *plan, Error *err) {
    AUTO(Arena) arena = { 0 };
    const char *const path[] = { "/relations" };
    Json relations;
    if (!deletes_rows(data))
        return true;
    if (!session_get_all(session, &arena, path, 1, &relations, err))
        return false;
    const Cascades cascades = { data, session, &relations, { map, idmap_to_target }, plan };
    for (size_t i = 0; i < data->count; i++)
        if (data->sets[i].deletes && !count_set(&cascades, &data->sets[i], err))
            return false;
    return true;
}
