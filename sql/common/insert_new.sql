INSERT INTO {{ table.name | identifier }} ({{ table.columns | names }})
SELECT {{ table.columns | names }}
FROM {{ staged | identifier }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ table.name | identifier }} AS "there"
    WHERE {{ table.keys.primary | pairs("there", staged) }}
);
