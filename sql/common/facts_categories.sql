-- The three categories that each segment has spent most on, and their shares of what its items cost.
SELECT
    "ranked"."segment",
    'Categories' AS "fact",
    COALESCE("product_category_name_english", "ranked"."category", 'none') AS "item",
    "ranked"."spend" / "ranked"."total" AS "value"
FROM (
    SELECT
        "segment",
        "category",
        "spend",
        SUM("spend") OVER (PARTITION BY "segment") AS "total",
        ROW_NUMBER() OVER (PARTITION BY "segment" ORDER BY "spend" DESC, "category") AS "number"
    FROM (
        SELECT
            {{ customer_segments }}."segment",
            "products"."product_category_name" AS "category",
            1.0 * SUM("order_items"."price") AS "spend"
        FROM "order_items"
        JOIN "orders" ON "orders"."order_id" = "order_items"."order_id"
        JOIN "customers" ON "customers"."customer_id" = "orders"."customer_id"
        JOIN {{ customer_segments }} ON {{ customer_segments }}."customer_unique_id" = "customers"."customer_unique_id"
        JOIN "products" ON "products"."product_id" = "order_items"."product_id"
        GROUP BY {{ customer_segments }}."segment", "products"."product_category_name"
    ) AS "categories"
) AS "ranked"
LEFT JOIN "product_category_name_translation"
    ON "product_category_name_translation"."product_category_name" = "ranked"."category"
WHERE "ranked"."spend" > 0 AND "ranked"."number" <= 3
ORDER BY "ranked"."segment", "ranked"."number";
