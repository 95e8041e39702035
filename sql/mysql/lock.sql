-- Lock names are the server's, not the database's, and at most 64 characters long.
SELECT GET_LOCK(
    CONCAT('clientela.', LEFT(SHA2(CONCAT(COALESCE(%(schema)s, DATABASE()), '.', %(prefix)s), 256), 40)), 0
) = 1 AS "locked";
