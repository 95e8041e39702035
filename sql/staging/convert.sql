{% set options = "FORMAT csv, HEADER true, NULLSTR ''" if form == "csv" else "FORMAT parquet" %}
-- The customers that a server sends as CSV, where NULL is empty and what is quoted is not NULL, as a file.
COPY (
    SELECT {{ fields | names }}
    FROM read_csv(
        {{ source | text }},
        auto_detect = false, header = false, parallel = false, delim = ',', quote = '"', escape = '"', new_line = '\n',
        nullstr = '', allow_quoted_nulls = false,
        columns = {
{% for field in fields %}
            {{ field.name | text }}: {{ field.type | text }}{{ "," if not loop.last }}
{% endfor %}
        }
    )
) TO {{ target | text }} ({{ options }}, USE_TMP_FILE false);
