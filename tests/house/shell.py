"""Every shell script parses: each file named *.sh, or whose first line names a shell."""

import subprocess

import tree


def is_shell(path):
    with path.open("rb") as file:
        first = file.readline()
    return path.suffix == ".sh" or (first.startswith(b"#!") and first.rstrip().endswith(b"sh"))


def complaints(script):
    result = subprocess.run(["bash", "-n", script], stderr=subprocess.PIPE, text=True)
    return [result.stderr.rstrip()] if result.returncode != 0 else []


scripts = [path for path in tree.files(*tree.OURS) if is_shell(path)]
tree.finish(sum(map(complaints, scripts), []), f"{len(scripts)} shell scripts parse")
