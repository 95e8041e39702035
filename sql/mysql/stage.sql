{% from "records.sql" import names %}
CREATE TEMPORARY TABLE {{ staged | identifier }} {{ "(PRIMARY KEY (%s))" | format(names(table.keys.primary)) if table.keys.primary }}
SELECT {{ names(table.columns | map(attribute="name")) }}
FROM {{ table.name | identifier }}
WHERE false;
