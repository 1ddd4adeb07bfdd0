"""memcached with four threads under a small client of our own: sets and multi-gets in batches, values of
mixed sizes that replace each other."""

import random
import socket
import threading

from driver import digest, main, require, scaled
from process import Failure, Server, free_port

PACKAGES = {"memcached": "memcached"}
CLIENTS = 4
KEYS = 4000  # of each client
BATCH = 64


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def is_up(port):
    try:
        with connect(port) as connection:
            connection.sendall(b"version\r\n")
            return connection.recv(64).startswith(b"VERSION")
    except OSError:
        return False


class Client:
    """One connection that knows what it has stored."""

    def __init__(self, port, index):
        self.socket = connect(port)
        self.reader = self.socket.makefile("rb", 1 << 20)
        self.draw = random.Random(index)
        self.index = index
        self.noise = self.draw.randbytes(1 << 16)
        self.stored = {}

    def store(self):
        """Replaces the values of a batch of keys; the last one is answered."""
        parts = []
        for i in range(BATCH):
            key = b"k%d:%d" % (self.index, self.draw.randrange(KEYS))
            size, at = self.draw.randrange(16, 4096), self.draw.randrange(1 << 15)
            self.stored[key] = self.noise[at : at + size]
            silent = b"" if i == BATCH - 1 else b" noreply"
            parts.append(b"set %s 0 0 %d%s\r\n%s\r\n" % (key, size, silent, self.stored[key]))
        self.socket.sendall(b"".join(parts))
        require(self.reader.readline() == b"STORED\r\n", "a value is stored")

    def fetch(self, keys):
        self.socket.sendall(b"get %s\r\n" % b" ".join(keys))
        while (line := self.reader.readline()) != b"END\r\n":
            _, key, _, size = line.split()
            value = self.reader.read(int(size) + 2)[:-2]
            require(value == self.stored[key], f"the value of {key.decode()} is as it was stored")
            keys.remove(key)
        require(not keys, "no value is lost")

    def work(self, batches):
        for _ in range(batches):
            self.store()
            known = list(self.stored)
            self.fetch(list({self.draw.choice(known) for _ in range(BATCH)}))


def run_all(clients, batches):
    failures = []

    def work(one):
        try:
            one.work(batches)
        except (Failure, OSError) as failure:
            failures.append(str(failure))

    threads = [threading.Thread(target=work, args=(one,)) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    require(not failures, "; ".join(failures))


def run(folder):
    port, batches = free_port(), scaled(600, 2)
    server = ["memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-m", "512", "-t", "4", "-u", "nobody"]
    with Server(server, lambda: is_up(port), cwd=folder) as memcached:
        clients = [Client(port, i) for i in range(CLIENTS)]
        figures = memcached.measure(lambda: run_all(clients, batches), 2 * BATCH * CLIENTS * batches)
        for one in clients:
            one.fetch(list(one.stored)[:BATCH])
        figures.checksum = digest(b"".join(v for one in clients for v in one.stored.values()))
    return figures


main("memcached: four clients set and get values of 16 to 4096 bytes", PACKAGES, run)
