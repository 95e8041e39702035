{# The segment's letter and name of a row of new_labels. #}
{% macro letter(k) -%} {{ bound("segment", k) }} {%- endmacro %}

{% macro name(k) -%} {{ bound("name", k) }} {%- endmacro %}

{% macro bound(what, k) -%}
CASE "new_labels"."centroid"
{%- for number in range(k) %} WHEN {{ number }} THEN %({{ what }}_{{ number }})s{% endfor %} END
{%- endmacro %}
