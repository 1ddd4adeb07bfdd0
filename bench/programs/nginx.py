"""nginx as one process serves compressed pages to wrk."""

import gzip
import random
import re
import urllib.request

from driver import client, digest, main, require, scaled
from process import Server, free_port

PACKAGES = {"nginx-light": "nginx", "wrk": "wrk"}
REFERENCE = 20_000  # requests that the figures are for

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 256; }}
http {{
  access_log off; gzip on; gzip_types *; gzip_min_length 1; keepalive_requests 1000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


def run(folder):
    port = free_port()
    words = random.Random(1).choices(["alpha", "beta", "gamma", "delta", "omega"], k=4000)
    page = " ".join(words).encode()
    (folder / "page.html").write_bytes(page)
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    address = f"http://127.0.0.1:{port}/page.html"

    def fetch():
        request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return gzip.decompress(answer.read())

    def is_up():
        try:
            return fetch() == page
        except OSError:
            return False

    seconds = scaled(3)
    load = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-H", "Accept-Encoding: gzip", address]
    reports = []
    with Server(["nginx", "-c", str(folder / "conf")], is_up, cwd=folder) as nginx:
        figures = nginx.measure(lambda: reports.append(client(load)), 1)
        require(fetch() == page, "the page is whole after the load")
    require("Socket errors" not in reports[0] and "Non-2xx" not in reports[0], reports[0])
    requests, duration = re.search(r"(\d+) requests in ([\d.]+)s", reports[0]).groups()
    figures.ops, figures.seconds, figures.checksum = int(requests), float(duration), digest(page)
    return figures.for_ops(REFERENCE)


main("nginx: one process serves a compressed page to wrk, 20,000 times", PACKAGES, run)
