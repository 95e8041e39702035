{% for table in tables %}
SELECT {{ table | text }} AS "table", COUNT(*) AS "rows" FROM {{ table | identifier }}
{{ "UNION ALL" if not loop.last }}
{% endfor %};
