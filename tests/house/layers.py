"""The layer check: under src/ an #include points at its own layer or at one to its left, and no
chain of #includes returns to where it began. With --self-test, it must find planted violations."""

import re
import sys
import tempfile
from pathlib import Path

import tree

LAYERS = ["platform", "config", "pages", "central", "thread", "heap", "abi"]
ORDER = " -> ".join(LAYERS)
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"')


def includes(path):
    """The (line number, "x/y.h") pairs of one file, without public headers: those have no layer."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match and not match[1].startswith("tamari/"):
            yield number, match[1]


def layer_complaint(source, target):
    layer, _, rest = target.partition("/")
    if not rest or layer not in LAYERS:
        return f'"{target}" must be written "<layer>/<file>"; the layers are {ORDER}'
    own = source.partition("/")[0]
    if own not in LAYERS:
        return f"{own}/ is not a layer; the layers are {ORDER}"
    if LAYERS.index(layer) > LAYERS.index(own):
        return f'{own} may not include "{target}": {layer} lies to its right in {ORDER}'
    return None


def cycle(graph):
    """The first chain of includes that returns to its start, or an empty list."""
    finished = set()

    def visit(node, trail):
        if node in trail:
            return trail[trail.index(node) :] + [node]
        if node in finished:
            return []
        for successor in graph.get(node, []):
            found = visit(successor, trail + [node])
            if found:
                return found
        finished.add(node)
        return []

    for node in graph:
        found = visit(node, [])
        if found:
            return found
    return []


def check(src):
    complaints, graph = [], {}
    for path in tree.files(".", suffixes=tree.CODE, root=src):
        name = path.relative_to(src).as_posix()
        graph[name] = [target for _, target in includes(path)]
        for line, target in includes(path):
            complaint = layer_complaint(name, target)
            if complaint:
                complaints.append(f"src/{name}:{line}: {complaint}")
    found = cycle(graph)
    if found:
        complaints.append(f"src/{found[0]}:1: includes return to their start: {' -> '.join(found)}")
    return complaints, len(graph)


def self_test():
    good = {"platform/a.h": "", "heap/b.h": '#include "platform/a.h"\n#include "tamari/tamari.h"\n'}
    circle = {"heap/c.h": '#include "heap/d.h"\n', "heap/d.h": '#include "heap/c.h"\n'}
    planted = [
        ({}, None),
        ({"pages/c.h": '\n#include "heap/b.h"\n'}, "src/pages/c.h:2: pages may not include"),
        ({"heap/c.h": '#include "b.h"\n'}, 'src/heap/c.h:1: "b.h" must be written'),
        ({"misc/c.h": '#include "platform/a.h"\n'}, "misc/ is not a layer"),
        (circle, "src/heap/c.h:1: includes return to their start"),
    ]
    for extra, expected in planted:
        with tempfile.TemporaryDirectory() as src:
            for name, text in {**good, **extra}.items():
                path = Path(src, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            complaints, _ = check(Path(src))
        if expected is None:
            assert complaints == [], f"unexpected {complaints}"
        else:
            found = len(complaints) == 1 and expected in complaints[0]
            assert found, f"expected {expected}, got {complaints}"
    print(f"{len(planted)} planted trees judged rightly")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        found, count = check(tree.ROOT / "src")
        tree.finish(found, f"{count} files keep the order {ORDER}")
