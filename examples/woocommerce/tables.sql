CREATE TABLE wp_wc_orders (
    id BIGINT PRIMARY KEY,
    status VARCHAR(20),
    currency VARCHAR(10),
    type VARCHAR(20),
    tax_amount DECIMAL(26, 8),
    total_amount DECIMAL(26, 8),
    customer_id BIGINT,
    billing_email VARCHAR(320),
    date_created_gmt DATETIME NULL,
    date_updated_gmt DATETIME NULL,
    parent_order_id BIGINT,
    payment_method VARCHAR(100)
);
CREATE TABLE wp_wc_order_product_lookup (
    order_item_id BIGINT PRIMARY KEY,
    order_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    customer_id BIGINT,
    date_created DATETIME NULL,
    product_qty INT NOT NULL,
    product_net_revenue DOUBLE PRECISION NOT NULL
);
