-- The problems of the file's first rejected records.
SELECT "record", "kind", "column", "value", "other"
FROM "rejects"
WHERE "table" = {{ table | text }}
ORDER BY "record", "column"
{% if limit %}
LIMIT {{ limit }}
{% endif %};
