{% set created = [records.created] | names(records.name) %}
{% set column = [records.column] | names(records.name) %}
{% set hash = hash_of([bytewise(as_text(records.key)), created]) %}
{% set counted_before = "CASE WHEN %s <= %%(known_to)s OR %s IS NULL" | format(created, created) %}
-- What tells rows that change from now on; and of those that were there at another time whether all of them still are.
SELECT
    {{ as_text("MAX(CASE WHEN " ~ column ~ " <= %(settled)s THEN " ~ column ~ " END)") }} AS "mark",
    {{ as_text("MAX(" ~ created ~ ")") }} AS "known_to",
    COUNT(*) AS "rows",
    COUNT({{ counted_before }} THEN 1 END) AS "rows_before",
    COALESCE(SUM({{ counted_before }} THEN {{ hash }} END), 0) AS "checksum_before",
    COALESCE(SUM({{ counted_before }} THEN NULL ELSE {{ hash }} END), 0) AS "checksum_since"
FROM {{ records.name | identifier }};
