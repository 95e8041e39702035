SELECT
    "column_name" AS "name",
    CASE
        WHEN "data_type" <> 'USER-DEFINED' THEN "data_type"
        WHEN "labels" IS NOT NULL THEN 'enum'
        ELSE "udt_name"
    END AS "kind",
    CASE
        WHEN "domain_name" IS NOT NULL THEN "domain_name"
        WHEN "data_type" = 'ARRAY' THEN substr("udt_name", 2) || '[]'
        WHEN "data_type" = 'USER-DEFINED' THEN "udt_name"
        ELSE "data_type"
    END
        || COALESCE('(' || "precision" || ',' || "scale" || ')', '') AS "declared",
    "is_nullable" AS "nullable",
    "character_maximum_length" AS "max_length",
    NULL AS "max_bytes",
    "precision",
    "scale",
    "datetime_precision" AS "second_digits",
    "labels" AS "words",
    "udt_name" = 'citext' OR EXISTS (
        SELECT 1
        FROM pg_catalog.pg_collation
        JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "collnamespace"
        WHERE "nspname" = "collation_schema" AND "collname" = "collation_name" AND NOT "collisdeterministic"
    ) AS "loose",
    "is_generated" = 'ALWAYS' OR COALESCE("identity_generation", '') = 'ALWAYS' AS "generated"
FROM information_schema.columns
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN "data_type" = 'numeric' THEN CAST("numeric_precision" AS INTEGER) END AS "precision",
        -- A scale below zero comes as 2048 and more.
        CASE WHEN "data_type" = 'numeric' THEN MOD("numeric_scale" + 1024, 2048) - 1024 END AS "scale",
        (
            SELECT string_agg('''' || replace("enumlabel", '''', '''''') || '''', ',' ORDER BY "enumsortorder")
            FROM pg_catalog.pg_enum
            JOIN pg_catalog.pg_type ON pg_type."oid" = "enumtypid"
            JOIN pg_catalog.pg_namespace ON pg_namespace."oid" = "typnamespace"
            WHERE "nspname" = "udt_schema" AND "typname" = "udt_name"
        ) AS "labels"
) AS "of_type"
WHERE "table_schema" = COALESCE(%(schema)s, current_schema())
  AND "table_name" = %(table)s
ORDER BY "ordinal_position";
