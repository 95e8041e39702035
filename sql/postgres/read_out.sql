COPY (
    SELECT {{ types | names }}
    FROM {{ table | identifier }}
) TO STDOUT (FORMAT csv);
