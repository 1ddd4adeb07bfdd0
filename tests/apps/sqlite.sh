#!/bin/bash
# sqlite3: an in-memory database filled, indexed, updated, thinned out and summed up.
. "$(dirname "$0")/common.sh"
need sqlite3

work() {
  sqlite3 :memory: <<'SQL'
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, payload BLOB, weight REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
  INSERT INTO item
  SELECT i, printf('name-%d', i * 7919 % 100003), zeroblob(i * 31 % 400), i * 0.5 FROM n;
CREATE INDEX by_name ON item(name);
UPDATE item SET payload = zeroblob(id * 17 % 3000) WHERE id % 5 = 0;
DELETE FROM item WHERE id % 7 = 3;
VACUUM;
SELECT count(*), sum(length(payload)), sum(weight), max(name) FROM item;
SELECT name, count(*) AS c FROM item GROUP BY substr(name, 1, 7) ORDER BY c DESC, name LIMIT 20;
SELECT a.id, b.id FROM item a JOIN item b ON a.name = b.name AND a.id < b.id ORDER BY 1, 2 LIMIT 50;
SELECT length(group_concat(name)), sum(unicode(name) * id) FROM (SELECT * FROM item ORDER BY name);
PRAGMA integrity_check;
SQL
}

compare
