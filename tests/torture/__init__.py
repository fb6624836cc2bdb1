"""Random damage, hostile names, kills and pathological programs: what wandblint must survive."""
