{% from "labels_of_customers.sql" import labelled_rows, labels, labels_to_mend, wrong_rows with context %}
-- What became of the rows that did not carry what they should; everywhere: of all rows.
SELECT
    {{ wrong_rows('"#label"', '"#segment"') }}
FROM {{ labelled_rows(target) }}
{% if everywhere %}
LEFT JOIN {{ labels(target) }} ON "#customer" = "#key"
{% else %}
JOIN {{ labels_to_mend() }} ON "#customer" = "#key"
{% endif %}
WHERE "#label" IS DISTINCT FROM "#segment";
