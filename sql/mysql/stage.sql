{% set key = "(PRIMARY KEY (%s))" | format(table.keys.primary | names) if table.keys.primary else numbered_rows %}
CREATE TEMPORARY TABLE {{ staged | identifier }} {{ key }}
SELECT {{ table.columns | names }}
FROM {{ table.name | identifier }}
WHERE false;
