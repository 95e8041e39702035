-- Who is in another segment than after a run: why, with what they have spent, and what of it since they first moved.
SELECT
    "from_segment",
    "to_segment",
    "why",
    COUNT(*) AS "customers",
    COUNT("then") AS "known",
    SUM("now") AS "spend",
    SUM("now" - "then") AS "since"
FROM (
    SELECT
        "moved"."from_segment",
        {{ customer_segments }}."segment" AS "to_segment",
        "moved"."why",
        "spend"."now",
        CASE WHEN "spend"."now" IS NOT NULL THEN "moved"."then" END AS "then"
    FROM (
        SELECT
            "customer_unique_id",
            MAX(CASE WHEN "number" = 1 THEN "from_segment" END) AS "from_segment",
            MAX(CASE WHEN "number" = 1 THEN "monetary" END) AS "then",
            MAX(CASE WHEN "cause" = 'customer' THEN 2 WHEN "cause" IS NULL THEN 1 ELSE 0 END) AS "why"
        FROM (
            SELECT
                {{ customer_segment_changes }}.*,
                ROW_NUMBER() OVER (
                    PARTITION BY {{ customer_segment_changes }}."customer_unique_id"
                    ORDER BY {{ job_runs }}."started_at", {{ job_runs }}."run_id"
                ) AS "number"
            FROM {{ customer_segment_changes }}
            JOIN {{ job_runs }} ON {{ job_runs }}."run_id" = {{ customer_segment_changes }}."run_id"
            WHERE {{ job_runs }}."started_at" > %(started_at)s
        ) AS "changes"
        GROUP BY "customer_unique_id"
    ) AS "moved"
    LEFT JOIN {{ customer_segments }}
        ON {{ customer_segments }}."customer_unique_id" = "moved"."customer_unique_id"
    LEFT JOIN (
        SELECT "customer_unique_id", {{ as_double('"monetary"') }} AS "now"
        FROM {{ customer_features }}
    ) AS "spend" ON "spend"."customer_unique_id" = "moved"."customer_unique_id"
) AS "net"
WHERE COALESCE("from_segment", '') <> COALESCE("to_segment", '')
GROUP BY "from_segment", "to_segment", "why";
