{% set options = "FORMAT csv, HEADER true, NULLSTR ''" if form == "csv" else "FORMAT parquet" %}
{% set read = "hashed" if shape.hash_emails else "sent" %}
{% macro trimmed(name) %}regexp_replace({{ name | identifier }}, {{ spaces | text }}, '', 'g'){% endmacro %}
{% macro is_email(name) %}coalesce(regexp_full_match({{ trimmed(name) }}, {{ email | text }}), false){% endmacro %}
-- The customers that are sent as CSV, where NULL is empty and what is quoted is not NULL, as a file.
COPY (
    WITH "sent" AS (
        SELECT {{ fields | names }}
        FROM read_csv(
            {{ source | text }},
            auto_detect = false, header = {{ "true" if has_header else "false" }}, parallel = false,
            delim = ',', quote = '"', escape = '"', new_line = '\n', nullstr = '', allow_quoted_nulls = false,
            columns = {
{% for field in fields %}
                {{ field.name | text }}: {{ field.type | text }}{{ "," if not loop.last }}
{% endfor %}
            }
        )
    )
{%- if shape.hash_emails %},
    -- Of who has an address; what has an @ and is none goes to nobody.
    "hashed" AS (
        SELECT * REPLACE (
{% for name in addresses %}
            CASE
                WHEN {{ is_email(name) }} THEN sha256(lower({{ trimmed(name) }}))
                WHEN NOT regexp_matches({{ name | identifier }}, '[@＠﹫]') THEN {{ name | identifier }}
            END AS {{ name | identifier }}{{ "," if not loop.last }}
{% endfor %}
        )
        FROM "sent"
        WHERE {% for name in addresses %}{{ is_email(name) }}{{ " OR " if not loop.last }}{% endfor %}

    )
{%- endif %}

    SELECT
{% for field in fields %}
{% set name = field.name | identifier %}
{% if shape.for_spreadsheets %}
{% set header = spreadsheets.BYTE_ORDER_MARK * loop.first ~ spreadsheets.defused(field.name) %}
{% if field in texts %}
        CASE
            WHEN regexp_full_match({{ name }}, {{ spreadsheets.NUMBER | text }}) THEN {{ name }}
            ELSE regexp_replace(
                regexp_replace(
                    {{ name }}, {{ spreadsheets.BREAK_FIRST | text }}, {{ spreadsheets.PLAIN_BREAK_FIRST | text }}
                ),
                {{ spreadsheets.FORMULA | text }}, {{ spreadsheets.PLAIN_FORMULA | text }}, 'g'
            )
        END AS {{ header | identifier }}{{ "," if not loop.last }}
{% else %}
        {{ name }} AS {{ header | identifier }}{{ "," if not loop.last }}
{% endif %}
{% else %}
        {{ name }}{{ "," if not loop.last }}
{% endif %}
{% endfor %}
    FROM {{ read | identifier }}
) TO {{ target | text }} ({{ options }}, USE_TMP_FILE false);
