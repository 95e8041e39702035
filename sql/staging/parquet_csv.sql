-- Every value as a text that is read as the same value: moments in UTC, and numbers with the declared decimal sign. An
-- empty one is NULL: a record of one column must not be an empty line.
COPY (
    SELECT
{% for name, kind in columns %}
{% set column = name | identifier %}
        coalesce(
{% if kind == "moment" %}
            CAST({{ column }} AT TIME ZONE 'UTC' AS VARCHAR),
{% elif kind == "number" and decimal != "." %}
            replace(CAST({{ column }} AS VARCHAR), '.', {{ decimal | text }}),
{% else %}
            CAST({{ column }} AS VARCHAR),
{% endif %}
            ''
        ) AS {{ column }}{{ "," if not loop.last }}
{% endfor %}
    FROM read_parquet({{ path | text }})
{% if limit %}
    LIMIT {{ limit }}
{% endif %}
) TO {{ target | text }} (FORMAT csv, HEADER true, DELIMITER {{ delimiter | text }}, USE_TMP_FILE false{{ ", FORCE_QUOTE *" if columns | length == 1 }});
