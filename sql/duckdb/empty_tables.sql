-- DuckDB refuses to delete an order in the transaction that deletes its payments, so the tables are made anew;
-- readers see none of it before the commit.
{% include "drop_tables.sql" %}
