"""postgresql under pgbench: its usual transactions by four clients. Its memory is the private memory of
all of its processes, since what they share is not the allocator's. The checksum is that of the balances at the end,
which the seed decides, and of a report on generated data."""

import os
import shutil
import threading
import time
from pathlib import Path

from driver import WORK, client, digest, main, require, scaled
from process import Server, free_port

PACKAGES = {"postgresql": "/usr/lib/postgresql", "postgresql-client-common": "pgbench"}
USER = "postgres" if os.getuid() == 0 else None
CLIENTS = 4


def program(name):
    return str(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))[-1])


def private_kib(root):
    """Of the server and its children."""
    total = 0
    children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    for pid in [str(root), *children]:
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1])
        except OSError:
            pass  # it has ended
    return total


class PeakSampler(threading.Thread):
    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peak, self.done = root, 0, False

    def run(self):
        while not self.done:
            self.peak = max(self.peak, private_kib(self.root))
            time.sleep(0.02)


def as_owner(command):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command] if USER else command


def make_database(folder):
    data = folder / "data"
    data.mkdir()
    if USER:
        for path in (folder, data):
            shutil.chown(path, USER, USER)
    client(as_owner([program("initdb"), "-D", str(data), "-A", "trust", "-U", "bench", "--no-sync"]), cwd=folder)
    return data


def run(folder):
    port, transactions, data = free_port(), scaled(1500, 10), make_database(folder)
    where = ["-h", "127.0.0.1", "-p", str(port), "-U", "bench"]
    server = [program("postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    server += ["-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    query = [program("psql"), *where, "-AtX", "-v", "ON_ERROR_STOP=1", "postgres"]
    report = ["-v", f"rows={scaled(20_000, 100)}", "-f", str(WORK / "report.sql")]
    load = [program("pgbench"), *where, "-c", str(CLIENTS), "-j", "2", "-t", str(transactions)]
    load += ["--random-seed=1", "-n", "postgres"]

    def is_up():
        return os.system(f"{program('pg_isready')} -q -h 127.0.0.1 -p {port}") == 0

    with Server(server, is_up, user=USER, cwd=folder) as postgres:
        client([program("pgbench"), *where, "-i", "-q", "postgres"])
        sampler = PeakSampler(postgres.process.pid)
        sampler.start()
        figures = postgres.measure(lambda: client(load), CLIENTS * transactions)
        sampler.done = True
        sampler.join()
        figures.rss_peak_kib, figures.rss_settled_kib = sampler.peak, private_kib(postgres.process.pid)
        sums = "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)"
        require(client([*query, "-c", sums]).strip() == "t", "the balances are the sums of the changes")
        count = client([*query, "-c", "SELECT count(*) FROM pgbench_history"]).strip()
        require(int(count) == figures.ops, f"{figures.ops} changes are written, not {count}")
        balances = client([*query, "-c", "SELECT string_agg(abalance::text, ',' ORDER BY aid) FROM pgbench_accounts"])
        figures.checksum = digest((balances + client([*query, *report])).encode())
    return figures


main("postgresql: pgbench with four clients", PACKAGES, run)
