-- The keys that DuckDB enforces; of a table without a primary key, those that its comment has, as schema.sql writes it.
SELECT
    "table_name" AS "table",
    "constraint_index" AS "key",
    unnest("constraint_column_names") AS "column",
    "referenced_table" AS "parent",
    unnest("referenced_column_names") AS "parent_column"
FROM duckdb_constraints()
WHERE "schema_name" = current_schema()
  AND "database_name" = current_database()
  AND "constraint_type" IN ('PRIMARY KEY', 'FOREIGN KEY')
UNION ALL
SELECT
    "table",
    -"key" AS "key",
    unnest(regexp_extract_all("columns", '"(.*?)"', 1)) AS "column",
    "parent",
    unnest(regexp_extract_all("parent_columns", '"(.*?)"', 1)) AS "parent_column"
FROM (
    SELECT
        "table",
        "key",
        regexp_extract("text", 'KEY \((.*?)\)', 1) AS "columns",
        NULLIF(regexp_extract("text", 'REFERENCES "(.*?)"', 1), '') AS "parent",
        regexp_extract("text", 'REFERENCES ".*?" \((.*?)\)', 1) AS "parent_columns"
    FROM (
        SELECT "table_name" AS "table", generate_subscripts("texts", 1) AS "key", unnest("texts") AS "text"
        FROM (
            SELECT
                "table_name",
                regexp_extract_all(
                    "comment", '(PRIMARY|FOREIGN) KEY \([^)]*\)( REFERENCES "[^"]*" \([^)]*\))?'
                ) AS "texts"
            FROM duckdb_tables()
            WHERE "schema_name" = current_schema()
              AND "database_name" = current_database()
              AND NOT "has_primary_key"
        ) AS "comments"
    ) AS "written"
) AS "parts"
ORDER BY "table", "key";
