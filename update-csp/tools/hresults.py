#!/usr/bin/env python3
"""Makes src/hresult/table.rs of tables/hresults.tsv. Run from anywhere; prints nothing.

With --check it writes nothing and fails if the file that is there differs.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tables/hresults.tsv"
TARGET = ROOT / "src/hresult/table.rs"

# What to do about a class, unless the row says otherwise.
ADVICE = {
    "success": "nothing",
    "cancelled": "retry",
    "busy": "wait",
    "network": "network",
    "server": "wait",
    "proxy": "proxy",
    "policy": "policy",
    "licence": "terms",
    "applicability": "nothing",
    "restart": "restart",
    "storage": "space",
    "power": "power",
    "trust": "reset",
    "metadata": "rescan",
    "datastore": "reset",
    "component": "repair-agent",
    "installer": "installer-log",
    "driver": "driver",
    "setup": "repair-agent",
    "access": "rights",
    "configuration": "configuration",
    "internal": "investigate",
}


def camel(name):
    return "".join(part.capitalize() for part in name.split("-"))


def rows():
    lines = [line for line in SOURCE.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0].split("\t") == ["code", "name", "class", "advice", "meaning"]
    last = -1
    for line in lines[1:]:
        code, name, kind, advice, meaning = line.split("\t")
        number = int(code, 16)
        assert number > last, f"{name} is out of order"
        last = number
        advice = advice or ADVICE[kind]
        assert advice in ADVICE.values() or advice in ("approve", "clock", "repair-windows"), advice
        assert meaning and '"' not in meaning, name
        yield f'    {name} = {code[:6]}_{code[6:]}, {camel(kind)}, {camel(advice)}, "{meaning}";\n'


def main():
    text = (
        "// Made by tools/hresults.py of tables/hresults.tsv. Do not edit: change the table.\n"
        "use super::{Advice, Class, HResult, Row, codes};\n\n"
        "codes! {\n" + "".join(rows()) + "}\n"
    )
    if "--check" in sys.argv:
        if TARGET.read_text("utf-8") != text:
            sys.exit(f"{TARGET} is not what {SOURCE.name} makes: run {__file__}")
    else:
        TARGET.write_text(text, "utf-8")


main()
