-- Whose records have changed since the last run looked at the tables: marks has the times, in the tables' order.
CREATE TEMPORARY TABLE "touched_customers" (
    "customer_unique_id" VARCHAR(255) NOT NULL{{ key_of_rejects(["customer_unique_id"]) }}
){{ table_options }} {{ until_commit() }};

INSERT INTO "touched_customers" ("customer_unique_id")
SELECT DISTINCT "customer_unique_id"
FROM (
{% for records in tables %}
{% set column = [records.column] | names(records.name) %}
    SELECT {{ as_text(records.key) }} AS "customer_unique_id"
    FROM {{ records.name | identifier }}
    WHERE {{ column }} >= %(mark_{{ loop.index0 }})s OR {{ column }} IS NULL
{{ "    UNION ALL" if not loop.last }}
{% endfor %}
) AS "changed"
WHERE "customer_unique_id" IS NOT NULL;
