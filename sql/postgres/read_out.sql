COPY (
    SELECT {{ columns | names }}
    FROM {{ table | identifier }}
) TO STDOUT (FORMAT csv);
