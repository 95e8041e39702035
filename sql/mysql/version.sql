SELECT VERSION() AS "version", @@local_infile AS "local_infile";
