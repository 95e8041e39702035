SELECT "run_id", "fitted_at", "model"
FROM {{ segment_models }}
WHERE "model_id" = %(model_id)s;
