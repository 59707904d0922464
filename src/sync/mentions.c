#include "sync/mentions.h"

#include <string.h>

/* ---- in a value ---- */

static bool is_word_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || (unsigned char)byte >= 0x80;
}

static bool text_mentions(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at++)
        if ((at == text || !is_word_byte(at[-1])) && !is_word_byte(at[length]))
            return true;
    return false;
}

bool mentions(const Json *value, const char *name) {
    if (json_is(value, JSON_STRING))
        return text_mentions(value->as.text, name);
    for (uint32_t i = 0; json_is(value, JSON_ARRAY) && i < value->count; i++)
        if (mentions(&value->as.items[i], name))
            return true;
    for (uint32_t i = 0; json_is(value, JSON_OBJECT) && i < value->count; i++)
        if (text_mentions(value->as.members[i].key, name) || mentions(&value->as.members[i].value, name))
            return true;
    return false;
}

/* ---- in rows ---- */

typedef struct {
    const State *state;
    const char *id;   /* of a record that has one */
    const char *name; /* of a collection */
    RowMentions found;
    Arena arena;
} Looking;

/* A field that refers to any collection has that one's name in another field of the row. */
static bool refers_to_any(const Looking *looking, const Json *row) {
    const RecordList *relations = &looking->state->snapshot.types[TYPE_RELATIONS];
    for (size_t i = 0; i < relations->count; i++) {
        const Json *relation = &relations->items[i].json;
        const char *field = json_text(json_path(relation, "meta", "one_collection_field", NULL));
        if (field && str_equal(json_get_text(relation, "collection"), looking->found.collection) &&
            str_equal(json_get_text(row, field), looking->name))
            return true;
    }
    return false;
}

static bool look_at_row(const Json *row, const char *path, size_t line, void *context, Error *err) {
    Looking *looking = context;
    (void)err;
    if (!(looking->id ? mentions(row, looking->id) : refers_to_any(looking, row)))
        return true;
    if (looking->found.rows++ == 0) {
        looking->found.path = arena_strdup(&looking->arena, path);
        looking->found.line = line;
    }
    return true;
}

bool mentions_in_rows(const State *state, TypeId type, const Record *record, RowMentionsEach each,
                      void *context, Error *err) {
    Looking looking = { .state = state, .id = record->id };
    if (type == TYPE_COLLECTIONS)
        looking.name = json_get_text(&record->json, "collection");
    bool done = true;
    for (size_t i = 0; done && (looking.id || looking.name) && i < state->data_count; i++) {
        const DataFiles *files = &state->data[i];
        looking.found = (RowMentions){ .collection = files->collection };
        if (str_equal(files->collection, looking.name))
            continue;
        done = state_rows_from(&state->source, files, look_at_row, &looking, err);
        if (done && looking.found.rows)
            each(&looking.found, context);
    }
    arena_free(&looking.arena);
    return done;
}
