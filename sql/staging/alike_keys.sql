{% from "staged.sql" import numbered %}
-- The file's keys that a collation may take for the same as another one. Printable ASCII it may fold to one case, and
-- pad; any other character may equal any text, and so all keys are of interest where there is one.
CREATE OR REPLACE TABLE "maybe_alike" AS
WITH "keys" AS (
    SELECT DISTINCT {{ file.key | names }}
    FROM {{ numbered(file) }}
), "folded" AS (
    SELECT
{% for column in loose %}
        rtrim(lower({{ column.name | identifier }})) AS "fold{{ loop.index0 }}",
{% endfor %}
        *
    FROM "keys"
), "same" AS (
    SELECT {{ same | names }}
    FROM "folded"
    GROUP BY {{ same | names }}
    HAVING COUNT(*) > 1
)
SELECT {{ file.key | names }}
FROM "folded"
WHERE ({{ same | names }}) IN (FROM "same")
   OR EXISTS (
       SELECT 1
       FROM "keys"
       WHERE false
{% for column in loose %}
          OR NOT regexp_full_match({{ column.name | identifier }}, '[ -~]*')
{% endfor %}
   );

SELECT COUNT(*) AS "keys" FROM "maybe_alike";
