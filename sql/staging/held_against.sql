{% macro same(columns) -%}
{% for column in columns %}
{{ "AND " if not loop.first }}"row".{{ column | identifier }} IS NOT DISTINCT FROM "record".{{ column | identifier }}
{% endfor %}
{%- endmacro %}
{% set columns = file.columns | map(attribute="name") | list %}
-- The records of a staged file that a table has not, or has with other values; and the keys of its rows that are in no
-- record.
COPY (
    SELECT "record".*
    FROM read_parquet({{ file.path | text }}) AS "record"
    ANTI JOIN read_parquet({{ rows | text }}) AS "row" ON
        {{ same(columns) | indent(8) }}
) TO {{ differing | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);

COPY (
    SELECT {{ file.key | names("row") }}
    FROM read_parquet({{ rows | text }}) AS "row"
    ANTI JOIN read_parquet({{ file.path | text }}) AS "record" ON
        {{ same(file.key) | indent(8) }}
) TO {{ gone | text }} (FORMAT parquet);

SELECT
    (SELECT COUNT(*) FROM read_parquet({{ differing | text }})) AS "differing",
    (SELECT COUNT(*) FROM read_parquet({{ gone | text }})) AS "gone",
    (SELECT COUNT(*) FROM read_parquet({{ rows | text }})) AS "rows",
    (
        SELECT COUNT(*)
        FROM read_parquet({{ rows | text }})
        WHERE "#strange"
{% for name in file.key %}
           OR suffix(CAST({{ name | identifier }} AS VARCHAR), ' ')  -- which is the same key as without, to some
{% endfor %}
    ) AS "strange";
