-- The three categories that each segment has spent most on, and their shares of what its items cost.
SELECT
    "ranked"."segment",
    'Categories by spend' AS "fact",
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
            "customers".{{ label | identifier }} AS "segment",
            "products"."product_category_name" AS "category",
            1.0 * SUM("order_items"."price") AS "spend"
        FROM "order_items" {{ by_hash() }}
        JOIN "orders" {{ by_hash() }} ON "orders"."order_id" = "order_items"."order_id"
        JOIN "customers" {{ by_hash() }} ON "customers"."customer_id" = "orders"."customer_id"
        JOIN "products" {{ by_hash() }} ON "products"."product_id" = "order_items"."product_id"
        WHERE "customers".{{ label | identifier }} IS NOT NULL
        GROUP BY "customers".{{ label | identifier }}, "products"."product_category_name"
    ) AS "categories"
) AS "ranked"
LEFT JOIN "product_category_name_translation"
    ON "product_category_name_translation"."product_category_name" = "ranked"."category"
WHERE "ranked"."spend" > 0 AND "ranked"."number" <= 3
ORDER BY "ranked"."segment", "ranked"."number";
