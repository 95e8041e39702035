{% from "csv.sql" import records, record_hash %}
-- Of the file's records that last night's file had, the number and the hash; of the others all. A join that gave the
-- records on would take longer than to read them.
COPY (
    SELECT
        "#record",
        "#hash",
        "#known",
{% for column in file.columns %}
        CASE WHEN NOT "#known" THEN {{ column.name | identifier }} END AS {{ column.name | identifier }}{{ "," if not loop.last }}
{% endfor %}
    FROM (
        SELECT
            *,
            "#hash" IN (SELECT "#hash" FROM {{ file.comparison.known }})
{% if repeats %}
            AND "#record" NOT IN (FROM "repeats")
{% endif %}
            AS "#known"
        FROM (
            SELECT
                row_number() OVER () - 1 AS "#record",
                {{ record_hash(file) | indent(16) }} AS "#hash",
                {{ file.columns | names }}
            FROM {{ records(file) }}
        ) AS "read"
    ) AS "compared"
) TO {{ file.comparison.path | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);
