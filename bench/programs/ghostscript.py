"""ghostscript draws pages full of text, curves and shadings into a bitmap."""

import subprocess

from driver import WORK, digest, main, require, scaled
from process import run_to_end


def run(folder):
    pages = scaled(8, 1)
    command = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=ppmraw", "-r150", f"-dPages={pages}"]
    command += ["-sOutputFile=page-%d.ppm", str(WORK / "pages.ps")]
    figures = run_to_end(command, ops=pages, cwd=folder, stdout=subprocess.DEVNULL)
    drawn = sorted(folder.glob("page-*.ppm"))
    require(len(drawn) == pages, f"{pages} pages are drawn")
    figures.checksum = digest(b"".join(page.read_bytes() for page in drawn))
    return figures


main("ghostscript: pages of text, curves and shadings as bitmaps", {"ghostscript": "gs"}, run)
