-- At every moment there is one to read: the table of an older version, or the view.
DROP TABLE IF EXISTS {{ before | identifier }};

RENAME TABLE
    {{ customer_features }} TO {{ before | identifier }},
    {{ view | identifier }} TO {{ customer_features }};

DROP TABLE {{ before | identifier }};
