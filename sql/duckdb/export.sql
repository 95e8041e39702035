{% set options = "FORMAT csv, HEADER true, NULLSTR ''" if form == "csv" else "FORMAT parquet" %}
-- As staging/convert.sql writes what a server sends.
COPY (
    {% include rows ~ ".sql" +%}
) TO {{ target | text }} ({{ options }}, USE_TMP_FILE false);
