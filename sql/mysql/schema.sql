-- Keys are made with the tables: to add them to loaded tables takes far longer.

CREATE TABLE IF NOT EXISTS "customers" (
    "customer_id" VARCHAR(32) NOT NULL,
    "customer_unique_id" VARCHAR(32) NOT NULL,
    "customer_zip_code_prefix" VARCHAR(5),
    "customer_city" VARCHAR(255),
    "customer_state" VARCHAR(2),
    "segment" VARCHAR(1),
    PRIMARY KEY ("customer_id"),
    INDEX "customers_customer_unique_id_idx" ("customer_unique_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "sellers" (
    "seller_id" VARCHAR(32) NOT NULL,
    "seller_zip_code_prefix" VARCHAR(5),
    "seller_city" VARCHAR(255),
    "seller_state" VARCHAR(2),
    PRIMARY KEY ("seller_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "products" (
    "product_id" VARCHAR(32) NOT NULL,
    "product_category_name" VARCHAR(255),
    "product_name_lenght" INTEGER,
    "product_description_lenght" INTEGER,
    "product_photos_qty" INTEGER,
    "product_weight_g" INTEGER,
    "product_length_cm" INTEGER,
    "product_height_cm" INTEGER,
    "product_width_cm" INTEGER,
    PRIMARY KEY ("product_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "product_category_name_translation" (
    "product_category_name" VARCHAR(255) NOT NULL,
    "product_category_name_english" VARCHAR(255),
    PRIMARY KEY ("product_category_name")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- sql_require_primary_key asks for a key of every table; this one is in no file, and in no SELECT *.
CREATE TABLE IF NOT EXISTS "geolocation" (
    /*!80023 "row_id" BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE PRIMARY KEY, */
    /*M!100303 "row_id" BIGINT UNSIGNED NOT NULL INVISIBLE AUTO_INCREMENT PRIMARY KEY, */
    "geolocation_zip_code_prefix" VARCHAR(5) NOT NULL,
    "geolocation_lat" DOUBLE PRECISION,
    "geolocation_lng" DOUBLE PRECISION,
    "geolocation_city" VARCHAR(255),
    "geolocation_state" VARCHAR(2),
    INDEX "geolocation_geolocation_zip_code_prefix_idx" ("geolocation_zip_code_prefix")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "orders" (
    "order_id" VARCHAR(32) NOT NULL,
    "customer_id" VARCHAR(32) NOT NULL,
    "order_status" VARCHAR(32) NOT NULL,
    "order_purchase_timestamp" DATETIME(6) NOT NULL,
    "order_approved_at" DATETIME(6),
    "order_delivered_carrier_date" DATETIME(6),
    "order_delivered_customer_date" DATETIME(6),
    "order_estimated_delivery_date" DATETIME(6),
    PRIMARY KEY ("order_id"),
    CONSTRAINT "orders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers" ("customer_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "order_items" (
    "order_id" VARCHAR(32) NOT NULL,
    "order_item_id" INTEGER NOT NULL,
    "product_id" VARCHAR(32) NOT NULL,
    "seller_id" VARCHAR(32) NOT NULL,
    "shipping_limit_date" DATETIME(6),
    "price" DECIMAL(10, 2) NOT NULL,
    "freight_value" DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY ("order_id", "order_item_id"),
    CONSTRAINT "order_items_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id"),
    CONSTRAINT "order_items_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products" ("product_id"),
    CONSTRAINT "order_items_seller_id_fkey" FOREIGN KEY ("seller_id") REFERENCES "sellers" ("seller_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "order_payments" (
    "order_id" VARCHAR(32) NOT NULL,
    "payment_sequential" INTEGER NOT NULL,
    "payment_type" VARCHAR(32),
    "payment_installments" INTEGER,
    "payment_value" DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY ("order_id", "payment_sequential"),
    CONSTRAINT "order_payments_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "order_reviews" (
    "review_id" VARCHAR(32) NOT NULL,
    "order_id" VARCHAR(32) NOT NULL,
    "review_score" INTEGER NOT NULL,
    "review_comment_title" VARCHAR(255),
    "review_comment_message" MEDIUMTEXT,
    "review_creation_date" DATETIME(6),
    "review_answer_timestamp" DATETIME(6),
    PRIMARY KEY ("review_id", "order_id"),
    CONSTRAINT "order_reviews_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id")
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
