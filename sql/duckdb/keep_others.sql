-- The rows whose keys the file does not have.
CREATE OR REPLACE TEMPORARY TABLE {{ ("kept_" ~ table.name) | identifier }} AS
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }} AS "there"
WHERE NOT EXISTS (
    SELECT 1
    FROM read_parquet({{ file.path | text }}) AS "staged"
    WHERE {{ table.keys.primary | pairs("staged", "there") }}
);
