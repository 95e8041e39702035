{% from "csv.sql" import records, record_hash %}
{% set known = '"there" IS NOT NULL' ~ (' AND "read"."#record" NOT IN (FROM "repeats")' if repeats else "") %}
-- Of the file's records that last night's file had, the number and the hash; of the others all.
COPY (
    SELECT
        "read"."#record",
        "read"."#hash",
        {{ known }} AS "#known",
{% for column in file.columns %}
        CASE WHEN NOT ({{ known }}) THEN {{ column.name | identifier }} END AS {{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
    FROM (
        SELECT
            row_number() OVER () - 1 AS "#record",
            {{ record_hash(file) | indent(12) }} AS "#hash",
            {{ file.columns | names }}
        FROM {{ records(file) }}
    ) AS "read"
    LEFT JOIN (
        SELECT "#hash", true AS "there"
        FROM {{ file.comparison.known }}
    ) AS "before" ON "before"."#hash" = "read"."#hash"
) TO {{ file.comparison.path | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);
