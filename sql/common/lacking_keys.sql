{% from "records.sql" import names %}
-- The staged keys that the parent does not have.
SELECT {{ names(reference.parent_columns) }}
FROM "staged_keys"
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ reference.parent | identifier }} AS "parent"
    WHERE {% for column in reference.parent_columns %}"parent".{{ column | identifier }} = "staged_keys".{{ column | identifier }}{{ " AND " if not loop.last }}{% endfor %}

)
LIMIT {{ limit }};
