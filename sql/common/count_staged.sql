SELECT COUNT(*) AS "rows"
FROM {{ table.name | identifier }} AS "there"
JOIN {{ staged | identifier }} AS "staged" ON {{ table.keys.primary | pairs("staged", "there") }};
