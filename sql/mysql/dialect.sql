{% set timestamp = "DATETIME(6)" %}
{# A TEXT holds 64 KB, which a model or an error may be longer than. #}
{% set long_text = "LONGTEXT" %}
{% set table_options = " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" %}

{# A row has 64 KB for texts that are no TEXT, and a key 3 KB. #}
{% macro column_type(type, longest, columns, is_key) -%}
{% if type == "VARCHAR" %}
{{- "VARCHAR(255)" if is_key or (longest <= 128 and columns <= 50) else "LONGTEXT" }}
{%- else %}
{{- timestamp if type == "TIMESTAMP" else type }}
{%- endif %}
{%- endmacro %}
{% set tables_options = table_options %}
{% set longest_key = 128 %}

{% macro as_integer(value) -%} CAST({{ value }} AS SIGNED) {%- endmacro %}

{% macro as_text(value) -%} CAST({{ value }} AS CHAR) {%- endmacro %}

{% macro without_digits(value) -%} REGEXP_REPLACE({{ value }}, '[0-9]', '9') {%- endmacro %}

{% macro text_as_time(value, pattern) -%}
{% if pattern %}
STR_TO_DATE(NULLIF(TRIM({{ value }}), ''), {{ pattern | replace("%M", "%i") | replace("%S", "%s") | text }})
{%- else %}
CAST(NULLIF(TRIM({{ value }}), '') AS {{ timestamp }})
{%- endif %}
{%- endmacro %}

{% macro number_as_time(value, parts) -%}
TIMESTAMPADD(MICROSECOND, NULLIF({{ value }}, 0) * {{ 1000000 // parts }}, CAST('1970-01-01' AS {{ timestamp }}))
{%- endmacro %}

{% macro days_between(first, last) -%} DATEDIFF({{ last }}, {{ first }}) {%- endmacro %}

{% macro computed_once() -%} LIMIT 18446744073709551615 {%- endmacro %}

{% macro key_of_staged_labels() -%} (PRIMARY KEY ("customer_unique_id")) {%- endmacro %}

{# MySQL joins by hash where it may use no index. The version hides it from MariaDB, which would then compare each row
   with each. #}
{% macro by_hash() -%} /*!80020 USE INDEX () */ {%- endmacro %}

{% macro join_in_order() -%} STRAIGHT_JOIN {%- endmacro %}

{# 64 bits of checksums: two texts of a million that share them are one chance in ten million. #}
{% macro grouping_number(value) -%} CRC32({{ value }}) * 4294967296 + CRC32(REVERSE({{ value }})) {%- endmacro %}

{# No index has it: MySQL joins by hash, MariaDB by the index. #}
{% macro joined_number(value) -%} {{ value }} /*!80020 + 0 */ {%- endmacro %}

{# Lock names are the server's, not the database's, and at most 64 characters long. #}
{% macro lock_name() -%}
CONCAT('clientela.', LEFT(SHA2(CONCAT(COALESCE(%(schema)s, DATABASE()), '.', %(prefix)s), 256), 40))
{%- endmacro %}

{# sql_require_primary_key asks for a key of every table, temporary ones included. #}
{% macro key_of_rejects(columns) -%}
,
    PRIMARY KEY ({{ columns | names }})
{%- endmacro %}

{% set numbered_rows = '("#" BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY)' %}

{% macro days_after(day, days) -%} {{ day }} + INTERVAL CAST({{ days }} AS SIGNED) DAY {%- endmacro %}

{# A difference of dates is an INT by itself, and nothing can be cast to that. #}
{% macro days_as(type, days) -%}
{% set lower = type | lower %}
{{ days if lower.startswith("int") else "CAST(%s AS %s)" | format(days, "SIGNED" if lower.startswith("bigint") else type) }}
{%- endmacro %}

{# With an INT beside it, a difference of dates would become a BIGINT. #}
{% macro uncounted(type) -%} {{ "MEDIUMINT" if type | lower in ("int", "integer") else type }} {%- endmacro %}

{# MySQL puts no view together with the statement that reads it whose columns have a subquery. #}
{% macro as_of_joined() -%} {{ customer_features_as_of }}."day" {%- endmacro %}
{% macro join_as_of() -%} JOIN {{ customer_features_as_of }} ON {{ customer_features_as_of }}."id" = 1 {%- endmacro %}

{# Of a row with these values: a checksum of the checksum, as those of texts alone would not show that two rows have
   exchanged values. #}
{% macro hash_of(values) -%}
CRC32(CRC32(CONCAT_WS(
    CHAR(31)
{%- for value in values %}, COALESCE(CAST({{ value }} AS BINARY), CHAR(30)){% endfor %}
)))
{%- endmacro %}

{% macro sha256(value) -%} SHA2(CONVERT({{ value }} USING utf8mb4), 256) {%- endmacro %}

{% set this_schema = "DATABASE()" %}
{% set drop_temporary = "DROP TEMPORARY TABLE" %}

{# As it stands, so that the condition reaches the tables; in texts, a backslash would mean something. #}
{% macro id_as_text(id) -%} {{ id }} {%- endmacro %}
{% macro listed(texts) -%}
{% for value in texts %}{{ ", " if not loop.first }}_utf8mb4 x'{{ value | hex }}'{% endfor %}
{%- endmacro %}

{% macro differ(columns, by_text, left, right) -%}
{% for column in columns %}
{% set ours, theirs = [column] | names(left), [column] | names(right) %}
{{ "OR " if not loop.first }}NOT ({{ ours }} <=> {{ theirs }})
{% if column in by_text %}
OR NOT (CAST({{ ours }} AS BINARY) <=> CAST({{ theirs }} AS BINARY))
{% endif %}
{% endfor %}
{%- endmacro %}
