COPY (
    {% include "staged_rows.sql" +%}
) TO {{ target | text }} (FORMAT csv, HEADER false, NULLSTR {{ null | text }});
