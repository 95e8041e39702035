{% from "records.sql" import names %}
CREATE TEMPORARY TABLE {{ staged | identifier }} ON COMMIT DROP AS
SELECT {{ names(table.columns | map(attribute="name")) }}
FROM {{ table.name | identifier }}
WITH NO DATA;
