-- The marker of schema-sync: which state was applied to this Directus, and the lock of the importer at work.
-- Run it as the owner of directus_settings, with the search_path of Directus. It may be run again: what is there stays.
-- The columns hold no secret (everybody with app access can read them) and are in no Directus snapshot, as long as
-- directus_fields has no rows for them.
BEGIN;
-- Directus reads this table on most requests; they would queue up behind a lock that is not granted.
SET LOCAL lock_timeout = '3s';

ALTER TABLE directus_settings
  ADD COLUMN IF NOT EXISTS schema_sync_state text DEFAULT 'clean', -- clean, importing, failed
  ADD COLUMN IF NOT EXISTS schema_sync_hash text,                  -- of the state that was applied last
  ADD COLUMN IF NOT EXISTS schema_sync_sections text,              -- one hash a section
  ADD COLUMN IF NOT EXISTS schema_sync_commit text,
  ADD COLUMN IF NOT EXISTS schema_sync_worktree boolean,           -- with uncommitted changes on top of the commit
  ADD COLUMN IF NOT EXISTS schema_sync_lineage text,               -- ancestors of the commit, newest first
  ADD COLUMN IF NOT EXISTS schema_sync_applied_at timestamptz,
  ADD COLUMN IF NOT EXISTS schema_sync_epoch bigint DEFAULT 0,     -- grows with every claim
  ADD COLUMN IF NOT EXISTS schema_sync_owner text,                 -- who holds the lock
  ADD COLUMN IF NOT EXISTS schema_sync_owner_info text,
  ADD COLUMN IF NOT EXISTS schema_sync_beat bigint DEFAULT 0,      -- renewals in this epoch
  ADD COLUMN IF NOT EXISTS schema_sync_lease_until timestamptz,
  ADD COLUMN IF NOT EXISTS schema_sync_target_hash text,           -- what is being applied, or failed to be
  ADD COLUMN IF NOT EXISTS schema_sync_target_commit text,
  ADD COLUMN IF NOT EXISTS schema_sync_target_lineage text,
  ADD COLUMN IF NOT EXISTS schema_sync_attempts integer DEFAULT 0, -- at that target
  ADD COLUMN IF NOT EXISTS schema_sync_held text,                  -- set by rollback
  ADD COLUMN IF NOT EXISTS schema_sync_error text,                 -- of the last failure
  ADD COLUMN IF NOT EXISTS schema_sync_proto integer DEFAULT 1;

-- A database from before the first `directus bootstrap` has the table, but not its one row.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM directus_settings) THEN
    LOCK TABLE directus_settings IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM directus_settings) THEN
      INSERT INTO directus_settings DEFAULT VALUES;
    END IF;
  END IF;
END
$$;
COMMIT;
