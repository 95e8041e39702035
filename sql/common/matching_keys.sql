{% from "key_forms.sql" import in_form %}
{% from "labels_of_customers.sql" import labelled_rows with context %}
-- How many customers of the features' SQL have a row in the shop's own table, and how many rows a customer, where both
-- write ids in one form.
SELECT
    SUM("customers") AS "customers",
    SUM(CASE WHEN "rows" > 0 THEN "customers" ELSE 0 END) AS "found",
    SUM("rows") AS "rows",
    SUM(CASE WHEN "customers" > 0 THEN "rows" ELSE 0 END) AS "of_customers"
FROM (
    SELECT SUM("customer") AS "customers", SUM("row") AS "rows"
    FROM (
        SELECT {{ in_form('"#customer"', form) }} AS "id", 1 AS "customer", 0 AS "row"
        FROM (
            SELECT {{ as_text('"customer_unique_id"') }} AS "#customer"
            FROM (
{{ features_sql }}
            ) AS "features"
        ) AS "labels"
        UNION ALL
        SELECT {{ in_form('"#key"', form) }}, 0, 1
        FROM {{ labelled_rows(target) }}
        WHERE "#key" IS NOT NULL
    ) AS "ids"
    GROUP BY {{ grouping_number('"id"') }}
) AS "together";
