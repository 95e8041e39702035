-- The features as they are now, with the types that they are stored with.
CREATE TEMPORARY TABLE "#features" (
{% for name, type in columns %}
    {{ name | identifier }} {{ type }}{{ "," if not loop.last else key_of_rejects(["customer_unique_id"]) }}
{% endfor %}
){{ table_options }} {{ until_commit() }};

INSERT INTO "#features" ({{ columns | map("first") | names }})
SELECT {{ columns | map("first") | names }}
FROM (
{{ features_sql }}
) AS "features"
{% if customers is not none %}
WHERE {{ id_as_text('"customer_unique_id"') }} IN ({{ listed(customers) }})
{% endif %};
