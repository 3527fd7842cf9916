"""One of several serving processes over a store; started by `rpc.processes`."""

from __future__ import annotations

import sys

from ostiary.rpc import child
from ostiary.running.serving import backing_of

if __name__ == "__main__":
    sys.exit(child.main(sys.argv[1:], backing_of))
