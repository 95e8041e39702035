-- What the column that is to carry the labels is, and the table or view that it is in.
SELECT
    CASE WHEN "table_type" LIKE '%%VIEW' THEN 'view' ELSE 'table' END AS "kind",
    COALESCE(views."is_updatable", 'YES') <> 'NO' AS "updatable",
    "column_type" AS "type",
    "data_type" IN ('varchar', 'char', 'tinytext', 'text', 'mediumtext', 'longtext')
        AND "character_maximum_length" > 0 AS "is_text",
    "is_nullable" = 'NO' AS "required",
    "extra" LIKE '%%GENERATED%%' AND "extra" NOT LIKE '%%DEFAULT_GENERATED%%' AS "generated"
FROM information_schema.columns
JOIN information_schema.tables
    ON tables."table_schema" = columns."table_schema" AND tables."table_name" = columns."table_name"
LEFT JOIN information_schema.views
    ON views."table_schema" = columns."table_schema" AND views."table_name" = columns."table_name"
WHERE columns."table_schema" = COALESCE(%(schema)s, DATABASE())
  AND columns."table_name" = %(table)s
  AND "column_name" = %(column)s;
