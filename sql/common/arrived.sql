{% from "labels_of_customers.sql" import arrivals, labelled_rows, labels with context %}
-- What has become of the labels in the shop's own table: its rows, and the customers who are in one.
SELECT
    {{ arrivals() }},
    COUNT(DISTINCT "#customer") AS "found",
    (SELECT COUNT(*) FROM {{ customer_segments }}) AS "customers"
FROM {{ labelled_rows(target) }}
LEFT JOIN {{ labels() }} ON "#customer" = "#key";
