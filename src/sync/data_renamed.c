/* Rows of tables and fields that still have the names from before a declared rename. */
#include <string.h>

#include "sync/data_private.h"

/* A filter names fields, also below _and and _or; those of related collections keep their names here. */
static Json filter_renamed(Arena *arena, const Renames *renames, const char *collection, const Json *filter) {
    if (json_is(filter, JSON_ARRAY)) {
        JsonArrayBuilder list = json_array_builder(arena);
        for (uint32_t i = 0; i < filter->count; i++)
            json_array_add(&list, filter_renamed(arena, renames, collection, &filter->as.items[i]));
        return json_array_done(&list);
    }
    if (!json_is(filter, JSON_OBJECT))
        return *filter;
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < filter->count; i++) {
        const JsonMember *member = &filter->as.members[i];
        bool joins = strcmp(member->key, "_and") == 0 || strcmp(member->key, "_or") == 0;
        json_object_put(&out, renames_old_field(renames, collection, member->key),
                        joins ? filter_renamed(arena, renames, collection, &member->value) : member->value);
    }
    return json_object_done(&out);
}

RowShape data_shape_renamed(Arena *arena, const Renames *renames, const RowShape *shape) {
    RowShape there = *shape;
    RowField *fields = arena_array(arena, shape->field_count + 1, sizeof *fields);
    for (size_t i = 0; i < shape->field_count; i++) {
        fields[i] = shape->fields[i];
        fields[i].name = renames_old_field(renames, shape->collection, fields[i].name);
    }
    there.fields = fields;
    there.collection = renames_old_collection(renames, shape->collection);
    there.primary_key = renames_old_field(renames, shape->collection, shape->primary_key);
    if (shape->rule && shape->rule->filter) {
        DataRule *rule = arena_alloc(arena, sizeof *rule);
        Json *filter = arena_alloc(arena, sizeof *filter);
        *filter = filter_renamed(arena, renames, shape->collection, shape->rule->filter);
        *rule = *shape->rule;
        rule->filter = filter;
        there.rule = rule;
    }
    return there;
}

/* Many-to-any rows say which collection they mean: it will have its new name. */
static Json value_renamed(Arena *arena, const Renames *renames, const RowShape *shape, const char *name,
                          const Json *value) {
    for (size_t i = 0; json_text(value) && i < shape->field_count; i++)
        if (shape->fields[i].kind == FIELD_ANY_ITEM && str_equal(shape->fields[i].one_of_field, name))
            return json_string(arena, renames_new_collection(renames, json_text(value)));
    return *value;
}

Json data_row_renamed(Arena *arena, const Renames *renames, const RowShape *shape, const Json *row) {
    JsonObjectBuilder out = json_object_builder(arena);
    for (uint32_t i = 0; i < row->count; i++) {
        const JsonMember *member = &row->as.members[i];
        const char *name = renames_new_field(renames, shape->collection, member->key);
        json_object_put(&out, name, value_renamed(arena, renames, shape, name, &member->value));
    }
    return json_object_done(&out);
}
