-- Questions to a database whose answers depend on every row; psql -v rows=N. The data comes from arithmetic.
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE item AS
  SELECT i AS id, 'name-' || i * 7919 % 100003 AS name, repeat(chr(97 + i % 26), i * 31 % 300) AS note,
         jsonb_build_object('amount', i * 17 % 1009, 'parts', jsonb_build_array(i % 7, i % 11)) AS facts
  FROM generate_series(1, :rows) AS i;
CREATE INDEX by_name ON item (name);
CREATE INDEX by_facts ON item USING gin (facts);
CREATE FUNCTION chain(start int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  seen int[] := '{}';
  at int := start;
BEGIN
  WHILE NOT at = ANY (seen) LOOP
    seen := seen || at;
    at := (at * 31 + 7) % 211;
  END LOOP;
  RETURN cardinality(seen);
EXCEPTION WHEN OTHERS THEN
  RETURN -1;
END $$;
UPDATE item SET note = note || name WHERE id % 3 = 0;
DELETE FROM item WHERE id % 7 = 3;
VACUUM ANALYZE item;
SELECT count(*), sum(length(note)), sum((facts ->> 'amount')::int) FROM item;
SELECT facts -> 'parts' ->> 0 AS part, md5(string_agg(name || note, ',' ORDER BY id)) FROM item GROUP BY part ORDER BY part;
SELECT md5(string_agg(a.id || '/' || b.id, ' ' ORDER BY a.id, b.id))
  FROM item a JOIN item b ON a.id < b.id AND length(a.note) = length(b.note) AND a.id % 50 = b.id % 50;
SELECT id, rank() OVER (PARTITION BY id % 5 ORDER BY note, id) AS place FROM item ORDER BY place DESC, id LIMIT 20;
SELECT count(*) FROM item WHERE facts @> '{"parts": [3, 5]}';
SELECT sum(chain(id % 211)), count(*) FILTER (WHERE regexp_replace(name, '(\d)(\d*)', '\2\1') ~ '[02468]$') FROM item;
