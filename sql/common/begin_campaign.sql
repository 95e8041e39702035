-- The campaign's customers, each in an arm by the hash of salt and id, and what they have ordered and spent by then.
INSERT INTO {{ campaign_customers }} (
    "campaign", "customer_unique_id", "segment", "arm", "frequency", "monetary", "began_at"
)
SELECT
    %(campaign)s,
    {{ customer_segments }}."customer_unique_id",
    {{ customer_segments }}."segment",
    CASE
        WHEN LEFT({{ sha256('CONCAT(%(salt)s, ' ~ customer_segments ~ '."customer_unique_id")') }}, 16) < %(below)s
        THEN 'holdout'
        ELSE 'treated'
    END,
    {{ as_double('"features"."frequency"') }},
    {{ as_double('"features"."monetary"') }},
    %(began_at)s
FROM {{ customer_segments }}
JOIN (
    SELECT "customer_unique_id", "frequency", "monetary"
    FROM {{ customer_features }}
) AS "features" ON "features"."customer_unique_id" = {{ customer_segments }}."customer_unique_id"
WHERE {{ customer_segments }}."segment" IN ({{ listed(segments) }});
