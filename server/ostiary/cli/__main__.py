"""`python -m ostiary.cli`: the command without an installed script."""

from __future__ import annotations

import sys

from ostiary.cli.main import main

sys.exit(main())
