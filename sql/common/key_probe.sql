-- Whether the key can be computed, and read; in a condition, so that it is a value of the row alone.
SELECT 1 AS "nobody"
FROM {{ target.name | identifier }}
WHERE {{ as_text(target.key) }} = ''
LIMIT 0;
