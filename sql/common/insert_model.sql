INSERT INTO {{ segment_models }} ("model_id", "run_id", "fitted_at", "model")
VALUES (%(model_id)s, %(run_id)s, %(fitted_at)s, %(model)s);
