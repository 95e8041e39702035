-- As job_schema.sql has them.
ALTER TABLE {{ segment_models }}
    MODIFY "model" LONGTEXT NOT NULL;

ALTER TABLE {{ job_runs }}
    MODIFY "row_counts" LONGTEXT,
    MODIFY "timings" LONGTEXT,
    MODIFY "figures" LONGTEXT,
    MODIFY "error" LONGTEXT;

ALTER TABLE {{ rejected_records }}
    MODIFY "reason" LONGTEXT NOT NULL,
    MODIFY "record" LONGTEXT;
