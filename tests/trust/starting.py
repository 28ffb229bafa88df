"""``cds-service serve`` in a process that was forked: it imports little, for it is imported by each of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cds_service.cli import main


def serve(folder: Path, environment: dict[str, str]) -> None:
    """``cds-service serve``, as the shell would run it: in a folder, with an environment and nothing of ours."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(folder / stream.name.strip("<>"), os.O_WRONLY | os.O_CREAT), stream.fileno())
    # An address that is not this machine's: what is wrongly taken ends there, and serves nobody.
    sys.argv = ["cds-service", "serve", "--host", "192.0.2.1"]
    main()
