"""`ostiary check --cells`: what every cell of the rules comes to, phase by phase."""

from __future__ import annotations

import json
from pathlib import Path

from ostiary.rulebook.tabulate import report_pack

from ostiary.cli.exits import Exit
from ostiary.cli.folders import refusing
from ostiary.cli.terminal import BOLD, DIM, console, grid, heading, show, styled
