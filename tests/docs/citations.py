"""What the Markdown files refer to exists: the target of every relative link, and every file and
symbol cited as `file:symbol`. Files are named from the root or from src/. A qualified symbol
(Class::member) needs both names in the file. With --self-test, it must find planted faults."""

import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"build", "shared"}
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
CITATION = re.compile(r"`([\w./-]+\.(?:h|hpp|c|cpp|py|sh|txt)):([^`\s]+)`")
SYMBOL = re.compile(r"[~\w]+(?:::[~\w]+)*")


def documents(root):
    for directory, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED and not f.startswith(".")]
        yield from sorted(Path(directory, n) for n in names if n.endswith(".md"))


def has_word(text, word):
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def cited_file(root, name):
    return next((p for p in (root / name, root / "src" / name) if p.is_file()), None)


def citation_complaint(root, name, symbol):
    path = cited_file(root, name)
    if path is None:
        return f"there is no {name}"
    if SYMBOL.fullmatch(symbol) is None:
        return f"{symbol!r} is no symbol"
    text = path.read_text()
    missing = [word for word in symbol.split("::") if not has_word(text, word)]
    return f"{name} has no {missing[0]}" if missing else None


def complaints(root):
    found, citations = [], 0
    for document in documents(root):
        for number, line in enumerate(document.read_text().splitlines(), 1):
            place = f"{document.relative_to(root)}:{number}"
            for target in LINK.findall(line):
                if "://" not in target and not (document.parent / target).exists():
                    found.append(f"{place}: there is no {target}")
            for name, symbol in CITATION.findall(line):
                citations += 1
                complaint = citation_complaint(root, name, symbol)
                if complaint:
                    found.append(f"{place}: {complaint}")
    return found, citations


def self_test():
    planted = [
        ("[a](src/a.h) `a.h:A::go` `src/a.h:go` `a.h:A`", None),
        ("\n[a](docs/b.md)", "x.md:2: there is no docs/b.md"),
        ("`b.h:go`", "x.md:1: there is no b.h"),
        ("`a.h:goes`", "x.md:1: a.h has no goes"),
        ("`a.h:B::go`", "x.md:1: a.h has no B"),
        ("`a.h:12`", None),
        ("`a.h:go()`", "x.md:1: 'go()' is no symbol"),
    ]
    for text, expected in planted:
        with tempfile.TemporaryDirectory() as root:
            Path(root, "src").mkdir()
            Path(root, "src/a.h").write_text("struct A { void go(); };  // 12\n")
            Path(root, "x.md").write_text(text)
            found, _ = complaints(Path(root))
        assert found == ([expected] if expected else []), f"{text!r}: {found}"
    print(f"{len(planted)} planted documents judged rightly")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        found, count = complaints(ROOT)
        for complaint in found:
            print(complaint)
        if found:
            sys.exit(f"{len(found)} complaint(s)")
        print(f"{count} citations hold")
