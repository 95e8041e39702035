-- The values that a fifth, two, three and four fifths of the customers reach. Equal values stay together.
SELECT
{% for fifths in range(1, 5) %}
    MIN(CASE WHEN 5 * "up_to" >= {{ fifths }} * "total" THEN "value" END) AS "cut{{ loop.index0 }}"{{ "," if not loop.last }}
{% endfor %}
FROM (
    SELECT
        "value",
        SUM("customers") OVER (ORDER BY "value" ROWS UNBOUNDED PRECEDING) AS "up_to",
        SUM("customers") OVER () AS "total"
    FROM (
        SELECT {{ as_double(column | identifier) }} AS "value", COUNT(*) AS "customers"
        FROM {{ customer_features }}
        WHERE {{ column | identifier }} IS NOT NULL
        GROUP BY {{ column | identifier }}
    ) AS "values"
) AS "counted";
