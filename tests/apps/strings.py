"""Grows and copies strings, runs child processes, and prints what depends on every byte of them."""

import hashlib
import subprocess
import sys


def child_processes():
    command = [sys.executable, "-c", "import json; print(json.dumps(list(range(10000)))[-40:])"]
    return [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(3)]


def strings():
    text = ""
    for i in range(8000):
        text += str(i)
    return hashlib.sha256(b"".join([text[i:i + 5000].encode() * 50 for i in range(300)])).hexdigest()


print(child_processes(), strings())
