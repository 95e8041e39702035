SELECT "model_id", "run_id", "fitted_at", "model"
FROM {{ segment_models }}
ORDER BY "fitted_at" DESC, "model_id"
LIMIT {{ limit }};
