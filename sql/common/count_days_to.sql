UPDATE {{ customer_features_as_of }}
SET "day" = %(day)s
WHERE "day" <> %(day)s;
