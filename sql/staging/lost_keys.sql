{% from "staged.sql" import kept %}
-- How many keys a parent has lost that a child's records refer to: those that were there last night, and are there
-- still, or all that were there last night.
WITH "lost" AS (
    SELECT {{ reference.parent_columns | names }}
    FROM {{ parent.comparison.vanished }}
    EXCEPT
    SELECT {{ reference.parent_columns | names }}
    FROM read_parquet({{ parent.path | text }})
)
SELECT COUNT(*) AS "keys"
FROM "lost"
WHERE EXISTS (
    SELECT 1
    FROM {{ kept(child) if still else child.comparison.known }} AS "child"
    WHERE {{ reference.columns | pairs("child", "lost", reference.parent_columns) }}
);
