SHOW COLUMNS FROM {{ customer_features }};
