DELETE FROM {{ segment_models }}
WHERE "model_id" = %(model_id)s;
