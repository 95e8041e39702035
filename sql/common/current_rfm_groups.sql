SELECT "r", "f", "m", "rfm_group"
FROM {{ rfm_groups }}
ORDER BY "r", "f", "m";
