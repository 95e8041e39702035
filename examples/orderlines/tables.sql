CREATE TABLE customers (
    customer_id INT PRIMARY KEY,
    company_name VARCHAR(80) NOT NULL,
    country VARCHAR(20)
);
CREATE TABLE products (
    product_id INT PRIMARY KEY,
    product_name VARCHAR(80) NOT NULL,
    unit_price DECIMAL(10, 2) NOT NULL,
    units_in_stock INT
);
CREATE TABLE order_statuses (
    status_id INT PRIMARY KEY,
    status_name VARCHAR(20) NOT NULL
);
CREATE TABLE orders (
    order_id INT PRIMARY KEY,
    customer_id INT NOT NULL,
    order_date DATE NOT NULL,
    required_date DATE,
    shipped_date DATE,
    status_id INT NOT NULL,
    freight DECIMAL(10, 2),
    FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
    FOREIGN KEY (status_id) REFERENCES order_statuses (status_id)
);
CREATE TABLE order_details (
    order_id INT NOT NULL,
    product_id INT NOT NULL,
    unit_price DECIMAL(10, 2) NOT NULL,
    quantity INT NOT NULL,
    discount DECIMAL(4, 2) NOT NULL,
    PRIMARY KEY (order_id, product_id),
    FOREIGN KEY (order_id) REFERENCES orders (order_id),
    FOREIGN KEY (product_id) REFERENCES products (product_id)
);
