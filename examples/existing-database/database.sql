-- An invented business, as its own programs would have made it: 1,500 people in crm, their invoices in billing. It runs as it
-- is on PostgreSQL, MySQL, MariaDB and DuckDB; on MySQL and MariaDB, the two schemas are databases.

CREATE SCHEMA crm;
CREATE SCHEMA billing;

CREATE TABLE crm.people (
    id BIGINT PRIMARY KEY,
    full_name VARCHAR(80) NOT NULL,
    segment VARCHAR(1)
);

CREATE TABLE billing.invoices (
    number BIGINT PRIMARY KEY,
    person_id BIGINT,
    issued_on DATE NOT NULL,
    state VARCHAR(10) NOT NULL,
    total DECIMAL(12, 2) NOT NULL
);

CREATE TABLE billing.digits (digit BIGINT PRIMARY KEY);
INSERT INTO billing.digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);

INSERT INTO crm.people (id, full_name)
SELECT 1000 + number, CONCAT('Person ', number)
FROM (
    SELECT a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit AS number
    FROM billing.digits a, billing.digits b, billing.digits c, billing.digits d
) numbers
WHERE number < 1500;

-- Up to ten invoices each: most people have one or two, and one in fifteen has none. Nothing is random: whoever runs it has
-- the same rows.
INSERT INTO billing.invoices
SELECT
    id * 10 + digit,
    id,
    CAST(CONCAT('2026-0', 1 + (id * 5 + digit * 7) % 6, '-', 10 + (id * 3 + digit) % 19) AS DATE),
    CASE WHEN (id + digit) % 29 = 0 THEN 'void' ELSE 'paid' END,
    (300 + id * 7919 % 997 * (1 + id * 31 % 37) + digit * 111) * 0.01
FROM crm.people, billing.digits
WHERE id % 15 > 0 AND digit < 1 + id * 13 % 11 * (id * 17 % 7) * (id * 19 % 5) * 0.04;

-- Credit notes, which give money back, and what people without an account have bought.
INSERT INTO billing.invoices
SELECT number + 100000, person_id, issued_on, 'paid', -total
FROM billing.invoices
WHERE number % 41 = 0;

INSERT INTO billing.invoices
SELECT number + 200000, NULL, issued_on, 'paid', 19.9
FROM billing.invoices
WHERE number % 37 = 0;

DROP TABLE billing.digits;
