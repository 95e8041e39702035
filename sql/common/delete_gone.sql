{% from "records.sql" import same_key %}
DELETE FROM {{ table.name | identifier }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ staged | identifier }}
    WHERE {{ same_key(table, staged | identifier, table.name | identifier) }}
);
