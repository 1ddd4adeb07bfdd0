"""clang++ on a file that is heavy in templates."""

from compile import compile_with
from driver import main

main("clang++: one file heavy in templates", {"clang": "clang++"}, lambda folder: compile_with("clang++", folder))
