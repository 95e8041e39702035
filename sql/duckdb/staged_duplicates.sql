{% from "staged.sql" import numbered, same, shown with context %}
-- Records whose key an earlier record has.
INSERT INTO "rejects"
SELECT {{ file.table | text }}, "staged"."#record", 'duplicate', {{ file.key | join(", ") | text }}, {{ shown('"staged"', file.key) }}, "first"."#record"
FROM {{ numbered(file) }} AS "staged"
JOIN (
    SELECT {% for column in file.key %}{{ column | identifier }}, {% endfor %}MIN("#record") AS "#record"
    FROM {{ numbered(file) }}
    GROUP BY {% for column in file.key %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}

    HAVING COUNT(*) > 1
) AS "first" ON {{ same('"staged"', file.key, '"first"', file.key) }}
WHERE "staged"."#record" <> "first"."#record";
