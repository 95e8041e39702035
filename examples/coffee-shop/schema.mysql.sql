CREATE TABLE IF NOT EXISTS "sales" (
    "sale_id" INTEGER NOT NULL,
    "card" VARCHAR(10),
    "sold_at" DATETIME NOT NULL,
    "amount" DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY ("sale_id")
);
