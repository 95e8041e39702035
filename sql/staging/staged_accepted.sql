{% from "staged.sql" import accepted %}
COPY (
    SELECT * EXCLUDE ("#record")
    FROM {{ accepted(file) }}
    ORDER BY "#record"
) TO {{ target | text }} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 10240);
