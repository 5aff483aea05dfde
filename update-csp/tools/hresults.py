#!/usr/bin/env python3
"""Makes src/hresult/table.rs of tables/hresults.tsv and src/hresult/setup.rs of
tables/setup-results.tsv. Run from anywhere; prints nothing.

With --check it writes nothing and fails if a file that is there differs.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = "// Made by tools/hresults.py of tables/{}. Do not edit: change the table.\n"

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


def rows(source):
    lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith("#")]
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
        yield name, f"{code[:6]}_{code[6:]}", camel(kind), camel(advice), f'"{meaning}"'


def client(source):
    lines = [f"    {name} = {', '.join(rest)};\n" for name, *rest in rows(source)]
    return "use super::{Advice, Class, HResult, Row, codes};\n\ncodes! {\n" + "".join(lines) + "}\n"


def setup(source):
    lines = [
        f'    row({code}, "{name}", Class::{kind}, Advice::{advice}, {meaning}),\n'
        for name, code, kind, advice, meaning in rows(source)
    ]
    return (
        "use super::{Advice, Class, Row, row};\n\n#[rustfmt::skip]\n"
        "pub(super) static TABLE: &[Row] = &[\n" + "".join(lines) + "];\n"
    )


def main():
    for name, target, make in [
        ("hresults.tsv", "table.rs", client),
        ("setup-results.tsv", "setup.rs", setup),
    ]:
        path = ROOT / "src/hresult" / target
        text = HEADER.format(name) + make(ROOT / "tables" / name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            sys.exit(f"{path} is not what {name} makes: run {__file__}")


main()
