-- The labels as they were after a run: a customer whose label has changed since has the one before the first change.
CREATE TEMPORARY TABLE "labels_of_run" {{ key_of_staged_labels() }} {{ until_commit() }} AS
WITH "later" AS (
    SELECT
        {{ customer_segment_changes }}."customer_unique_id",
        {{ customer_segment_changes }}."from_segment",
        ROW_NUMBER() OVER (
            PARTITION BY {{ customer_segment_changes }}."customer_unique_id"
            ORDER BY {{ job_runs }}."started_at", {{ job_runs }}."run_id"
        ) AS "number"
    FROM {{ customer_segment_changes }}
    JOIN {{ job_runs }} ON {{ job_runs }}."run_id" = {{ customer_segment_changes }}."run_id"
    WHERE {{ job_runs }}."started_at" > %(started_at)s
), "then" AS (
    SELECT "customer_unique_id", "from_segment" AS "segment"
    FROM "later"
    WHERE "number" = 1 AND "from_segment" IS NOT NULL
    UNION ALL
    SELECT "customer_unique_id", "segment"
    FROM {{ customer_segments }}
    WHERE NOT EXISTS (
        SELECT 1
        FROM "later"
        WHERE "later"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
    )
)
SELECT "customer_unique_id", ASCII("segment") - ASCII('A') AS "centroid"
FROM "then";
