-- The first record that is not as many fields as the header, or whose quotes do not match.
SELECT "byte_position", "error_message"
FROM reject_errors
ORDER BY "byte_position"
LIMIT 1;
