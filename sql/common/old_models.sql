-- All models but the newest, and but the one that customers are labelled with.
SELECT "model_id"
FROM {{ segment_models }}
WHERE "model_id" <> %(current)s
ORDER BY "fitted_at" DESC, "model_id"
LIMIT {{ limit }} OFFSET {{ others }};
