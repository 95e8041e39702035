{% from "same_key.sql" import same_key %}
-- The rows whose keys the file does not have; without one, all of them.
CREATE OR REPLACE TEMPORARY TABLE {{ ("kept_" ~ table.name) | identifier }} AS
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }} AS "there"
{% if file %}
WHERE NOT EXISTS (
    SELECT 1
    FROM read_parquet({{ file.path | text }}) AS "staged"
    WHERE {{ same_key(table, "staged", "there") | trim }}
)
{% endif %};
