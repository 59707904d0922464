/*
 * The collections and relations that a plan changes, as a Mermaid flowchart.
 */
#ifndef SCHEMA_SYNC_MODEL_PLAN_MERMAID_H
#define SCHEMA_SYNC_MODEL_PLAN_MERMAID_H

#include "model/plan.h"

/* More than can be read, and than GitHub draws, is no diagram: then a sentence says so. */
enum { MERMAID_NODES = 60, MERMAID_EDGES = 120 };

/* A fenced block of at most `limit` bytes, or nothing where the plan does not touch the schema. Names of
 * users are escaped: letters and digits stand as they are, every other ASCII character as Mermaid's #NN; */
void plan_mermaid(const Plan *plan, size_t limit, Buf *out);

#endif
