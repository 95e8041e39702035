DELETE FROM {{ table.name | identifier }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ staged | identifier }}
    WHERE {{ table.keys.primary | pairs(staged, table.name) }}
);
