-- How many values of a column of texts each format reads, and none before or after what may be an order's year.
SELECT
{% for format in formats %}
    COUNT(CASE WHEN {{ casts[loop.index0] }} BETWEEN '1970-01-01' AND '2100-12-31' THEN 1 END) AS "format{{ loop.index0 }}",
{% endfor %}
    COUNT({{ column | identifier }}) AS "values"
FROM read_parquet({{ file.path | text }});
