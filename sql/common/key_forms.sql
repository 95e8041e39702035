{# Forms in which keys are compared that differ as they stand: their names are those of job/segmentation/arrival.py. #}
{% macro in_form(value, form) -%}
{% if form == "case" -%} LOWER({{ value }})
{%- elif form == "blanks" -%} TRIM({{ value }})
{%- elif form == "zeros" -%} TRIM(LEADING '0' FROM {{ value }})
{%- elif form == "decimals" -%}
CASE WHEN {{ value }} LIKE '%.%' THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {{ value }})) ELSE {{ value }} END
{%- elif form == "dashes" -%} REPLACE({{ value }}, '-', '')
{%- elif form == "any" -%}
{{ in_form(in_form(in_form(in_form(in_form(value, "blanks"), "decimals"), "zeros"), "dashes"), "case") }}
{%- else -%} {{ value }}
{%- endif %}
{%- endmacro %}
