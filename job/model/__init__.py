"""Points -> centroids, segments, rules and names. Pure: no database, no files."""
