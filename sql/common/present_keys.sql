-- The staged keys that the table has.
SELECT {{ reference.parent_columns | names }}
FROM "staged_keys"
WHERE EXISTS (
    SELECT 1
    FROM {{ reference.parent | identifier }} AS "there"
    WHERE {{ reference.parent_columns | pairs("there", "staged_keys") }}
)
LIMIT {{ limit }};
