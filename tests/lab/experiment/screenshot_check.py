"""A picture of a page is not blank, and its paper is light or dark as asked for.
Usage: screenshot_check.py PICTURE.png light|dark

A row of a PNG is kept as its difference from its neighbours, so a row of paper is all zeros; and the
very first pixel, a corner of the page, is kept as it is."""

import struct
import sys
import zlib

CHANNELS = {2: 3, 6: 4}  # PNG colour types RGB and RGBA
LEAST_INKED = 0.4  # share of the rows that have something on them


def chunks(data):
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def look(path):
    """The brightness of the paper, and the share of rows with ink."""
    parts = list(chunks(open(path, "rb").read()))
    width, height, depth, colour = struct.unpack(">IIBB", dict(parts)[b"IHDR"][:10])
    assert depth == 8, path
    data = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    pixel = CHANNELS[colour]
    line = 1 + width * pixel  # the first byte says which neighbours
    rows = (data[y * line + 1 + pixel : (y + 1) * line] for y in range(height))
    return sum(data[1:4]) / 3, sum(map(any, rows)) / height


_, picture, wanted = sys.argv
brightness, inked = look(picture)
found = "light" if brightness > 127 else "dark"
print(f"{picture}: {found}, ink on {100 * inked:.0f} % of its rows")
if inked < LEAST_INKED:
    sys.exit("it is nearly blank")
if found != wanted:
    sys.exit(f"it should be {wanted}")
