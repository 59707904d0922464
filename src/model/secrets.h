/*
 * Secrets of a project: placeholders of the files filled with values on the way in, and put back, or refused
 * in clear, on the way out. Pure; what a placeholder is stands in placeholder.h, what a secret looks like in
 * secret_scan.h, how places are written in place.h.
 *
 * A place of the files that holds a placeholder is that placeholder's from then on: an export writes its text
 * again as long as it stands for what the instance has there, and refuses when it does not. A text that is a
 * secret, or stands at a declared place, is written as a placeholder when one of the files or a name of the
 * environment has its very value; else it is refused, unless its place is listed as harmless. So is a number
 * at a declared place, for which no placeholder, a text, can stand.
 */
#ifndef SCHEMA_SYNC_MODEL_SECRETS_H
#define SCHEMA_SYNC_MODEL_SECRETS_H

#include "model/placeholder.h"
#include "model/scope.h"
#include "model/snapshot.h"

/*
 * A declared or harmless path whose first step is no field of its collection, as far as the snapshot knows
 * them: it would protect nothing. "/collections/posts/secrets: posts has no field \"tokn\"" in the arena,
 * NULL when there is none.
 */
const char *secrets_unknown(const Snapshot *snapshot, const Scope *scope, Arena *arena);

/* ---- on the way in ---- */

typedef struct {
    const char *collection; /* "directus_operations", "posts" */
    const char *record;     /* place.h's part for it */
    const char *path;       /* place.h's path in it */
    const char *text;       /* as the file has it: "Bearer ${TOKEN}" */
    const char *value;      /* what it stands for; NULL when a name has no value */
    size_t order;           /* of being noted: of two at one place the first counts */
} Placeholder;

typedef struct {
    Arena arena;
    Placeholder *items;
    size_t count, capacity;
    bool sorted;
    Buf missing; /* a line for each name without a value: "NAME\tschema/flows/a.json: (/options/url)" */
} Placeholders;

/* Notes every placeholder of the marked sections (all of them with NULL), and with `fill` puts its value in
 * its place. */
void placeholders_take(Snapshot *files, const bool *sections, const Scope *scope, const ValueSource *source,
                       bool fill, Placeholders *out);
/* The same for a row at declared places: the row as it is to be. `record`: its key, "5" or "en, about";
 * `place`: "schema/data/posts.json: line 3". `out` may be NULL. */
Json placeholders_take_row(Arena *arena, const Json *row, const char *collection, const char *record,
                           const char *place, const Scope *scope, const ValueSource *source,
                           Placeholders *out);
/*
 * For a comparison: what a name without a value stands for is taken to be what the instance (aligned) has, so
 * that its text stands there as in the files. Of rows `like` is the files' row; other texts at declared
 * places are hidden besides.
 */
void placeholders_assume(Placeholders *placeholders, Snapshot *instance);
Json placeholders_assume_row(Arena *arena, const Json *row, const Json *like, const char *collection,
                             const char *record, const Scope *scope, const ValueSource *source);
void placeholders_free(Placeholders *placeholders);
AUTO_DEFINE(Placeholders, placeholders_free);

/* Hides (base/redact.h) the values of the placeholders, and what an instance, in the state's ids, has in
 * their places and at declared ones. */
void placeholders_hide(const Placeholders *placeholders);
void secrets_hide(const Snapshot *instance, const Scope *scope, Placeholders *placeholders);

/*
 * A row as a plan may keep it: a text at a declared place becomes CONCEALED (conceal.h), unless it is all
 * placeholder, or is `wanted` (of the files) and came from one: then it is shown by that name. `other`: the
 * same row on the other side, or NULL; what is equal there is treated alike. `record`: its key, as for
 * placeholders_take_row.
 */
Json secrets_conceal_row(Arena *arena, const Scope *scope, const char *collection, const char *record,
                         const Json *row, const Json *other, bool wanted);

/* ---- on the way out ---- */

/* A secret that would be written in clear. Texts live in the keeper. */
typedef struct {
    TypeId type;          /* TYPE_NONE: of a row */
    const Record *source; /* as the instance has it, until keeper_settle; NULL: of a row */
    const char *collection, *record, *path;
    const char *pointer;     /* within the record */
    const char *kind;        /* "GitHub token" */
    const char *placeholder; /* what stands in the file, and for another value or none; else NULL */
    const char *suggestion;  /* a name for it: "NOTIFY_SEND_AUTHORIZATION" */
    const char *value;       /* never shown */
    size_t length;           /* of the secret part */
    bool number;             /* `value` is one, as text */
    bool gone;               /* not in what is to be written */
    const char *withheld; /* the name that stands in its place; NULL: its field was left out, or none does */
} ClearSecret;

typedef struct {
    Arena arena;
    const Scope *scope;
    Placeholders *placeholders; /* of the files */
    const ValueSource *source;
    ClearSecret *clear;
    size_t clear_count, clear_capacity;
    struct FoundValue *values; /* of the environment, fetched when first needed */
    size_t value_count, value_capacity;
    bool fetched;
    /* What is found in clear is not to be refused: a made-up placeholder stands in its place, and of a row in
     * which none would be read the field is left out. */
    bool withholds;
    size_t texts; /* looked at */
} Keeper;

/* The instance's records (in the state's ids) as they may be written: what is refused is in keeper->clear.
 * `files` as they were read, with their placeholders. */
void keeper_snapshot(Keeper *keeper, Snapshot *instance, const bool *sections, const Snapshot *files);
/* Whether a row, whose canonical text is `line`, is to go through keeper_row: beyond declared places only
 * unmistakable shapes count. */
bool keeper_wants_row(const Keeper *keeper, const char *collection, const char *line, size_t length);
Json keeper_row(Keeper *keeper, Arena *arena, const char *collection, const char *record, const Json *row);
/*
 * What the instance has in clear need not come into the files: they have something else in its place
 * (overrides, what is ignored, a merge). `written`: what the files get of the row, NULL when nothing; then
 * all of the configuration. What does not stand there is refused no more.
 */
void keeper_settle_row(Keeper *keeper, const char *collection, const char *record, const Json *written);
void keeper_settle(Keeper *keeper, const Snapshot *written);
void keeper_free(Keeper *keeper);
AUTO_DEFINE(Keeper, keeper_free);

#endif
