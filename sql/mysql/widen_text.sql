ALTER TABLE {{ table | identifier }}
    MODIFY {{ column | identifier }} LONGTEXT{{ "" if nullable else " NOT NULL" }};
