-- How many rows lead to another of their table, and how many of these are below zero.
SELECT
    COUNT(*) AS "children",
    COUNT(CASE WHEN "child".{{ amount | identifier }} < 0 THEN 1 END) AS "negative"
FROM {{ table | identifier }} AS "child"
JOIN {{ table | identifier }} AS "parent" ON "parent".{{ key | identifier }} = "child".{{ column | identifier }};
