{% from "key_forms.sql" import in_form %}
{% from "labels_of_customers.sql" import labels with context %}
-- How many rows of nobody have a key that is a customer's id, where both are written in one form.
SELECT COALESCE(SUM("rows"), 0) AS "rows"
FROM (
    SELECT "strangers"."#form", MAX("strangers"."rows") AS "rows"
    FROM (
        SELECT {{ grouping_number(in_form('"#customer"', form)) }} AS "#form"
        FROM {{ labels(target) }}
    ) AS "forms"
    {{ join_in_order() }} (
        SELECT {{ grouping_number(in_form('"#key"', form)) }} AS "#form", COUNT(*) AS "rows"
        FROM "#odd_rows"
        WHERE "#row" = 1 AND "#key" IS NOT NULL AND "#segment" IS NULL
        GROUP BY "#form"
    ) AS "strangers" ON {{ joined_number('"strangers"."#form"') }} = "forms"."#form"
    GROUP BY "strangers"."#form"
) AS "near";
