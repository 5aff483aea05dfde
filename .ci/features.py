"""Every row of a crate's tests/FEATURES.md and tests/HOSTILE.md promises something, and names in its
last cell what shows it, in backquotes: tests that there are, or a file that CI runs."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
# The attribute of a test, other attributes and comments, and its name.
TEST = re.compile(
    r"#\[(?:\w+::)?test(?:\([^\]]*\))?\]\s*(?:(?:#\[[^\]]*\]|//[^\n]*)\s*)*(?:async )?fn (\w+)"
)
failed = []
for table in sorted([*root.glob("*/tests/FEATURES.md"), *root.glob("*/tests/HOSTILE.md")]):
    sources = [*table.parent.parent.rglob("*.rs"), *(root / "examples").rglob("*.rs")]
    tests = {name for path in sources for name in TEST.findall(path.read_text())}
    lines = table.read_text().splitlines()
    for line, below in zip(lines, [*lines[1:], ""]):
        if not line.startswith("|") or line.startswith("|--") or below.startswith("|--"):
            continue
        shown = re.findall(r"`([^`]+)`", line.strip("|").split("|")[-1])
        names = [name.split("::")[-1] for name in shown]
        named = [name for name in names if re.fullmatch(r"[a-z0-9_]+", name)]
        failed += [f"{table}: no test `{name}`" for name in named if name not in tests]
        if not named and not any((root / path).is_file() for path in shown):
            failed.append(f"{table}: nothing shows {line}")
for line in failed:
    print(line)
sys.exit(bool(failed))
