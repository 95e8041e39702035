{% from "records.sql" import names %}
{% set columns = table.columns | map(attribute="name") | list %}
INSERT INTO {{ table.name | identifier }} ({{ names(columns) }})
SELECT {{ names(columns) }}
FROM {{ staged | identifier }};
