-- Keys and indexes come after the rows: see constraints.sql.
-- Half of each page of customers is left free, so that a new label stays on its row's page and no index is touched.
-- Full pages would be as many once the first labels are written.

CREATE TABLE IF NOT EXISTS "customers" (
    "customer_id" VARCHAR(32) NOT NULL,
    "customer_unique_id" VARCHAR(32) NOT NULL,
    "customer_zip_code_prefix" VARCHAR(5),
    "customer_city" VARCHAR(255),
    "customer_state" VARCHAR(2),
    "segment" VARCHAR(1)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS "sellers" (
    "seller_id" VARCHAR(32) NOT NULL,
    "seller_zip_code_prefix" VARCHAR(5),
    "seller_city" VARCHAR(255),
    "seller_state" VARCHAR(2)
);

CREATE TABLE IF NOT EXISTS "products" (
    "product_id" VARCHAR(32) NOT NULL,
    "product_category_name" VARCHAR(255),
    "product_name_lenght" INTEGER,
    "product_description_lenght" INTEGER,
    "product_photos_qty" INTEGER,
    "product_weight_g" INTEGER,
    "product_length_cm" INTEGER,
    "product_height_cm" INTEGER,
    "product_width_cm" INTEGER
);

CREATE TABLE IF NOT EXISTS "product_category_name_translation" (
    "product_category_name" VARCHAR(255) NOT NULL,
    "product_category_name_english" VARCHAR(255)
);

CREATE TABLE IF NOT EXISTS "geolocation" (
    "geolocation_zip_code_prefix" VARCHAR(5) NOT NULL,
    "geolocation_lat" DOUBLE PRECISION,
    "geolocation_lng" DOUBLE PRECISION,
    "geolocation_city" VARCHAR(255),
    "geolocation_state" VARCHAR(2)
);

CREATE TABLE IF NOT EXISTS "orders" (
    "order_id" VARCHAR(32) NOT NULL,
    "customer_id" VARCHAR(32) NOT NULL,
    "order_status" VARCHAR(32) NOT NULL,
    "order_purchase_timestamp" TIMESTAMP NOT NULL,
    "order_approved_at" TIMESTAMP,
    "order_delivered_carrier_date" TIMESTAMP,
    "order_delivered_customer_date" TIMESTAMP,
    "order_estimated_delivery_date" TIMESTAMP
);

CREATE TABLE IF NOT EXISTS "order_items" (
    "order_id" VARCHAR(32) NOT NULL,
    "order_item_id" INTEGER NOT NULL,
    "product_id" VARCHAR(32) NOT NULL,
    "seller_id" VARCHAR(32) NOT NULL,
    "shipping_limit_date" TIMESTAMP,
    "price" DECIMAL(10, 2) NOT NULL,
    "freight_value" DECIMAL(10, 2) NOT NULL
);

CREATE TABLE IF NOT EXISTS "order_payments" (
    "order_id" VARCHAR(32) NOT NULL,
    "payment_sequential" INTEGER NOT NULL,
    "payment_type" VARCHAR(32),
    "payment_installments" INTEGER,
    "payment_value" DECIMAL(10, 2) NOT NULL
);

CREATE TABLE IF NOT EXISTS "order_reviews" (
    "review_id" VARCHAR(32) NOT NULL,
    "order_id" VARCHAR(32) NOT NULL,
    "review_score" INTEGER NOT NULL,
    "review_comment_title" VARCHAR(255),
    "review_comment_message" TEXT,
    "review_creation_date" TIMESTAMP,
    "review_answer_timestamp" TIMESTAMP
);
