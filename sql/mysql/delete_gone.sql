{# A DELETE that looks at every row keeps all of them locked; a SELECT locks none. #}
{% set key = table.keys.primary %}
DROP TEMPORARY TABLE IF EXISTS "gone";

CREATE TEMPORARY TABLE "gone" (PRIMARY KEY ({{ key | names }}))
SELECT {{ key | names }}
FROM {{ table.name | identifier }}
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ staged | identifier }}
    WHERE {{ key | pairs(staged, table.name) }}
);

DELETE {{ table.name | identifier }}
FROM "gone"
STRAIGHT_JOIN {{ table.name | identifier }} ON {{ key | pairs("gone", table.name) }};
