{% set key = "(PRIMARY KEY (%s))" | format(table.keys.primary | names) if table.keys.primary %}
CREATE TEMPORARY TABLE {{ staged | identifier }} {{ key }}
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }}
WHERE false;
