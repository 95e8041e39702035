DROP TABLE {{ customer_features }};

-- With its columns spelled out: what DuckDB 2.0 makes by CREATE TABLE ... AS SELECT ... LIMIT 0 counts no rows for
-- aggregates in the same transaction, from 110,000 rows on.
CREATE TABLE {{ customer_features }} (
{% for name, type in columns %}
{% set declared = "VARCHAR(255) NOT NULL" if name == "customer_unique_id" else type %}
    {{ name | identifier }} {{ declared }}{{ "," if not loop.last else key_of_customers(["customer_unique_id"]) }}
{% endfor %}
){{ table_options }};
