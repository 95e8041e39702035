{% from "records.sql" import names %}
{% set columns = file.columns | map(attribute="name") | list %}
INSERT INTO {{ table | identifier }} ({{ names(columns) }})
SELECT {{ names(columns) }}
FROM read_parquet({{ file.path | text }});
