"""sqlite3 in memory: inserts, an index, joins, updates and deletes by a fixed script."""

from driver import digest, main, require, scaled
from process import run_to_end

PACKAGES = {"sqlite3": "sqlite3"}

SCRIPT = """
PRAGMA temp_store=MEMORY;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, note TEXT, amount INT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
INSERT INTO item SELECT i, printf('name-%d', i * 7919 % 100003),
  substr(replace(hex(zeroblob(i % 300)), '00', printf('%x', i)), 1, i % 400), i * 31 % 1009 FROM n;
CREATE INDEX by_name ON item(name);
CREATE INDEX by_amount ON item(amount, name);
UPDATE item SET note = note || name || amount WHERE id % 3 = 0;
DELETE FROM item WHERE id % 7 = 0;
SELECT count(*), sum(length(note)), sum(amount) FROM item;
SELECT amount, count(*), group_concat(substr(name, 6), '') FROM item GROUP BY amount % 10 ORDER BY 1;
SELECT count(*) FROM item a JOIN item b ON b.name = a.name WHERE a.id < b.id;
SELECT name, length(note) FROM item ORDER BY note, id LIMIT 50;
PRAGMA integrity_check;
"""


def run(folder):
    rows = scaled(200_000, 100)
    (folder / "script").write_text(SCRIPT.format(rows=rows))
    with open(folder / "script") as script, open(folder / "out", "wb") as out:
        figures = run_to_end(["sqlite3", ":memory:"], ops=rows, stdin=script, stdout=out)
    output = (folder / "out").read_bytes()
    require(output.endswith(b"\nok\n"), "the database says that it is whole")
    figures.checksum = digest(output)
    return figures


main("sqlite3: a database in memory, inserted, indexed, joined, changed", PACKAGES, run)
