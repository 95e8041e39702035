-- The features that customers are compared by, a row for each of them. This file is yours:
-- docs/guides/your-own-tables.md says what it must select, and what it may.
WITH "counted_lines" AS (
    SELECT
        -- 650 rows without customer_id are guests', told apart by wp_wc_orders.billing_email. To take it for
        -- all, name it with --customer-column.
        -- Refunds are taken off the customer whose order wp_wc_orders.parent_order_id names, and go with that
        -- order.
        COALESCE(
            NULLIF(CAST("wp_wc_orders"."customer_id" AS VARCHAR), '0'),
            NULLIF(LOWER(TRIM("wp_wc_orders"."billing_email")), ''),
            NULLIF(CAST("parent"."customer_id" AS VARCHAR), '0'),
            NULLIF(LOWER(TRIM("parent"."billing_email")), '')
        ) AS "customer",
        "wp_wc_orders"."date_created_gmt" AS "at",
        "wp_wc_orders"."total_amount" AS "amount"
    FROM "wp_wc_orders"
    LEFT JOIN "wp_wc_orders" AS "parent"
        ON "parent"."id" = "wp_wc_orders"."parent_order_id"
    WHERE "wp_wc_orders"."date_created_gmt" IS NOT NULL
      -- wp_wc_orders.status: left out are wc-cancelled (82), wc-refunded (34). Counted are wc-completed
      -- (1,617), wc-processing (90).
      AND COALESCE("parent"."status", "wp_wc_orders"."status", '') NOT IN ('wc-cancelled', 'wc-refunded')
      -- wp_wc_orders.currency: counted are amounts in EUR (1,313 rows, 101,411.11). Left out are USD (272
      -- rows, 21,055.08), SEK (88 rows, 6,128.47).
      AND "wp_wc_orders"."currency" = 'EUR'
      -- Leave out here what else is no purchase, such as
      --   orders without an account: AND "wp_wc_orders"."customer_id" <> the id that they all have
),
"per_customer" AS (
    SELECT
        "customer" AS "customer_unique_id",
        -- Customers who got back more than they paid count as 0: a negative sum has no logarithm.
        GREATEST(COALESCE(SUM("amount"), 0), 0) AS "monetary",
        -- Each row counts as an order. If a row is one line of an order, name the order's column with
        -- --order-column.
        -- 16 lines have a negative amount: refunds, or cancelled invoices. They lower what the customer has
        -- spent, and are no orders.
        COUNT(CASE WHEN "amount" < 0 THEN NULL ELSE 1 END) AS "frequency",
        MIN(CASE WHEN "amount" < 0 THEN NULL ELSE "at" END) AS "first_order_at",
        MAX(CASE WHEN "amount" < 0 THEN NULL ELSE "at" END) AS "last_order_at",
        COUNT(DISTINCT CASE WHEN "amount" < 0 THEN NULL ELSE CAST("at" AS DATE) END) AS "order_days"
    FROM "counted_lines"
    WHERE "customer" <> '' -- Nor NULL: what is nobody's is left out.
    GROUP BY "customer"
)
SELECT
    "customer_unique_id",
    "monetary",
    "frequency",
    -- Days up to the last order in the data.
    CAST((SELECT MAX("last_order_at") FROM "per_customer") AS DATE) - CAST("last_order_at" AS DATE) AS "recency_days",
    "first_order_at",
    "last_order_at",
    "order_days"
FROM "per_customer"
-- Not those of whom there are refunds alone.
WHERE "frequency" > 0
