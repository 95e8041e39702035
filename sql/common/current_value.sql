SELECT "day", "days", "figures"
FROM {{ value_as_of }}
WHERE "id" = 1;
