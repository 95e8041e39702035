{% from "staged.sql" import accepted, keys_of %}
-- The keys that the child's records refer to and the parent's records do not have.
CREATE OR REPLACE TABLE "orphan_keys" AS
SELECT DISTINCT
{% for column in reference.columns %}
{% set parent_column = reference.parent_columns[loop.index0] %}
    "child".{{ column | identifier }} AS {{ parent_column | identifier }}{{ "," if not loop.last }}
{% endfor %}
FROM {{ accepted(child) }} AS "child"
WHERE true
{% for column in reference.columns %}
  AND "child".{{ column | identifier }} IS NOT NULL
{% endfor %}
{% if parent %}
  AND NOT EXISTS (
      SELECT 1
      FROM {{ keys_of(parent, reference.parent_columns, parent.table == child.table) }} AS "parent"
      WHERE {{ reference.parent_columns | pairs("parent", "child", reference.columns) }}
  )
{% endif %};

SELECT COUNT(*) AS "keys" FROM "orphan_keys";
