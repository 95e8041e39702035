{% from "csv.sql" import typed, new_records, any_refused %}
-- The new records with the table's types, as csv_stage has those of a whole file, and with their numbers; what last
-- night's file had and this one lacks.
COPY (
    SELECT
{% for column in file.columns %}
        "value{{ loop.index0 }}" AS {{ column.name | identifier }},
{% endfor %}
        "#record",
        "#hash",
        {{ any_refused(file) | trim | indent(8) }} AS "#refused"
    FROM (
        {{ typed(file, new_records(file), '"#record", "#hash"') | indent(8) }}
    ) AS "typed"
) TO {{ file.path | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);

CREATE OR REPLACE TABLE {{ file.comparison.vanished }} AS
SELECT *
FROM {{ file.comparison.known }}
{% if some_vanished %}
WHERE "#hash" NOT IN (SELECT "#hash" FROM read_parquet({{ file.comparison.path | text }}) WHERE "#known")
{% else %}
WHERE false
{% endif %};
