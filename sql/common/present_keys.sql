{% from "key_texts.sql" import texts %}
-- The staged keys that the table has.
SELECT {{ texts(reference.parent_columns) }}
FROM "staged_keys"
WHERE EXISTS (
    SELECT 1
    FROM {{ reference.parent | identifier }} AS "there"
    WHERE {{ reference.parent_columns | pairs("there", "staged_keys") }}
)
LIMIT {{ limit }};
