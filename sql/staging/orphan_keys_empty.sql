DELETE FROM "orphan_keys";
