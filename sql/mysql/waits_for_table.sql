-- What any user may see: the state of its own sessions.
SELECT process.state AS state
FROM information_schema.processlist AS process
WHERE process.id = {{ session }} AND process.state LIKE 'Waiting for%lock';
