CREATE TABLE customer_entity (
    entity_id INT PRIMARY KEY,
    email VARCHAR(255),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE TABLE sales_order (
    entity_id INT PRIMARY KEY,
    state VARCHAR(32),
    status VARCHAR(32),
    store_id SMALLINT,
    customer_id INT,
    customer_is_guest SMALLINT,
    customer_email VARCHAR(128),
    base_currency_code VARCHAR(3),
    order_currency_code VARCHAR(3),
    base_to_order_rate DECIMAL(12, 4),
    base_grand_total DECIMAL(20, 4),
    base_subtotal DECIMAL(20, 4),
    base_total_paid DECIMAL(20, 4),
    base_total_refunded DECIMAL(20, 4),
    grand_total DECIMAL(20, 4),
    subtotal DECIMAL(20, 4),
    total_paid DECIMAL(20, 4),
    total_refunded DECIMAL(20, 4),
    total_qty_ordered DECIMAL(12, 4),
    increment_id VARCHAR(50),
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customer_entity (entity_id)
);
CREATE TABLE sales_order_item (
    item_id INT PRIMARY KEY,
    order_id INT NOT NULL,
    created_at DATETIME NOT NULL,
    product_id INT,
    sku VARCHAR(255),
    qty_ordered DECIMAL(12, 4),
    base_price DECIMAL(12, 4),
    price DECIMAL(12, 4),
    base_row_total DECIMAL(20, 4),
    row_total DECIMAL(20, 4),
    FOREIGN KEY (order_id) REFERENCES sales_order (entity_id)
);
