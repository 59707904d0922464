/*
 * The rows of a plan one by one: the first ones of each kind and collection, as many as plan->rows_shown
 * says.
 *
 * Who compares two sides of a collection, wherever they come from, tells each row that differs here. It is
 * counted, and kept while there is room: memory does not grow with the rows beyond. Rows come in the order of
 * their keys, so that the same plan keeps the same ones.
 */
#ifndef SCHEMA_SYNC_MODEL_ROW_CHANGE_H
#define SCHEMA_SYNC_MODEL_ROW_CHANGE_H

#include "model/plan.h"
#include "model/rows.h"

enum { ROWS_SHOWN = 20 }; /* a kind and collection, unless the user says otherwise */

/*
 * Counts a row in `rows`, which gets what is kept in the plan's arena. Both sides are in the same ids and
 * hold carried fields only. CHANGE_CREATE: `after` is the row; CHANGE_DELETE: `before` is; CHANGE_UPDATE:
 * `before` is the whole row, `after` what row_patch gave. Texts at places that `scope` declares as secrets
 * are concealed before they are kept.
 */
void row_change(Plan *plan, RowPlan *rows, const RowShape *shape, const Scope *scope, ChangeKind kind,
                const Json *before, const Json *after);

/* The member that people call a row by, a short "title", "name" or the like that is neither an id nor a
 * number; NULL when it has none. */
const JsonMember *row_called(const Json *row);
/* Whether a value is a text such as a title: short, on one line, no id, no number and no moment. */
bool row_is_word(const Json *value);

#endif
