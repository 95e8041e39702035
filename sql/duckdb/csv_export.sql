{% from "csv.sql" import typed with context %}
COPY (
    {{ typed(file) }}
) TO {{ target | text }} (FORMAT csv, HEADER false, NULLSTR {{ null | text }});
