{# view: customer_features, or another that stands on it. #}
-- What others may do with a view, as statements; its owner may do anything.
WITH "granted" AS (
    SELECT "acl".*, "relowner", CAST(NULL AS name) AS "column"
    FROM pg_catalog.pg_class
    CROSS JOIN LATERAL aclexplode("relacl") AS "acl"
    WHERE "oid" = CAST({{ view | identifier | text }} AS regclass)
    UNION ALL
    SELECT "acl".*, "relowner", "attname"
    FROM pg_catalog.pg_class
    JOIN pg_catalog.pg_attribute ON "attrelid" = pg_class."oid"
    CROSS JOIN LATERAL aclexplode("attacl") AS "acl"
    WHERE pg_class."oid" = CAST({{ view | identifier | text }} AS regclass)
      AND NOT "attisdropped"
)
SELECT
    "column",
    CONCAT(
        'GRANT ', "privilege_type", ' (' || quote_ident("column") || ')', {{ (" ON " ~ view | identifier ~ " TO ") | text }},
        CASE "grantee" WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid("grantee")) END,
        CASE WHEN "is_grantable" THEN ' WITH GRANT OPTION' END
    ) AS "grant"
FROM "granted"
WHERE "grantee" <> "relowner";
