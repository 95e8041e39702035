-- An unchanged file has no new records, and lacks none of last night's.
COPY (
    SELECT *
    FROM {{ file.comparison.known }}
    WHERE false
) TO {{ file.path | text }} (FORMAT parquet);

CREATE OR REPLACE TABLE {{ file.comparison.vanished }} AS
SELECT *
FROM {{ file.comparison.known }}
WHERE false;
