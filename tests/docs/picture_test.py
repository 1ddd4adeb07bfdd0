"""script/picture draws well-formed SVG whose bars have the lengths that the figures ask for."""

import runpy
import xml.etree.ElementTree as ElementTree

from citations import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def metric(median, interval=None):
    return {"median": median, "interval": interval}


def arm(name, speed, peak):
    return {"arm": name, "good": 1, "failed": 0, "metrics": {"ops/s": speed, "rss_peak_kib": peak}}


REPORT = {
    "schema": "tamari.bench.lanes/1",
    "runs": 3,
    "environment": {"cpu_model": None, "cpus_allowed": 2, "kernel": "Linux 6.1.0"},
    "lanes": [
        {
            "name": "main",
            "arguments": ["16", "2"],
            "arms": [
                arm("tamari", metric(40e6, [38e6, 40e6]), metric(100 * 1024)),
                arm("a<b", metric(10e6), metric(200 * 1024)),
                arm("broken", metric(None), metric(None)),
            ],
        }
    ],
}

picture = runpy.run_path(str(ROOT / "script/picture"))
drawing = ElementTree.fromstring(picture["draw"](REPORT))
bars = [float(r.get("width")) for r in drawing.iter(f"{SVG}rect")][1:]
full = picture["BAR_WIDTH"]
assert bars == [full, full / 4, full / 2, full], bars
words = [t.text for t in drawing.iter(f"{SVG}text")]
assert words.count("no sample") == 2 and words.count("a<b") == 2, words
assert len(list(drawing.iter(f"{SVG}line"))) == 3, "one interval has one whisker of three lines"
print("the picture has the right bars")
