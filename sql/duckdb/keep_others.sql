{% from "records.sql" import names, same_key %}
-- The rows whose keys the file does not have.
CREATE OR REPLACE TEMPORARY TABLE {{ ("kept_" ~ table.name) | identifier }} AS
SELECT {{ names(table.columns | map(attribute="name")) }}
FROM {{ table.name | identifier }} AS "there"
WHERE NOT EXISTS (
    SELECT 1
    FROM read_parquet({{ file.path | text }}) AS "staged"
    WHERE {{ same_key(table, '"staged"', '"there"') }}
);
