"""redis-server under redis-benchmark: pipelined SET and GET of values of 1 KiB, nothing saved."""

import random
import socket

from driver import client, digest, main, require, scaled
from process import Server, free_port

PACKAGES = {"redis-server": "redis-server", "redis-tools": "redis-benchmark"}
CHECKED_KEYS = 500
KEYS = 100_000


class Connection:
    """As much of the protocol as the check needs."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.reader = self.socket.makefile("rb")

    def call(self, *words):
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts += [b"$%d\r\n" % len(data), data, b"\r\n"]
        self.socket.sendall(b"".join(parts))
        line = self.reader.readline().rstrip()
        if line[:1] != b"$":
            return line[1:]
        return None if line == b"$-1" else self.reader.read(int(line[1:]) + 2)[:-2]


def is_up(port):
    try:
        return Connection(port).call("PING") == b"PONG"
    except OSError:
        return False


def values():
    draw = random.Random(1)
    return {f"check:{i}": draw.randbytes(draw.randrange(1, 20_000)) for i in range(CHECKED_KEYS)}


def run(folder):
    port, requests = free_port(), scaled(400_000, 1000)
    server = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    load = ["redis-benchmark", "-h", "127.0.0.1", "-p", str(port), "-P", "16", "-d", "1024", "-q"]
    load += ["-r", str(KEYS), "-n", str(requests), "-t", "set,get"]
    with Server(server, lambda: is_up(port), cwd=folder) as redis:
        connection = Connection(port)
        kept = values()
        for key, value in kept.items():
            require(connection.call("SET", key, value) == b"OK", f"SET {key}")
        figures = redis.measure(lambda: client(load), 2 * requests)
        found = [connection.call("GET", key) for key in kept]
        require(found == list(kept.values()), "every value is as it was set")
        require(int(connection.call("DBSIZE")) > CHECKED_KEYS, "the benchmark has set keys")
        figures.checksum = digest(b"".join(found))
    return figures


main("redis-server: pipelined SET and GET of 1 KiB values", PACKAGES, run)
