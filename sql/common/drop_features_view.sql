DROP VIEW IF EXISTS {{ customer_rfm }};

DROP VIEW {{ customer_features }};
