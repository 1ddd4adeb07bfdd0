"""Allocates as Python programs do, and prints digests that depend on every byte of it."""

import hashlib
import json
import queue
import random
import subprocess
import sys
import threading


def document(rng, depth=4):
    if depth == 0:
        return rng.choice([rng.random(), rng.randrange(10**12), "x" * rng.randrange(200), None])
    return {f"key{rng.randrange(1000)}": document(rng, depth - 1) for _ in range(rng.randrange(8))}


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def dictionaries(seed):
    rng = random.Random(seed)
    kept = {}
    for i in range(300):
        kept[rng.randrange(300)] = json.loads(json.dumps(document(rng)))
        if i % 3 == 0:
            kept.pop(rng.randrange(300), None)
    return digest(kept)


def pass_on():
    """One thread makes the documents, two others take them apart and drop them."""
    documents, digests = queue.Queue(50), {}

    def consume():
        while (item := documents.get()) is not None:
            digests[item[0]] = digest(item[1])

    consumers = [threading.Thread(target=consume) for _ in range(2)]
    for thread in consumers:
        thread.start()
    rng = random.Random(7)
    for i in range(300):
        documents.put((i, document(rng)))
    for _ in consumers:
        documents.put(None)
    for thread in consumers:
        thread.join()
    return digest(digests)


def child_processes():
    command = [sys.executable, "-c", "import json; print(json.dumps(list(range(10000)))[-40:])"]
    return [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(3)]


def strings():
    text = ""
    for i in range(8000):
        text += str(i)
    return hashlib.sha256(b"".join([text[i:i + 5000].encode() * 50 for i in range(300)])).hexdigest()


print([dictionaries(seed) for seed in range(2)], pass_on(), child_processes(), strings())
