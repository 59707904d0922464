/*
 * Placeholders and secrets in the pipelines: values come from the configuration's environment, and what is
 * wrong is said with its place and its mend.
 */
#ifndef SCHEMA_SYNC_SYNC_SECRETS_H
#define SCHEMA_SYNC_SYNC_SECRETS_H

#include "config/config.h"
#include "model/rows.h"
#include "model/secrets.h"
#include "repo/repo.h"

/* What "${NAME}" stands for in this environment. A value that was looked up is hidden from then on. */
ValueSource secrets_source(const Config *config);

/* A path of the configuration that no record of the instance can have is ERR_CONFIG. */
bool secrets_check_paths(const Config *config, const Snapshot *snapshot, Error *err);

/* import: gives the placeholders of the files their values, and notes them. Those of selected parts that have
 * none are ERR_CONFIG, with all names and places. Rows are only looked through here: secrets_fill_row. */
bool secrets_fill(const Config *config, const Selection *selection, State *state, Placeholders *out,
                  Error *err);
/* status --drift: fills and notes those that have values, of rows and all; out->missing tells of the others.
 */
bool secrets_fill_known(const Config *config, State *state, Placeholders *out, Error *err);
/* Says which names have no value. */
void secrets_say_missing(const Placeholders *placeholders);
/* A value of the configuration: placeholders that are a whole text and have a value. */
Json secrets_fill_value(Arena *arena, const Config *config, const Json *value);
Json secrets_fill_row(Arena *arena, const Config *config, const RowShape *shape, const Json *row);
/* A row of the instance beside one that was filled: see placeholders_assume. */
Json secrets_assume_row(Arena *arena, const Config *config, const RowShape *shape, const Json *row,
                        const Json *like);

/* export: notes the placeholders of the files' configuration, and of one collection's rows at declared
 * places. More than one state may be noted; at one place the first counts. */
void secrets_begin(const Config *config, State *old, const ValueSource *source, Keeper *keeper,
                   Placeholders *placeholders);
void secrets_note(State *other, Keeper *keeper);
bool secrets_note_rows(Keeper *keeper, const Config *config, const RowShape *shape, const State *state,
                       Error *err);
/* Refuses (ERR_REFUSED) when the keeper has found secrets in clear that `written`, what the files get, has:
 * each place is said with its mend. */
bool secrets_refuse(Keeper *keeper, const Config *config, const Snapshot *written, Error *err);
/* What the configuration needs to have to declare its place (`key` "secrets") or to let it be ("harmless"):
 * "\"posts\": { \"secrets\": [\"token\"] }". */
const char *secrets_config_line(const ClearSecret *clear, const char *key, Arena *arena);
/* What to do about a number: no text can stand for it, so it stays out of the files as a whole. */
const char *secrets_mend_number(const ClearSecret *clear, Arena *arena);

/* The files of a state, which may have been written by hand: a secret in clear is ERR_REFUSED, each place
 * said with its mend. The state's records are not to be used any more. */
bool secrets_refuse_files(const Config *config, State *state, Error *err);

#endif
