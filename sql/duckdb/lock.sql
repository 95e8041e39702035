-- Whoever has the file open holds the lock already.
SELECT true AS "locked";
