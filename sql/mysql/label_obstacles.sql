-- What may keep, change or refuse a label on its way to the column, with what it says of it; and columns that change by
-- themselves with every update of a row. Who has no TRIGGER right does not see triggers.
SELECT 'trigger' AS "kind", "trigger_name" AS "name", '' AS "detail"
FROM information_schema.triggers
WHERE "event_object_schema" = COALESCE(%(schema)s, DATABASE())
  AND "event_object_table" = %(table)s
  AND "event_manipulation" = 'UPDATE'
UNION ALL
SELECT 'on update', "column_name", CASE WHEN LOWER("privileges") LIKE '%%update%%' THEN 'kept' ELSE '' END
FROM information_schema.columns
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND LOWER("extra") LIKE '%%on update%%'
UNION ALL
SELECT 'unique', "index_name", ''
FROM information_schema.statistics
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND "non_unique" = 0
GROUP BY "index_name"
HAVING COUNT(*) = 1 AND MAX("column_name") = %(column)s
UNION ALL
SELECT 'constraint', checks."constraint_name", REPLACE("check_clause", CHAR(92, 39 USING utf8mb4), '''')
FROM information_schema.check_constraints AS checks
JOIN information_schema.table_constraints
    ON table_constraints."constraint_schema" = checks."constraint_schema"
    AND table_constraints."constraint_name" = checks."constraint_name"
    /*M! AND table_constraints."table_name" = checks."table_name" */
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND table_constraints."table_name" = %(table)s
  AND "constraint_type" = 'CHECK'
  AND ("check_clause" LIKE CONCAT('%%`', %(column)s, '`%%') OR "check_clause" LIKE CONCAT('%%"', %(column)s, '"%%'))
UNION ALL
SELECT
    'constraint',
    "constraint_name",
    CONCAT(
        '"', MAX("column_name"), '" IN (SELECT "', MAX("referenced_column_name"), '" FROM "',
        MAX("referenced_table_schema"), '"."', MAX("referenced_table_name"), '")'
    )
FROM information_schema.key_column_usage
WHERE "table_schema" = COALESCE(%(schema)s, DATABASE())
  AND "table_name" = %(table)s
  AND "referenced_table_name" IS NOT NULL
GROUP BY "constraint_name"
HAVING COUNT(*) = 1 AND MAX("column_name") = %(column)s
ORDER BY "kind", "name";
