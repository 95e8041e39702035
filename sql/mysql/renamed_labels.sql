-- The labels under names that no column of a shop's own table has, for a key that is an expression.
DROP TEMPORARY TABLE IF EXISTS "#labels";

CREATE TEMPORARY TABLE "#labels" (PRIMARY KEY ("#customer")) AS
SELECT "customer_unique_id" AS "#customer", "segment" AS "#segment"
FROM {{ customer_segments }};
