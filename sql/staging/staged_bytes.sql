-- Each record as the bytes that are sent of it.
SELECT {{ record }}
FROM (
    {% include "staged_rows.sql" +%}
) AS "records";
