DELETE FROM {{ table.name | identifier }}
USING "staged_keys"
WHERE {{ table.keys.primary | pairs("staged_keys", table.name) }};
