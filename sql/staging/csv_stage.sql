{% from "csv.sql" import typed_records, any_refused %}
-- The records in the file's order with the table's types; "#refused": those with a value that the table would refuse.
COPY (
    SELECT
{% for column in file.columns %}
        "value{{ loop.index0 }}" AS {{ column.name | identifier }},
{% endfor %}
{% if file.hashed %}
        "#hash",
{% endif %}
        {{ any_refused(file) | trim | indent(8) }} AS "#refused"
    FROM (
        {{ typed_records(file) }}
    ) AS "typed"
) TO {{ file.path | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);
