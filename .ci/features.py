"""Every test that a crate's tests/FEATURES.md or tests/HOSTILE.md names exists: a table row promises
something, and the test in backquotes at its end shows it."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
failed = False
for table in sorted([*root.glob("*/tests/FEATURES.md"), *root.glob("*/tests/HOSTILE.md")]):
    crate = table.parent.parent
    code = "\n".join(path.read_text() for path in crate.rglob("*.rs"))
    code += "\n".join(path.read_text() for path in (root / "examples").rglob("*.rs"))
    rows = [line for line in table.read_text().splitlines() if line.startswith("|")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        for name in re.findall(r"`(?:[A-Za-z0-9_./-]+::)*([a-z0-9_]+)`", cells[-1]):
            if not re.search(rf"fn {name}\b", code):
                print(f"{table}: no test `{name}`")
                failed = True
sys.exit(failed)
