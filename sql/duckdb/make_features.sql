DROP TABLE {{ customer_features }};

-- With its columns spelled out: what DuckDB 2.0 makes by CREATE TABLE ... AS SELECT ... LIMIT 0 counts no rows for
-- aggregates in the same transaction, from 110,000 rows on.
CREATE TABLE {{ customer_features }} (
{% for name, type in columns %}
    {{ name | identifier }} {{ "VARCHAR(255) NOT NULL" if name == "customer_unique_id" else type }}{{ "," if not loop.last }}
{% endfor %}
);
