COPY "maybe_alike" TO {{ target | text }} (FORMAT parquet);
