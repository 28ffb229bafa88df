"""A real server in a process of its own, for what only a socket shows."""

from __future__ import annotations

import sys

from cds_service import logs, server
from cds_service.settings import load
from tests.web.site import site

if __name__ == "__main__":
    logs.configure()
    settings = load(env="development", auth="off", workers=2, threads=2)
    server.run(site(), settings, "127.0.0.1", int(sys.argv[1]))
