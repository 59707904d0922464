/*
 * Directus 10 has roles where later ones have policies: a role carries admin_access, app_access, ip_access
 * and enforce_tfa itself, and a permission names its role (null = the public). In a Snapshot and in a Plan
 * both look the same: each role has one policy under the role's own id, which is what Directus's migration to
 * 11 makes of it (20240806A), and one row of access; the public has PUBLIC_POLICY_ID.
 *
 * What files say in policies of their own becomes such a form before it is planned: model/by_role.h.
 */
#ifndef SCHEMA_SYNC_DIRECTUS_VERSION_10_H
#define SCHEMA_SYNC_DIRECTUS_VERSION_10_H

#include "model/identity.h"
#include "model/plan.h"
#include "model/snapshot.h"

/*
 * Permissions that name the same role, collection and action are answered as one without an id, and so is
 * what a POST or PATCH wrote: the server merges by these three members. Asked for with the id in the
 * collection's place, every row is one of its own (seen live on 10.13.4). VERSION_10_ALIAS goes into a
 * SEARCH's query, VERSION_10_KEYS behind a write's "fields=id"; version_10_permission() puts an answer's row
 * right.
 */
#define VERSION_10_ALIAS "\"alias\":{\"collection\":\"id\",\"collection_name\":\"collection\"},"
#define VERSION_10_KEYS  ",collection&alias%5Bcollection%5D=id"
Json version_10_permission(Arena *arena, const Json *row);

/* Turns the roles and permissions that were read into roles, policies, access and permissions. */
void version_10_take(Snapshot *snapshot);

/* Whether a record has this member by that translation alone: the instance's own fields do not show it. */
bool version_10_makes(TypeId type, const char *member);

/*
 * The part of the plan that an instance with roles only can be sent: changes of policies become changes of
 * their role, those of access fall away, permissions name their role. Ids of roles are already the
 * instance's. The result shares everything with `plan` and lives in `arena`.
 */
Plan version_10_plan(Arena *arena, const Plan *plan, const IdMap *map);

#endif
