COPY (
    {% include "exported.sql" +%}
) TO STDOUT (FORMAT csv);
