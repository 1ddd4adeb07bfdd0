"""One compiler on a file that is heavy in templates; imported by the scripts of the compilers."""

from driver import WORK, digest, require, scaled
from process import run_to_end


def compile_with(compiler, folder):
    depth = scaled(25, 5)
    command = [compiler, "-std=c++17", "-O1", "-c", f"-DDEPTH={depth}", "-ftemplate-depth=2000"]
    figures = run_to_end([*command, str(WORK / "templates.cpp"), "-o", "templates.o"], cwd=folder)
    output = (folder / "templates.o").read_bytes()
    require(output.startswith(b"\x7fELF"), "the output is an object file")
    figures.checksum = digest(output)
    return figures
