SELECT "campaign", "began_at"
FROM {{ campaign_customers }}
WHERE "campaign" = %(campaign)s
LIMIT 1;
