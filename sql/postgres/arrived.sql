{% from "labels_of_customers.sql" import arrivals, labelled_rows, labels with context %}
-- What has become of the labels in the shop's own table. Customers are counted by a join of their own: to count
-- different ones, PostgreSQL would sort them.
{{ more_memory() }}
SELECT
    {{ arrivals() }},
    (
        SELECT COUNT(*)
        FROM {{ labels() }}
        WHERE EXISTS (SELECT 1 FROM {{ labelled_rows(target) }} WHERE "#key" = "#customer")
    ) AS "found",
    (SELECT COUNT(*) FROM {{ customer_segments }}) AS "customers"
FROM {{ labelled_rows(target) }}
LEFT JOIN {{ labels() }} ON "#customer" = "#key";
