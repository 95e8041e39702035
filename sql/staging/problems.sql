-- The problems of the file's rejected records; with a limit, the first of each kind and column.
SELECT "record", "kind", "column", "value", "other"
FROM "rejects"
WHERE "table" = {{ table | text }}
{% if limit %}
QUALIFY row_number() OVER (PARTITION BY "kind", "column" ORDER BY "record") <= {{ limit }}
{% endif %}
ORDER BY "record", "column";
