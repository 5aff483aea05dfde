"""SECURITY.md holds the table of hostile input of every crate. The crates' own tests/HOSTILE.md are
the source; `security.py --write` puts them together, and without it the script fails where
SECURITY.md says something else."""

import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "SECURITY.md"
BEGIN, END = "<!-- tables: .ci/security.py --write -->\n", "<!-- end of tables -->\n"
CRATES = ["mdm-xml", "syncml", "update-csp", "wsusss", "apple-mdm", "graph-wufb"]

parts = []
for crate in CRATES:
    lines = (root / crate / "tests" / "HOSTILE.md").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    notes = "\n".join(line for line in lines[1:first]).strip()
    rows = [line for line in lines[first:] if line.startswith("|")]
    assert len(rows) > 2, f"{crate}: no row"
    rows[0] = "| " + " | ".join(cell.strip().lower() for cell in rows[0].strip("|").split("|")) + " |"
    parts.append(f"## {crate}\n\n{notes}\n\n" + "\n".join(rows) + "\n")
tables = BEGIN + "\n" + "\n".join(parts) + "\n" + END

text = page.read_text()
start, end = text.index(BEGIN), text.index(END) + len(END)
made = text[:start] + tables + text[end:]
if "--write" in sys.argv:
    page.write_text(made)
elif made != text:
    sys.exit("SECURITY.md is not what the crates' HOSTILE.md say: run .ci/security.py --write")
