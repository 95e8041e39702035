SELECT DISTINCT "campaign"
FROM {{ campaign_customers }}
ORDER BY "campaign";
