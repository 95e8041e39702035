-- Where no pooler is in between: the session waits for files to be read. No transaction's setting reaches that far.
SET idle_session_timeout = 0;
