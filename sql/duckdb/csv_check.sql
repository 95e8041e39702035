{% from "csv.sql" import records, is_refused with context %}
-- The number of records, and of values that the table would refuse, by column.
SELECT
    COUNT(*) AS "records",
{% for column in file.columns %}
    COUNT(*) FILTER ({{ is_refused(column) }}) AS "refused{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM {{ records(file, "store_rejects = true") }};
