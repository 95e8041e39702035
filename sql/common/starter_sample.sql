-- Some texts of a column as they come, and of all that look alike but for their digits, the least and the greatest.
SELECT "value"
FROM (
    SELECT {{ column }} AS "value"
    FROM {{ table | identifier }}
    WHERE {{ column }} IS NOT NULL
    LIMIT {{ limit }}
) AS "some"
{% for extreme, name in (("MIN", "least"), ("MAX", "greatest")) %}
UNION ALL
SELECT "value"
FROM (
    SELECT {{ extreme }}({{ column }}) AS "value"
    FROM {{ table | identifier }}
    WHERE {{ column }} IS NOT NULL
    GROUP BY {{ without_digits(as_text(column)) }}
    LIMIT {{ limit }}
) AS {{ name | identifier }}
{% endfor %};
