"""A database's whole content in a form that compares: the proof that nothing was written, whoever could have done it.

    before = fingerprint.of(prod)
    …
    self.assertEqual({}, fingerprint.differences(before, fingerprint.of(prod)))

{table: digest of its rows} for every table, "columns" and "sequences", and "settings.<name>" for every value of
directus_settings, the marker's among them. A sequence that went on tells of a row that was written and rolled back.
What using a token changes (users.last_access) is left out.
"""

import json

# What taking the lock and giving it back leaves behind.
LOCKED = ("settings.schema_sync_epoch", "settings.schema_sync_beat")

_CONTENT = r"""
SELECT c.relname AS part, (xpath('/row/digest/text()', query_to_xml(format(
    'SELECT md5(string_agg(line, chr(10) ORDER BY line)) AS digest'
    ' FROM (SELECT (to_jsonb(t) - ''last_access'')::text AS line FROM %s t) lines', c.oid::regclass),
    true, true, '')))[1]::text AS content
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'directus_settings'
UNION ALL SELECT 'columns', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM (
    SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
     WHERE table_schema = 'public') t
UNION ALL SELECT 'sequences', md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM (
    SELECT sequencename, last_value FROM pg_sequences) t
UNION ALL SELECT 'settings', coalesce(jsonb_agg(to_jsonb(t))::text, '') FROM directus_settings t
"""


def of(instance):
    """Of a Directus instance's database."""
    found = {one["part"]: one["content"] for one in instance.query(_CONTENT)}
    for row in json.loads(found.pop("settings") or "[]"):
        found.update({f"settings.{name}": value for name, value in row.items()})
    return found


def differences(before, after, *, but=()):
    """{part: (before, after)} of what is not the same, without the parts named in `but`."""
    parts = {*before, *after} - set(but)
    return {part: (before.get(part), after.get(part)) for part in sorted(parts) if before.get(part) != after.get(part)}
