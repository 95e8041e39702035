ALTER TABLE {{ customer_segment_changes }}
ADD COLUMN "monetary" DOUBLE PRECISION;

ALTER TABLE {{ customer_segment_changes }}
ADD COLUMN "cause" VARCHAR(8);
