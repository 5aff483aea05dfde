"""Prints the files below some folders that an independent XML reader (Python's expat) can read,
and cabinets and UTF-16 texts, which it cannot judge, when they are named as such."""

import os
import sys
import xml.parsers.expat

for folder in sys.argv[1:]:
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if not name.endswith(".xml"):
                continue
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                data = file.read()
            parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
            refused = []

            # A document that declares entities is not a message, whoever can read it.
            def declares(*_args):
                refused.append(True)

            parser.EntityDeclHandler = declares
            try:
                parser.Parse(data, True)
            except xml.parsers.expat.ExpatError:
                continue
            if not refused:
                print(path)
