DELETE FROM {{ customer_features }};

INSERT INTO {{ customer_features }} ({% for column in columns %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %})
SELECT {% for column in columns %}{{ column | identifier }}{{ ", " if not loop.last }}{% endfor %}

FROM (
{{ features_sql }}
) AS "features"
ORDER BY "customer_unique_id";
