-- Keys are in comments, for keys.sql to find: staging holds every record against them, and an analytical query walks no
-- index. Keys that DuckDB enforces, too, cost several times the time, memory and disk of a load without.
-- DuckDB forgets the length of a VARCHAR(32); a CHECK keeps it, for columns.sql to find and for DuckDB to enforce.

CREATE TABLE IF NOT EXISTS "customers" (
    "customer_id" VARCHAR NOT NULL CHECK (length("customer_id") <= 32),
    "customer_unique_id" VARCHAR NOT NULL CHECK (length("customer_unique_id") <= 32),
    "customer_zip_code_prefix" VARCHAR CHECK (length("customer_zip_code_prefix") <= 5),
    "customer_city" VARCHAR CHECK (length("customer_city") <= 255),
    "customer_state" VARCHAR CHECK (length("customer_state") <= 2),
    "segment" VARCHAR CHECK (length("segment") <= 1)
);

COMMENT ON TABLE "customers" IS '
    PRIMARY KEY ("customer_id")
';

CREATE TABLE IF NOT EXISTS "sellers" (
    "seller_id" VARCHAR NOT NULL CHECK (length("seller_id") <= 32),
    "seller_zip_code_prefix" VARCHAR CHECK (length("seller_zip_code_prefix") <= 5),
    "seller_city" VARCHAR CHECK (length("seller_city") <= 255),
    "seller_state" VARCHAR CHECK (length("seller_state") <= 2)
);

COMMENT ON TABLE "sellers" IS '
    PRIMARY KEY ("seller_id")
';

CREATE TABLE IF NOT EXISTS "products" (
    "product_id" VARCHAR NOT NULL CHECK (length("product_id") <= 32),
    "product_category_name" VARCHAR CHECK (length("product_category_name") <= 255),
    "product_name_lenght" INTEGER,
    "product_description_lenght" INTEGER,
    "product_photos_qty" INTEGER,
    "product_weight_g" INTEGER,
    "product_length_cm" INTEGER,
    "product_height_cm" INTEGER,
    "product_width_cm" INTEGER
);

COMMENT ON TABLE "products" IS '
    PRIMARY KEY ("product_id")
';

CREATE TABLE IF NOT EXISTS "product_category_name_translation" (
    "product_category_name" VARCHAR NOT NULL CHECK (length("product_category_name") <= 255),
    "product_category_name_english" VARCHAR CHECK (length("product_category_name_english") <= 255)
);

COMMENT ON TABLE "product_category_name_translation" IS '
    PRIMARY KEY ("product_category_name")
';

CREATE TABLE IF NOT EXISTS "geolocation" (
    "geolocation_zip_code_prefix" VARCHAR NOT NULL CHECK (length("geolocation_zip_code_prefix") <= 5),
    "geolocation_lat" DOUBLE PRECISION,
    "geolocation_lng" DOUBLE PRECISION,
    "geolocation_city" VARCHAR CHECK (length("geolocation_city") <= 255),
    "geolocation_state" VARCHAR CHECK (length("geolocation_state") <= 2)
);

CREATE TABLE IF NOT EXISTS "orders" (
    "order_id" VARCHAR NOT NULL CHECK (length("order_id") <= 32),
    "customer_id" VARCHAR NOT NULL CHECK (length("customer_id") <= 32),
    "order_status" VARCHAR NOT NULL CHECK (length("order_status") <= 32),
    "order_purchase_timestamp" TIMESTAMP NOT NULL,
    "order_approved_at" TIMESTAMP,
    "order_delivered_carrier_date" TIMESTAMP,
    "order_delivered_customer_date" TIMESTAMP,
    "order_estimated_delivery_date" TIMESTAMP
);

COMMENT ON TABLE "orders" IS '
    PRIMARY KEY ("order_id"),
    FOREIGN KEY ("customer_id") REFERENCES "customers" ("customer_id")
';

CREATE TABLE IF NOT EXISTS "order_items" (
    "order_id" VARCHAR NOT NULL CHECK (length("order_id") <= 32),
    "order_item_id" INTEGER NOT NULL,
    "product_id" VARCHAR NOT NULL CHECK (length("product_id") <= 32),
    "seller_id" VARCHAR NOT NULL CHECK (length("seller_id") <= 32),
    "shipping_limit_date" TIMESTAMP,
    "price" DECIMAL(10, 2) NOT NULL,
    "freight_value" DECIMAL(10, 2) NOT NULL
);

COMMENT ON TABLE "order_items" IS '
    PRIMARY KEY ("order_id", "order_item_id"),
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id"),
    FOREIGN KEY ("product_id") REFERENCES "products" ("product_id"),
    FOREIGN KEY ("seller_id") REFERENCES "sellers" ("seller_id")
';

CREATE TABLE IF NOT EXISTS "order_payments" (
    "order_id" VARCHAR NOT NULL CHECK (length("order_id") <= 32),
    "payment_sequential" INTEGER NOT NULL,
    "payment_type" VARCHAR CHECK (length("payment_type") <= 32),
    "payment_installments" INTEGER,
    "payment_value" DECIMAL(10, 2) NOT NULL
);

COMMENT ON TABLE "order_payments" IS '
    PRIMARY KEY ("order_id", "payment_sequential"),
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id")
';

CREATE TABLE IF NOT EXISTS "order_reviews" (
    "review_id" VARCHAR NOT NULL CHECK (length("review_id") <= 32),
    "order_id" VARCHAR NOT NULL CHECK (length("order_id") <= 32),
    "review_score" INTEGER NOT NULL,
    "review_comment_title" VARCHAR CHECK (length("review_comment_title") <= 255),
    "review_comment_message" TEXT,
    "review_creation_date" TIMESTAMP,
    "review_answer_timestamp" TIMESTAMP
);

COMMENT ON TABLE "order_reviews" IS '
    PRIMARY KEY ("review_id", "order_id"),
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id")
';
