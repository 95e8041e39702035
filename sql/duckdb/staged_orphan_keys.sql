{% from "staged.sql" import accepted, same with context %}
-- The keys that the child's records refer to and the parent's records do not have.
CREATE OR REPLACE TABLE "orphan_keys" AS
SELECT DISTINCT {% for column in reference.columns %}"child".{{ column | identifier }} AS {{ reference.parent_columns[loop.index0] | identifier }}{{ ", " if not loop.last }}{% endfor %}

FROM {{ accepted(child) }} AS "child"
WHERE {% for column in reference.columns %}"child".{{ column | identifier }} IS NOT NULL AND {% endfor %}

{% if parent %}
NOT EXISTS (
    SELECT 1
    FROM {{ accepted(parent) if parent.table == child.table else "read_parquet(%s)" | format(parent.path | text) }} AS "parent"
    WHERE {{ same('"parent"', reference.parent_columns, '"child"', reference.columns) }}
)
{% else %}
true
{% endif %};

SELECT COUNT(*) AS "keys" FROM "orphan_keys";
