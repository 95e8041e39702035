{% from "csv.sql" import typed_records, any_refused, is_refused %}
-- Every value that the table would refuse.
INSERT INTO "rejects"
WITH "refused" AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT row_number() OVER () - 1 AS "record", *
        FROM (
            {{ typed_records(file) }}
        ) AS "typed"
    ) AS "numbered"
    WHERE {{ any_refused(file) | trim | indent(8) }}
)
{% for column in file.columns %}
SELECT {{ file.table | text }}, "record", 'value', {{ column.name | text }}, "text{{ loop.index0 }}", NULL
FROM "refused"
WHERE {{ is_refused(column, loop.index0) }}
{{ "UNION ALL" if not loop.last }}
{% endfor %};
