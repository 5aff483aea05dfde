"""A README shows a program: the block after `<!-- PATH -->` is the file PATH word for word, so that
what is compiled and run is what a vendor reads, and it is at most 60 lines long."""

import pathlib
import re
import sys

LONGEST = 60
root = pathlib.Path(__file__).resolve().parent.parent
failed = False
for readme in sorted(root.glob("*/README.md")) + [root / "README.md"]:
    text = readme.read_text()
    shown = re.findall(r"^<!-- (\S+\.rs) -->\n```rust[^\n]*\n(.*?)^```$", text, re.M | re.S)
    named = re.findall(r"^<!-- (\S+\.rs) -->$", text, re.M)
    if len(shown) != len(named):
        print(f"{readme}: a program is named but not shown")
        failed = True
    for path, block in shown:
        program = root / path
        if not program.is_file() or program.read_text() != block:
            print(f"{readme}: what it shows is not {path}")
            failed = True
        if block.count("\n") >= LONGEST:
            print(f"{readme}: {path} has {block.count(chr(10))} lines, {LONGEST} are too many")
            failed = True
sys.exit(failed)
