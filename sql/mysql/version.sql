SELECT VERSION() AS "version";
