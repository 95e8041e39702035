SELECT "campaign", MIN("began_at") AS "began_at"
FROM {{ campaign_customers }}
GROUP BY "campaign"
ORDER BY "campaign";
