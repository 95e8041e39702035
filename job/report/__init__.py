"""The report on a run: aggregates from the database -> one HTML file."""
