SELECT "r1", "r2", "r3", "r4", "f1", "f2", "f3", "f4", "m1", "m2", "m3", "m4"
FROM {{ rfm_cuts }}
WHERE "id" = 1;
