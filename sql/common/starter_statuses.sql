-- The values of a column of statuses, the commonest first.
SELECT {{ as_text(column) }} AS "value", COUNT(*) AS "rows"
FROM {{ table | identifier }}
WHERE {{ as_text(column) }} <> ''
GROUP BY {{ as_text(column) }}
ORDER BY "rows" DESC, "value"
LIMIT {{ limit }};
