-- How many lines there are in each currency, and what they add up to; the commonest first.
SELECT COALESCE("currency", '') AS "value", COUNT(*) AS "rows", SUM("amount") AS "amount"
FROM (
    {{ lines }}
) AS "lines"
WHERE "amount" IS NOT NULL
GROUP BY COALESCE("currency", '')
ORDER BY "rows" DESC, "value"
LIMIT {{ limit }};
