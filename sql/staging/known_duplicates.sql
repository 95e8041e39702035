{% from "staged.sql" import numbered, kept, shown %}
-- New records whose key one of last night's records has that is there still; how many of these come later in the file.
CREATE OR REPLACE TABLE "known_keys" AS
SELECT {{ file.key | names("kept") }}, "compared"."#record"
FROM {{ kept(file) }} AS "kept"
JOIN read_parquet({{ file.comparison.path | text }}) AS "compared"
    ON "compared"."#hash" = "kept"."#hash" AND "compared"."#known"
WHERE ({{ file.key | names("kept") }}) IN (SELECT ({{ file.key | names }}) FROM {{ numbered(file) }});

INSERT INTO "rejects"
SELECT
    {{ file.table | text }},
    "staged"."#record",
    'duplicate',
    {{ file.key | join(", ") | text }},
    {{ shown("staged", file.key) }},
    "known_keys"."#record"
FROM {{ numbered(file) }} AS "staged"
JOIN "known_keys" ON {{ file.key | pairs("staged", "known_keys") }};

SELECT COUNT(*) AS "later"
FROM {{ numbered(file) }} AS "staged"
JOIN "known_keys" ON {{ file.key | pairs("staged", "known_keys") }}
WHERE "staged"."#record" < "known_keys"."#record";
