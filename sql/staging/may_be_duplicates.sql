-- Whether records may have the same key: where all hashes differ, all keys do.
SELECT COUNT(*) > COUNT(DISTINCT hash({{ file.key | names }})) AS "may"
FROM read_parquet({{ file.path | text }})
WHERE NOT "#refused";
