"""rocksdb's db_bench: fills a database in random order, then reads it, with two threads; ldb lists its keys,
which the seed decides."""

import re

from driver import client, digest, main, require, scaled
from process import run_to_end

PACKAGES = {"rocksdb-tools": "db_bench"}


def run(folder):
    keys = scaled(80_000, 100)
    command = ["db_bench", "--benchmarks=fillrandom,readrandom,verifychecksum", f"--num={keys}", "--threads=2"]
    command += ["--value_size=400", "--seed=1", "--compression_type=none", "--verify_checksum=true", f"--db={folder}/db"]
    with open(folder / "out", "wb") as out:
        figures = run_to_end(command, ops=4 * keys, stdout=out, stderr=out)
    report = (folder / "out").read_text(errors="replace")
    found = re.search(r"readrandom.*\((\d+) of (\d+) found\)", report)
    require(found is not None and int(found[1]) > 0, "keys are found: " + report[-200:])
    require("verifychecksum" in report and "orruption" not in report, "the checksums hold")
    database = client(["ldb", f"--db={folder}/db", "scan", "--hex"]).splitlines()
    require(0 < len(database) <= 2 * keys, f"{len(database)} keys are listed")
    figures.checksum = digest("".join(line.split()[0] for line in database).encode())
    return figures


main("rocksdb: random writes and reads by two threads", PACKAGES, run)
