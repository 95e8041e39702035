-- The customers with the largest shares of all orders or of all spend, the largest first.
SELECT
    {{ as_text('"customer_unique_id"') }} AS "customer_unique_id",
    {{ as_double('"frequency"') }} AS "orders",
    {{ as_double('"monetary"') }} AS "spend"
FROM {{ customer_features }}
WHERE "frequency" > 0
ORDER BY GREATEST(
    {{ as_double('"frequency"') }} / {{ orders | number }},
    COALESCE({{ as_double('"monetary"') }}, 0) / {{ spend | number }}
) DESC
LIMIT {{ limit }};
