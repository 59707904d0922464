/*
 * Rows of chosen collections: what a row is in a file, how it is keyed, ordered, compared and rewritten.
 * Pure; the streams themselves live in sync/.
 */
#ifndef SCHEMA_SYNC_MODEL_ROWS_H
#define SCHEMA_SYNC_MODEL_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/scope.h"
#include "model/snapshot.h"

typedef enum {
    FIELD_PLAIN,
    FIELD_JSON, /* a json column: Directus wants a scalar string JSON-encoded once more */
    FIELD_GEOMETRY,
    FIELD_DATE_CREATED, /* the server overwrites it on create, keeps it on update: set by a second write */
    FIELD_REFERENCE,    /* many-to-one */
    FIELD_ANY_ITEM,     /* the item field of a many-to-any junction */
} RowFieldKind;

typedef struct {
    const char *name;
    RowFieldKind kind;
    const char *target;        /* FIELD_REFERENCE: the related collection */
    const char *one_of_field;  /* FIELD_ANY_ITEM: the sibling field that names the collection */
    const char *const *any_of; /* FIELD_ANY_ITEM: the collections it may name, NULL-terminated */
    bool numeric;              /* holds numbers; Directus gives bigInteger and decimal ones as strings */
    bool nullable;
    bool unique;      /* no two rows have the same value (of primary keys nothing is said) */
    const char *type; /* "string": Directus's name of it */
    size_t longest;   /* characters a text may have, 0 = any number */
    Json initial;     /* what rows that are there get when the column is added: its default, else null */
    bool deferred;    /* part of a reference cycle and nullable: written as null first, then set */
} RowField;

/* How the rows of one collection look, from the schema in `snapshot` and the rule. */
typedef struct {
    const char *collection;
    const DataRule *rule;
    const char *primary_key;
    bool key_is_number; /* the primary key orders and pages as a number */
    bool auto_increment;
    bool singleton;
    const RowField *fields; /* carried ones, sorted by name, the primary key among them */
    size_t field_count;
    const char *const *key; /* fields that identify a row: the rule's or the primary key; NULL-terminated */
    bool natural;           /* key is the rule's: ids may differ between instances */
    size_t rank;            /* creation order: collections it refers to have lower ranks (cycles aside) */
} RowShape;

/*
 * Shapes for every data rule, in creation order. Not carried: aliases, fields whose special is conceal, hash
 * or encrypt, user-created, user-updated, date-updated, those of type unknown or binary, generated columns,
 * and the rule's exclude. References to directus_users are carried as null. Faults: a collection or field
 * the schema does not have (ERR_CONFIG at the rule's place), no primary key (ERR_FILES). With `past` such a
 * collection has no shape, and such a field is not asked for.
 */
bool row_shapes(const Snapshot *snapshot, const Scope *scope, Arena *arena, RowShape **shapes, size_t *count,
                Error *err);
const RowField *row_field(const RowShape *shape, const char *name);

/* The row with carried fields only, user references null, uuids in lower case: what is compared and written
 * to files. */
Json row_carried(Arena *arena, const RowShape *shape, const Json *row);
/* A byte string that orders rows by key as memcmp does: numbers before texts, numbers by value (and decimal
 * strings of bigInteger keys too), texts by code point; notations of one moment are one key. Appends to out.
 * Missing or null in a key: ERR_FILES.
 */
bool row_key(const RowShape *shape, const char *const *key, const Json *row, Buf *out, Error *err);
/* The key for people: "5" or "en, about". */
const char *row_label(Arena *arena, const char *const *key, const Json *row);
/* The stem of the file a row belongs to with groupBy ("" without): a slug, same for same values. */
const char *row_group(Arena *arena, const RowShape *shape, const Json *row);
/* The members of `after` that differ from `before`; an empty object when equal. A member that `after` lacks
 * is left alone; in numeric fields 5, "5" and "5.00" are equal, in those of times the notations of one
 * moment. */
Json row_patch(Arena *arena, const RowShape *shape, const Json *before, const Json *after);
/* What the members of a patch were in the row it is for: a column that is yet to be added holds its default.
 */
Json row_former(Arena *arena, const RowShape *shape, const Json *before, const Json *patch);

#endif
