DROP VIEW {{ customer_features }};
