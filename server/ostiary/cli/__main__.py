"""`python -m ostiary.cli`: the command without an installed script."""

from __future__ import annotations

from ostiary.cli.starting import main

main()
