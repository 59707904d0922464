"""The test harness on real parts: PostgreSQL, Directus, a proxy that cuts, and the schema-sync binary itself."""
