DROP TABLE IF EXISTS {{ customer_features_data }};

-- With its columns spelled out: what DuckDB 2.0 makes by CREATE TABLE ... AS SELECT ... LIMIT 0 counts no rows for
-- aggregates in the same transaction, from 110,000 rows on.
CREATE TABLE {{ customer_features_data }} (
{% for name, type in columns %}
{% if name == "customer_unique_id" %}
    "customer_unique_id" VARCHAR(255) NOT NULL,
{% elif name == "recency_days" and counted %}
    "recency_days" {{ uncounted(type) }},
{% else %}
    {{ name | identifier }} {{ type }},
{% endif %}
{% endfor %}
    "#day" DATE{{ key_of_customers(["customer_unique_id"]) }}
){{ table_options }};
