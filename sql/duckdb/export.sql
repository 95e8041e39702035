{% from "records.sql" import names %}
-- The customers of the database, or of a CSV that a server sends: then NULL is empty, and what is quoted is not NULL.
COPY (
{% if source %}
    SELECT {{ names(fields | map(attribute="name") | list) }}
    FROM read_csv(
        {{ source | text }},
        auto_detect = false, header = false, parallel = false, delim = ',', quote = '"', escape = '"', new_line = '\n',
        nullstr = '', allow_quoted_nulls = false,
        columns = { {%- for field in fields %}{{ field.name | text }}: {{ field.type | text }}{{ ", " if not loop.last }}{% endfor -%} }
    )
{% else %}
    {% include "exported.sql" %}
{% endif %}
) TO {{ target | text }} (
{% if form == "csv" %}
    FORMAT csv, HEADER true, NULLSTR '', USE_TMP_FILE false
{% else %}
    FORMAT parquet, USE_TMP_FILE false
{% endif %}
);
