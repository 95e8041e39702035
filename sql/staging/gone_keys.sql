-- The keys of last night's records that no record has any more.
COPY (
    SELECT {{ file.key | names }}
    FROM {{ file.comparison.vanished }}
    EXCEPT
    SELECT {{ file.key | names }}
    FROM read_parquet({{ file.path | text }})
) TO {{ target | text }} (FORMAT parquet);

SELECT COUNT(*) AS "keys"
FROM read_parquet({{ target | text }});
