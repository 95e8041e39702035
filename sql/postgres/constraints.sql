-- Run once, in the first load, each statement after the rows of the tables that it names: COPY into tables that have
-- their keys is far slower.

ALTER TABLE "customers"
    ADD PRIMARY KEY ("customer_id");

ALTER TABLE "sellers"
    ADD PRIMARY KEY ("seller_id");

ALTER TABLE "products"
    ADD PRIMARY KEY ("product_id");

ALTER TABLE "product_category_name_translation"
    ADD PRIMARY KEY ("product_category_name");

ALTER TABLE "orders"
    ADD PRIMARY KEY ("order_id");

ALTER TABLE "order_items"
    ADD PRIMARY KEY ("order_id", "order_item_id");

ALTER TABLE "order_payments"
    ADD PRIMARY KEY ("order_id", "payment_sequential");

ALTER TABLE "order_reviews"
    ADD PRIMARY KEY ("review_id", "order_id");

CREATE INDEX "customers_customer_unique_id_idx" ON "customers" ("customer_unique_id");

CREATE INDEX "orders_customer_id_idx" ON "orders" ("customer_id");

CREATE INDEX "order_items_product_id_idx" ON "order_items" ("product_id");

CREATE INDEX "order_items_seller_id_idx" ON "order_items" ("seller_id");

CREATE INDEX "order_reviews_order_id_idx" ON "order_reviews" ("order_id");

CREATE INDEX "geolocation_geolocation_zip_code_prefix_idx" ON "geolocation" ("geolocation_zip_code_prefix");

ALTER TABLE "orders"
    ADD CONSTRAINT "orders_customer_id_fkey"
    FOREIGN KEY ("customer_id") REFERENCES "customers" ("customer_id");

ALTER TABLE "order_items"
    ADD CONSTRAINT "order_items_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id");

ALTER TABLE "order_items"
    ADD CONSTRAINT "order_items_product_id_fkey"
    FOREIGN KEY ("product_id") REFERENCES "products" ("product_id");

ALTER TABLE "order_items"
    ADD CONSTRAINT "order_items_seller_id_fkey"
    FOREIGN KEY ("seller_id") REFERENCES "sellers" ("seller_id");

ALTER TABLE "order_payments"
    ADD CONSTRAINT "order_payments_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id");

ALTER TABLE "order_reviews"
    ADD CONSTRAINT "order_reviews_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders" ("order_id");
