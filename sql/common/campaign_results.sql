-- What became of a campaign's customers by the segments and arms that they began in. Who is gone has ordered nothing.
SELECT
    "segment",
    "arm",
    COUNT(*) AS "customers",
    SUM("gone") AS "gone",
    SUM("bought") AS "buyers",
    SUM("revenue") AS "revenue",
    SUM("revenue" * "revenue") AS "squares"
FROM (
    SELECT
        "began"."segment",
        "began"."arm",
        CASE WHEN "features"."customer_unique_id" IS NULL THEN 1 ELSE 0 END AS "gone",
        CASE WHEN "features"."orders" > COALESCE("began"."frequency", 0) THEN 1 ELSE 0 END AS "bought",
        CASE
            WHEN "features"."customer_unique_id" IS NULL THEN 0
            ELSE COALESCE("features"."spend", 0) - COALESCE("began"."monetary", 0)
        END AS "revenue"
    FROM (
        SELECT "customer_unique_id", "segment", "arm", "frequency", "monetary"
        FROM {{ campaign_customers }}
        WHERE "campaign" = %(campaign)s
    ) AS "began"
    LEFT JOIN (
        SELECT
            "customer_unique_id",
            {{ as_double('"frequency"') }} AS "orders",
            {{ as_double('"monetary"') }} AS "spend"
        FROM {{ customer_features }}
    ) AS "features" ON "features"."customer_unique_id" = "began"."customer_unique_id"
) AS "since"
GROUP BY "segment", "arm"
ORDER BY "segment", "arm";
