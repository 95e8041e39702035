{% from "labels_of_customers.sql" import labels with context %}
-- The labels under names that no column of a shop's own table has, for a key that is an expression; and RFM groups,
-- computed once.
DROP TEMPORARY TABLE IF EXISTS "#labels";

CREATE TEMPORARY TABLE "#labels" (PRIMARY KEY ("#customer")) AS
SELECT "#customer", "#segment"
FROM {{ labels(target) }};
