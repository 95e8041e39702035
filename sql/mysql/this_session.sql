SELECT CONNECTION_ID() AS "session", NULL AS "began";
