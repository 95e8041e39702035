{% from "csv.sql" import records, is_refused with context %}
-- The first value that the table would refuse.
WITH "numbered" AS (
    SELECT row_number() OVER () AS "record", *
    FROM {{ records(file, "store_rejects = false") }}
)
{% for column in refused %}
SELECT "record", {{ column.name | text }} AS "column", {{ column.name | identifier }} AS "value"
FROM "numbered"
WHERE {{ is_refused(column) }}
{{ "UNION ALL" if not loop.last }}
{% endfor %}
ORDER BY "record"
LIMIT 1;
