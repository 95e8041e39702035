-- The three categories that each segment has spent most on, and their shares of what its items cost.
SELECT "segment", 'Categories' AS "fact", "item", "spend" / "total" AS "value"
FROM (
    SELECT
        "segment",
        "item",
        "spend",
        SUM("spend") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "spend" DESC, "item") AS "number"
    FROM (
        SELECT
            "customer_segments"."segment",
            COALESCE(
                "product_category_name_translation"."product_category_name_english",
                "products"."product_category_name",
                'none'
            ) AS "item",
            1.0 * SUM("order_items"."price") AS "spend"
        FROM "order_items"
        JOIN "orders" ON "orders"."order_id" = "order_items"."order_id"
        JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
        JOIN "customer_segments" ON "customer_segments"."customer_unique_id" = "customers"."customer_unique_id"
        JOIN "products" ON "products"."product_id" = "order_items"."product_id"
        LEFT JOIN "product_category_name_translation"
            ON "product_category_name_translation"."product_category_name" = "products"."product_category_name"
        GROUP BY
            "customer_segments"."segment",
            COALESCE(
                "product_category_name_translation"."product_category_name_english",
                "products"."product_category_name",
                'none'
            )
    ) AS "categories"
) AS "ranked"
WHERE "spend" > 0 AND "number" <= 3
ORDER BY "segment", "number"
LIMIT 78;
