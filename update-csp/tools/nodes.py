#!/usr/bin/env python3
"""Makes src/nodes/table.rs of tables/nodes.tsv. Run from anywhere; prints nothing.

With --check it writes nothing and fails if the file that is there differs.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tables/nodes.tsv"
TARGET = ROOT / "src/nodes/table.rs"


def text(value):
    # JSON's escapes are Rust's for what the table holds.
    return json.dumps(value, ensure_ascii=False)


def maybe(value):
    return f"Some({text(value)})" if value else "None"


def words(value):
    return "&[" + ", ".join(text(word) for word in value.split()) + "]"


def verbs(value):
    return "Access::of(&[" + ", ".join(f"Verb::{word}" for word in value.split()) + "])"


def rows():
    lines = [line for line in SOURCE.read_text("utf-8").splitlines() if not line.startswith("#")]
    names = lines[0].split("\t")
    seen = set()
    for line in lines[1:]:
        row = dict(zip(names, line.split("\t"), strict=True))
        assert row["uri"] not in seen, row["uri"]
        seen.add(row["uri"])
        assert row["meaning"] and row["access"] and row["format"], row["uri"]
        docs = f"Some({verbs(row['docs_access'])})" if row["docs_access"] else "None"
        fields = [
            f"csp: Csp::{row['csp']}",
            f"uri: {text(row['uri'])}",
            f"format: {text(row['format'])}",
            f"access: {verbs(row['access'])}",
            f"docs_access: {docs}",
            f"occurrence: {text(row['occurrence'])}",
            f"scope: {maybe(row['scope'])}",
            f"default: {maybe(row['default'])}",
            f"case_sense: {maybe(row['case'])}",
            f"node_type: {maybe(row['type'])}",
            f"title: {maybe(row['title'])}",
            f"builds: {maybe(row['builds'])}",
            f"csp_version: {maybe(row['csp_version'])}",
            f"releases: {words(row['releases'])}",
            f"allowed: {maybe(row['allowed'])}",
            f"delimiter: {maybe(row['delimiter'])}",
            f"aliases: {words(row['aliases'])}",
            f"meaning: {text(row['meaning'])}",
        ]
        yield "    NodeInfo { " + ", ".join(fields) + " },\n"


def main():
    made = (
        "// Made by tools/nodes.py of tables/nodes.tsv. Do not edit: change the table.\n"
        "use super::{Csp, NodeInfo};\n"
        "use crate::ddf::{Access, Verb};\n\n"
        "#[rustfmt::skip]\n"
        "pub(super) static TABLE: &[NodeInfo] = &[\n" + "".join(rows()) + "];\n"
    )
    if "--check" in sys.argv:
        if TARGET.read_text("utf-8") != made:
            sys.exit(f"{TARGET} is not what {SOURCE.name} makes: run {__file__}")
    else:
        TARGET.write_text(made, "utf-8")


main()
