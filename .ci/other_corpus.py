"""Makes another corpus of the same layout: half of the files, under other names.

Tests that decide by a file's name instead of by what INDEX.tsv, its folder and expect.json say do
not pass on it.
"""

import json
import os
import shutil
import sys

source, target = sys.argv[1:]
for crate in sorted(os.listdir(source)):
    if not os.path.isdir(os.path.join(source, crate)):
        continue
    base = os.path.join(source, crate)
    files = []
    for where, _, names in sorted(os.walk(base)):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(where, name), base)
            if path not in ("INDEX.tsv", "expect.json"):
                files.append(path)
    index = os.path.join(base, "INDEX.tsv")
    with open(index, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    expect = {}
    if os.path.exists(os.path.join(base, "expect.json")):
        with open(os.path.join(base, "expect.json"), encoding="utf-8") as file:
            expect = json.load(file)
    # Files that others name (the text beside a cabinet, the sidecar of a message, the XML that a
    # WBXML file was made from) stay together under their stem, so whole stems are taken.
    stems = {}
    for path in files:
        folder, name = os.path.split(path)
        stems.setdefault((folder, name.split(".")[0]), []).append(path)
    renamed = {}
    for number, ((folder, stem), members) in enumerate(sorted(stems.items())):
        # Other files name these by their whole name in INDEX.tsv: they keep it.
        linked = any(stem in row[1] or stem in row[-1] for row in rows if row[0] not in members)
        if number % 2 and not linked:
            continue
        for path in members:
            name = os.path.basename(path)
            other = name if linked else name.replace(stem, f"{stem}-x{number}", 1)
            renamed[path] = os.path.join(folder, other)
    for old, new in renamed.items():
        destination = os.path.join(target, crate, new)
        os.makedirs(os.path.dirname(destination), exist_ok=True)
        shutil.copyfile(os.path.join(base, old), destination)
    with open(os.path.join(target, crate, "INDEX.tsv"), "w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            if number == 0 or row[0] in renamed:
                file.write("\t".join([renamed.get(row[0], row[0]), *row[1:]]) + "\n")
    if expect:
        with open(os.path.join(target, crate, "expect.json"), "w", encoding="utf-8") as file:
            json.dump({renamed[old]: value for old, value in expect.items() if old in renamed}, file)
