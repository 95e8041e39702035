DESCRIBE {{ customer_features }};
