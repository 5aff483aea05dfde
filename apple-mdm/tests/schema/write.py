#!/usr/bin/env python3
"""Writes declarations.tsv from apple-schema.json: write.py FACTS > declarations.tsv."""
import json
import sys

HEADER = """# Keys of Apple's declarative management about updates: name, path, type, presence, values, combination,
# first version on iOS, macOS, tvOS, visionOS (n/a: not there; -: as its parent), enrolments on iOS.
# Written from apple-schema.json (Apple device-management schema) by tests/schema/write.py."""


def support(systems):
    systems = systems or {}
    row = [(systems.get(name) or {}).get("introduced", "-")
           for name in ("iOS", "macOS", "tvOS", "visionOS")]
    ways = (systems.get("iOS") or {}).get("allowed-enrollments") or []
    return row + [",".join(way for way in ways if way != "local") or "-"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    print(HEADER)
    for name, group in schema.items():
        if not name.startswith(("declaration.", "status.", "protocol.")):
            continue
        print("\t".join([name, "", "dictionary", "", "", ""] + support(group.get("supportedOS"))))
        for key in group["keys"]:
            print("\t".join([
                name, key["path"], key.get("type") or "", key.get("presence") or "",
                ",".join(key.get("rangelist") or []), key.get("combinetype") or "",
            ] + support(key.get("supportedOS"))))


main()
