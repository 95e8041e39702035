{% from "staged.sql" import numbered, accepted, shown %}
{% set records = accepted(file) if file.comparison else numbered(file) %}
-- Records whose key an earlier record has.
INSERT INTO "rejects"
SELECT
    {{ file.table | text }},
    "staged"."#record",
    'duplicate',
    {{ file.key | join(", ") | text }},
    {{ shown("staged", file.key) }},
    "first"."#record"
FROM {{ records }} AS "staged"
JOIN (
    SELECT {{ file.key | names }}, MIN("#record") AS "#record"
    FROM {{ records }}
    GROUP BY {{ file.key | names }}
    HAVING COUNT(*) > 1
) AS "first" ON {{ file.key | pairs("staged", "first") }}
WHERE "staged"."#record" <> "first"."#record";
