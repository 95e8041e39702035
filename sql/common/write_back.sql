{% set table, key, column = write_back.table | identifier, write_back.key | identifier, write_back.column | identifier %}
UPDATE {{ table }}
SET {{ column }} = "customer_segments"."segment"
FROM "customer_segments"
WHERE "customer_segments"."customer_unique_id" = {{ table }}.{{ key }}
  AND {{ table }}.{{ column }} IS DISTINCT FROM "customer_segments"."segment";

UPDATE {{ table }}
SET {{ column }} = NULL
WHERE {{ column }} IS NOT NULL
  AND NOT EXISTS (
      SELECT 1
      FROM "customer_segments"
      WHERE "customer_segments"."customer_unique_id" = {{ table }}.{{ key }}
  );
