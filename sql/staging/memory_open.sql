ATTACH {{ path | text }} AS "last_night";

SELECT "name", "state"
FROM "last_night"."tables";
