/*
 * Overrides and ignored rows of one chosen collection: what overrides.h and ignore.h are for records in
 * memory, for rows that pass by one at a time.
 *
 * A row is called by the values of its key, joined by '/' ("en/about"), or by its primary key.
 */
#ifndef SCHEMA_SYNC_MODEL_ROW_RULES_H
#define SCHEMA_SYNC_MODEL_ROW_RULES_H

#include "model/rows.h"

typedef struct {
    const char *key; /* NULL: the collection's one row */
    const Json *fields;
    size_t seen;        /* rows that it was applied to */
    const char *missed; /* a path that leads nowhere in one of them */
    size_t unrestored;  /* values that an export had to leave, for want of the files' own */
    size_t unmet;       /* values of the instance that are not the override's */
} RowOverride;

typedef struct {
    const Scope *scope;
    RowOverride *overrides;
    size_t override_count;
    const Json *const *ignored; /* the rules that name this collection, ended by NULL */
    bool any;                   /* there is anything at all to do */
} RowRules;

/* The rules of one collection, in the arena. Overrides of what is no carried field, is part of a key, or is
 * of another type are ERR_CONFIG. */
bool row_rules(const Scope *scope, const RowShape *shape, Arena *arena, RowRules *rules, Error *err);
/* Whether every override found its row; ERR_CONFIG when one did not, or found two. */
bool row_rules_met(const RowRules *rules, const RowShape *shape, Error *err);

/* A row that an export leaves in the files: they must still fit the overrides, see row_rules_met. */
void row_rules_meet(RowRules *rules, const RowShape *shape, const Json *row);

/* A row of the files as this environment is to have it. */
Json row_overridden(Arena *arena, RowRules *rules, const RowShape *shape, const Json *row);
/* A row of the instance as the files have it: what is overridden is theirs, whatever the instance has there.
 * `file` is their row, NULL when they have none. */
Json row_restored(Arena *arena, RowRules *rules, const RowShape *shape, const Json *row, const Json *file);

/* Whether the row itself is left alone. */
bool row_ignored(const RowRules *rules, const RowShape *shape, const Json *row);
/* `row` with its ignored fields as `other` has them; without them where that is NULL. */
Json row_with_ignored(Arena *arena, const RowRules *rules, const RowShape *shape, const Json *row,
                      const Json *other);

#endif
