SELECT
    COUNT(*) AS "orphans",
    MIN("child".{{ child_column | identifier }}) AS "example"
FROM {{ child | identifier }} AS "child"
LEFT JOIN {{ parent | identifier }} AS "parent"
    ON "parent".{{ parent_column | identifier }} = "child".{{ child_column | identifier }}
WHERE "child".{{ child_column | identifier }} IS NOT NULL
  AND "parent".{{ parent_column | identifier }} IS NULL;
