-- The rows of a table that a server sends as CSV, where NULL is empty and what is quoted is not NULL, with the types of
-- the staged records; "#strange": rows with a value that is none of its type.
COPY (
    SELECT
{% for name, type in types.items() %}
        TRY_CAST({{ name | identifier }} AS {{ type }}) AS {{ name | identifier }},
{% endfor %}
{% for name, type in types.items() %}
        {{ "OR " if not loop.first }}(
            {{ name | identifier }} IS NOT NULL AND TRY_CAST({{ name | identifier }} AS {{ type }}) IS NULL
        )
{% endfor %}
            AS "#strange"
    FROM read_csv(
        {{ source | text }},
        auto_detect = false, header = false, parallel = false, delim = ',', quote = '"', escape = '"', new_line = '\n',
        nullstr = '', allow_quoted_nulls = false,
        columns = {
{% for name in types %}
            {{ name | text }}: 'VARCHAR'{{ "," if not loop.last }}
{% endfor %}
        }
    )
) TO {{ target | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240, USE_TMP_FILE false);
