-- Where the changes of a customer's label do not follow each other, and where the last one has led to another label.
SELECT
    COUNT(CASE WHEN "number" > 1 AND COALESCE("before", '') <> COALESCE("from_segment", '') THEN 1 END) AS "broken",
    COUNT(
        CASE WHEN "back" = 1 AND COALESCE({{ customer_segments }}."segment", '') <> COALESCE("to_segment", '') THEN 1 END
    ) AS "otherwise"
FROM (
    SELECT
        {{ customer_segment_changes }}."customer_unique_id",
        "from_segment",
        "to_segment",
        LAG("to_segment") OVER (
            PARTITION BY {{ customer_segment_changes }}."customer_unique_id"
            ORDER BY {{ job_runs }}."started_at", {{ job_runs }}."run_id"
        ) AS "before",
        ROW_NUMBER() OVER (
            PARTITION BY {{ customer_segment_changes }}."customer_unique_id"
            ORDER BY {{ job_runs }}."started_at", {{ job_runs }}."run_id"
        ) AS "number",
        ROW_NUMBER() OVER (
            PARTITION BY {{ customer_segment_changes }}."customer_unique_id"
            ORDER BY {{ job_runs }}."started_at" DESC, {{ job_runs }}."run_id" DESC
        ) AS "back"
    FROM {{ customer_segment_changes }}
    JOIN {{ job_runs }} ON {{ job_runs }}."run_id" = {{ customer_segment_changes }}."run_id"
) AS "changes"
LEFT JOIN {{ customer_segments }} ON {{ customer_segments }}."customer_unique_id" = "changes"."customer_unique_id";
