CREATE OR REPLACE VIEW {{ customer_moves }} AS
SELECT
    {{ customer_segment_changes }}."customer_unique_id" AS "customer_unique_id",
    {{ customer_segment_changes }}."from_segment" AS "from_segment",
    {{ customer_segment_changes }}."to_segment" AS "to_segment",
    {{ customer_segment_changes }}."monetary" AS "monetary",
    {{ customer_segment_changes }}."cause" AS "cause",
    {{ job_runs }}."finished_at" AS "moved_at",
    {{ job_runs }}."run_id" AS "run_id"
FROM {{ customer_segment_changes }}
JOIN {{ job_runs }} ON {{ job_runs }}."run_id" = {{ customer_segment_changes }}."run_id";
