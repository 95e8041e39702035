{# A DELETE that looks at every row keeps all of them locked; a SELECT locks none. #}
CREATE TEMPORARY TABLE "#gone" (PRIMARY KEY ("customer_unique_id"))
SELECT {{ "DISTINCT" if touched }} "there"."customer_unique_id"
FROM {{ customer_features_data }} AS "there"
{% if touched %}
JOIN "touched_customers" ON "touched_customers"."customer_unique_id" = "there"."customer_unique_id"
{% endif %}
WHERE NOT EXISTS (
    SELECT 1
    FROM "#features"
    WHERE "#features"."customer_unique_id" = "there"."customer_unique_id"
);

DELETE {{ customer_features_data }}
FROM "#gone"
STRAIGHT_JOIN {{ customer_features_data }}
    ON {{ customer_features_data }}."customer_unique_id" = "#gone"."customer_unique_id";

DROP TEMPORARY TABLE "#gone";
