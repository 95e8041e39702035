-- The staged keys that the parent does not have.
SELECT {{ reference.parent_columns | names }}
FROM "staged_keys"
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ reference.parent | identifier }} AS "parent"
    WHERE {{ reference.parent_columns | pairs("parent", "staged_keys") }}
)
LIMIT {{ limit }};
