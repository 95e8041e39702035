DESCRIBE "customer_features";
