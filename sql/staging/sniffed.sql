-- What separates the fields of a CSV file.
SELECT "Delimiter" AS "delimiter"
FROM sniff_csv({{ path | text }}, quote = '"', escape = '"', header = true, ignore_errors = true);
