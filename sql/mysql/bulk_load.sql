LOAD DATA LOCAL INFILE {{ path | text }}
INTO TABLE {{ table | identifier }}
CHARACTER SET utf8mb4
FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY ''
LINES TERMINATED BY '\n'
({{ columns | names }});
