{% from "key_texts.sql" import texts %}
-- The staged keys that the database takes for the same as another one, by the collation of their columns.
SELECT "group", {{ texts(columns) }}
FROM (
    SELECT
        DENSE_RANK() OVER (ORDER BY {{ columns | names }}) AS "group",
        COUNT(*) OVER (PARTITION BY {{ columns | names }}) AS "alike",
        {{ columns | names }}
    FROM "staged_keys"
) AS "counted"
WHERE "alike" > 1
LIMIT {{ limit }};
