-- DuckDB cannot give a table another key.
BEGIN;

CREATE TEMPORARY TABLE "files_before" AS
SELECT *
FROM {{ loaded_files }};

DROP TABLE {{ loaded_files }};

{% include "job_schema.sql" %}

INSERT INTO {{ loaded_files }} BY NAME
SELECT *
FROM "files_before";

COMMIT;

DROP TABLE "files_before";
