/*
 * Access by role: what a state says in policies, in the form an instance can hold that has roles only
 * (Directus 10; directus/version_10.h reads and writes it).
 *
 * In that form each role has exactly one policy, under the role's own id, with everything that the role and
 * its parents hold; the public has ALIAS_PUBLIC; roles have no parent. A state that was exported from such an
 * instance is in that form already and stays as it is.
 */
#ifndef SCHEMA_SYNC_MODEL_BY_ROLE_H
#define SCHEMA_SYNC_MODEL_BY_ROLE_H

#include "model/snapshot.h"

/* What a target cannot hold, a line each, for people; texts live as long as their snapshot. */
typedef struct {
    const char **items;
    size_t count, capacity;
} Losses;
__attribute__((format(printf, 3, 4))) void losses_add(Losses *losses, Arena *arena, const char *format, ...);

/*
 * Brings the files' roles, policies, access and permissions into that form, in place, sorted, each grant
 * once. A loss only ever takes access away: a policy that no role holds, one whose address range differs from
 * the others of a role, admin or app access of the public.
 */
void by_role_reduce(Snapshot *files, Losses *losses);

/* Name, icon and description of an instance's policies are its roles': where the files have the policy, they
 * are taken from there, so that one change is not seen twice. Both in one id space, after by_role_reduce. */
void by_role_adopt(Snapshot *instance, const Snapshot *files);

/*
 * At export: where the files' policies mean what the instance has, the instance gets the files' own policies,
 * access and permissions, and its roles the files' parents, so that policies of several roles survive the way
 * there and back. Else each role has one policy, which *lost tells when the files had others.
 */
void by_role_keep(Snapshot *instance, const Snapshot *files, bool *lost);

#endif
