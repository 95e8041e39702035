{% from "staged.sql" import accepted %}
COPY (
    SELECT * EXCLUDE ("#record")
    FROM {{ accepted(file) }}
    ORDER BY "#record"
) TO {{ target | text }} (FORMAT parquet, ROW_GROUP_SIZE 10240);
