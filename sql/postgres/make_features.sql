DROP TABLE {{ customer_features }};

CREATE TABLE {{ customer_features }} (
{% for name, type in columns %}
    {{ name | identifier }} {{ "VARCHAR(255) NOT NULL" if name == "customer_unique_id" else type }},
{% endfor %}
    PRIMARY KEY ("customer_unique_id")
);
