"""Allocates as Python programs do, and prints digests that depend on every byte of it:
churn.py ROUNDS"""

import hashlib
import json
import queue
import random
import sys
import threading


def document(draw, depth=4):
    if depth == 0:
        return draw.choice([draw.random(), draw.randrange(10**12), "x" * draw.randrange(200), None])
    return {f"key{draw.randrange(1000)}": document(draw, depth - 1) for _ in range(draw.randrange(8))}


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def dictionaries(rounds):
    draw = random.Random(1)
    kept = {}
    for i in range(rounds * 20):
        kept[draw.randrange(300)] = json.loads(json.dumps(document(draw)))
        if i % 3 == 0:
            kept.pop(draw.randrange(300), None)
    return digest(kept)


def pass_on(rounds):
    """One thread makes the documents, two others take them apart and drop them."""
    documents, digests = queue.Queue(50), {}

    def consume():
        while (item := documents.get()) is not None:
            digests[item[0]] = digest(item[1])

    consumers = [threading.Thread(target=consume) for _ in range(2)]
    for thread in consumers:
        thread.start()
    draw = random.Random(7)
    for i in range(rounds * 10):
        documents.put((i, document(draw)))
    for _ in consumers:
        documents.put(None)
    for thread in consumers:
        thread.join()
    return digest(sorted(digests.items()))


print(dictionaries(int(sys.argv[1])))
print(pass_on(int(sys.argv[1])))
