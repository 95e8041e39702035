-- Whether a row of the shop's own table has another label than its customer.
{% set table, column = write_back.name | identifier, write_back.column | identifier %}
SELECT 1 AS "other_label"
FROM {{ table }}
LEFT JOIN {{ customer_segments }}
    ON {{ customer_segments }}."customer_unique_id" = {{ as_text(table ~ "." ~ (write_back.key | identifier)) }}
WHERE COALESCE({{ as_text(table ~ "." ~ column) }}, '') <> COALESCE({{ customer_segments }}."segment", '')
LIMIT 1;
