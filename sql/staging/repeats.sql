-- Records that are there again: the first of each is last night's, the others are new.
CREATE OR REPLACE TABLE "repeats" AS
SELECT "#record"
FROM read_parquet({{ file.comparison.path | text }})
WHERE "#known"
QUALIFY row_number() OVER (PARTITION BY "#hash" ORDER BY "#record") > 1;
