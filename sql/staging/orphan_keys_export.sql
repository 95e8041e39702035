COPY "orphan_keys" TO {{ target | text }} (FORMAT parquet);
