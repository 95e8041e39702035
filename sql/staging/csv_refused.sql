{% from "csv.sql" import typed, typed_records, new_records, any_refused, is_refused %}
-- Every value that the table would refuse.
INSERT INTO "rejects"
WITH "refused" AS MATERIALIZED (
    SELECT *
    FROM (
{% if file.comparison %}
        {{ typed(file, new_records(file), '"#record" AS "record"') | indent(8) }}
{% else %}
        SELECT row_number() OVER () - 1 AS "record", *
        FROM (
            {{ typed_records(file) }}
        ) AS "typed"
{% endif %}
    ) AS "numbered"
    WHERE {{ any_refused(file) | trim | indent(8) }}
)
{% for column in file.columns %}
SELECT {{ file.table | text }}, "record", 'value', {{ column.name | text }}, "text{{ loop.index0 }}", NULL
FROM "refused"
WHERE {{ is_refused(column, loop.index0) }}
{{ "UNION ALL" if not loop.last }}
{% endfor %};
