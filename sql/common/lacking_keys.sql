{% from "key_texts.sql" import texts %}
-- The staged keys that the parent does not have.
SELECT {{ texts(reference.parent_columns) }}
FROM "staged_keys"
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ reference.parent | identifier }} AS "parent"
    WHERE {{ reference.parent_columns | pairs("parent", "staged_keys") }}
)
LIMIT {{ limit }};
