{% from "records.sql" import names, same_key %}
{% set columns = table.columns | map(attribute="name") | list %}
INSERT INTO {{ table.name | identifier }} ({{ names(columns) }})
SELECT {{ names(columns) }}
FROM {{ staged | identifier }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ table.name | identifier }} AS "there"
    WHERE {{ same_key(table, '"there"', staged | identifier) }}
);
