CREATE TABLE "rejects" (
    "table" VARCHAR,
    "record" BIGINT,
    "kind" VARCHAR,
    "column" VARCHAR,
    "value" VARCHAR,
    "other" VARCHAR
);
