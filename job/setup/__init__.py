"""What comes before the first run: a config to start from, a synthetic shop, the config's JSON Schema."""
