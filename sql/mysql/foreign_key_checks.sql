SET SESSION foreign_key_checks = {{ 1 if on else 0 }};
