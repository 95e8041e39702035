SELECT "from_segment", "to_segment", COUNT(*) AS "customers"
FROM "changed_labels"
GROUP BY "from_segment", "to_segment"
ORDER BY "from_segment", "to_segment";
