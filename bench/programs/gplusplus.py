"""g++ on a file that is heavy in templates."""

from compile import compile_with
from driver import main

main("g++: one file heavy in templates", {"g++": "g++"}, lambda folder: compile_with("g++", folder))
