CHECKPOINT;

ATTACH {{ target | text }} AS "rewritten";

COPY FROM DATABASE {{ database | identifier }} TO "rewritten";

DETACH "rewritten";
