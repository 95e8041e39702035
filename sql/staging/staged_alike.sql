{% from "staged.sql" import accepted, shown %}
-- Records whose key the database takes for that of an earlier record.
INSERT INTO "rejects"
WITH "of_groups" AS (
    SELECT "alike"."group", "staged"."#record", {{ file.key | names("staged") }}
    FROM {{ accepted(file) }} AS "staged"
    JOIN "alike" ON {{ file.key | pairs("staged", "alike") }}
)
SELECT
    {{ file.table | text }},
    "#record",
    'alike',
    {{ file.key | join(", ") | text }},
    {{ shown("of_groups", file.key) }},
    "first"
FROM (
    SELECT *, MIN("#record") OVER (PARTITION BY "group") AS "first"
    FROM "of_groups"
) AS "of_groups"
WHERE "#record" <> "first";
