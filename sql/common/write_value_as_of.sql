DELETE FROM {{ value_as_of }};

INSERT INTO {{ value_as_of }} ("id", "day", "days", "weeks", "figures")
VALUES (1, %(day)s, %(days)s, %(weeks)s, %(figures)s);
