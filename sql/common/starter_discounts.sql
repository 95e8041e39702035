-- How a discount beside a price and a quantity may be meant, or what was paid back beside an amount.
SELECT
    COUNT({{ discount }}) AS "rows",
    MAX({{ discount }}) AS "most",
    COUNT(CASE WHEN {{ discount }} < 0 THEN 1 END) AS "negative",
    COUNT(CASE WHEN {{ discount }} > ABS({{ price }} * {{ quantity }}) THEN 1 END) AS "beyond",
    COUNT(CASE WHEN {{ discount }} <> FLOOR({{ discount }}) THEN 1 END) AS "broken"
FROM {{ table | identifier }};
