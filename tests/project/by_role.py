"""A project as Directus 10 has it: no policies, roles carry their access, permissions name their role."""

import dataclasses

from .ids import PUBLIC_POLICY


def by_role(project):
    """Each role with what its own policies give; parents are left out."""
    policies = {one["id"]: one for one in project.policies}
    held = {}
    for grant in project.grants:
        if grant["user"] is None:
            held.setdefault(grant["role"], []).append(grant["policy"])
    held.setdefault(None, []).append(PUBLIC_POLICY)
    roles = [_role(one, [policies[policy] for policy in held.get(one["id"], [])]) for one in project.roles]
    permissions = [
        {**{name: value for name, value in one.items() if name != "policy"}, "role": role}
        for role, ids in held.items() for one in project.permissions if one["policy"] in ids
    ]
    return dataclasses.replace(
        project, name=f"{project.name}_by_role", roles=roles, policies=[], grants=[], permissions=permissions)


def _role(role, policies):
    made = {name: value for name, value in role.items() if name != "parent"}
    for flag in ("admin_access", "app_access", "enforce_tfa"):
        made[flag] = any(one.get(flag) for one in policies)
    made["ip_access"] = next((one["ip_access"] for one in policies if one.get("ip_access")), None)
    return made
