-- How many values a column of texts has, which of them are something else than texts, and some of them.
SELECT
    COUNT({{ column | identifier }}) AS "values",
    COUNT(DISTINCT {{ column | identifier }}) AS "different",
    COUNT(*) AS "records",
    MAX(length({{ column | identifier }})) AS "longest",
{% for kind, value in kinds.items() %}
    COUNT({{ value }}) AS {{ kind | identifier }},
{% endfor %}
    COUNT(CASE WHEN regexp_matches({{ column | identifier }}, '^[+]|^-?0[0-9]') THEN 1 END) AS "ciphers",
    MAX(length(regexp_extract({{ column | identifier }}, '^-?0*([0-9]*)', 1))) AS "whole_digits",
    MAX(length(regexp_extract({{ column | identifier }}, '{{ "[" ~ decimal ~ "]" }}([0-9]*)', 1))) AS "decimal_digits",
    COUNT(CASE WHEN regexp_full_match({{ column | identifier }}, '.*[.]0') THEN 1 END) AS "floats"
FROM read_parquet({{ file.path | text }});
