/*
 * A plan of two states in a few words: the subject and the body of a commit's message, a line of a log. No
 * value is in it: what differs is named, not shown.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_SUMMARY_H
#define SCHEMA_SYNC_MODEL_PLAN_SUMMARY_H

#include "model/plan.h"

/*
 * "2 collections, 1 flow changed", "1 role added; 3 flows changed; 1 preset removed", "12 rows of posts
 * changed". What stands in a record counts as the record: a new field is a changed collection. Nothing is
 * appended for an empty plan.
 */
void plan_summary(const Plan *plan, Buf *out);

/*
 * A line a record that differs, each with a newline, the last one saying how many more there are when there
 * are more than `most`:
 *
 *   + collection posts (22 fields, 4 relations)
 *   ~ flow "Notify": options; ~ operation send (options); + operation log
 *   ~ rows of posts: 3 created, 1 updated
 */
void plan_summary_body(const Plan *plan, size_t most, Buf *out);

#endif
