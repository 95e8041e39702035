-- Tables that the role may read, of which row-level security shows it some rows alone; those where a policy lets it see
-- all of them are left out.
SELECT CAST(CAST(pg_class."oid" AS regclass) AS text) AS "table"
FROM pg_catalog.pg_class
WHERE "relrowsecurity"
  AND row_security_active(pg_class."oid")
  AND has_any_column_privilege(pg_class."oid", 'SELECT')
  AND COALESCE((
      SELECT
          NOT BOOL_OR("polpermissive" AND pg_get_expr("polqual", "polrelid") = 'true')
          OR NOT BOOL_AND("polpermissive")
      FROM pg_catalog.pg_policy
      WHERE "polrelid" = pg_class."oid"
        AND "polcmd" IN ('r', '*')
        AND (0 = ANY("polroles") OR EXISTS (
            SELECT 1 FROM unnest("polroles") AS "roles" ("role") WHERE pg_has_role("role", 'USAGE')
        ))
  ), true)
ORDER BY "table"
LIMIT 20;
