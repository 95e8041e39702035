"""Files -> records that tables take. Knows no database: DuckDB reads and writes every file, whatever the target is."""
