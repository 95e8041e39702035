DROP VIEW IF EXISTS {{ customer_value }};

DROP VIEW IF EXISTS {{ customer_rfm }};

DROP VIEW {{ customer_features }};
