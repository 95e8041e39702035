UPDATE {{ rfm_cuts }}
SET
{% for name in cuts %}
    {{ name | identifier }} = %({{ name }})s{{ "," if not loop.last }}
{% endfor %}
WHERE "id" = 1;
