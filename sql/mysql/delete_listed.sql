DELETE {{ table.name | identifier }}
FROM "staged_keys"
STRAIGHT_JOIN {{ table.name | identifier }} ON {{ table.keys.primary | pairs("staged_keys", table.name) }};
