SELECT COUNT(*) AS "problems", COUNT(DISTINCT "record") AS "records"
FROM "rejects"
WHERE "table" = {{ table | text }}
{% if numbers %}
  AND "record" BETWEEN {{ numbers[0] }} AND {{ numbers[1] }}
{% endif %};
