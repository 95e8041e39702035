COPY (
    {% include rows ~ ".sql" +%}
) TO STDOUT (FORMAT csv);
