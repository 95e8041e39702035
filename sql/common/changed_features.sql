SELECT
    COUNT(CASE "#known" WHEN 1 THEN 1 END) AS "known",
    COUNT(CASE "#known" WHEN 0 THEN 1 END) AS "new"
FROM "#changed";
