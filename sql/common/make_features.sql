DROP TABLE "customer_features";

CREATE TABLE "customer_features" AS
SELECT *
FROM (
{{ features_sql }}
) AS "features"
LIMIT 0;

ALTER TABLE "customer_features" ADD PRIMARY KEY ("customer_unique_id");
