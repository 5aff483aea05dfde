#!/usr/bin/env python3
"""Apple's device-management schema as a table, and the table as Rust.

    tools/schema.py extract apple-schema.json   writes tables/schema.tsv
    tools/schema.py generate                    writes src/schema/{mdm,ddm}.rs from the tables
    tools/schema.py verify                      fails if what is generated is not what is committed

The tables hold names and facts, no sentences of Apple's documentation. tables/values.tsv is kept by
hand: since when a device takes each value of a key, which Apple's YAML tells in prose only.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
TABLE = HERE / "tables/schema.tsv"
VALUES = HERE / "tables/values.tsv"
PLATFORMS = ["iOS", "macOS", "tvOS", "visionOS", "watchOS"]
COLUMNS = ["group", "path", "place", "type", "presence", "values", "range", "default", *PLATFORMS]
TYPES = {"string": "Text", "boolean": "Boolean", "integer": "Integer", "real": "Real",
         "date": "Date", "data": "Data", "array": "Array", "dictionary": "Dictionary", "any": "Any"}


def terms(support, platform):
    """What one platform demands, as words."""
    said = support.get(platform)
    if said is None:
        return ""
    words = []
    for key, word in (("introduced", "since"), ("deprecated", "deprecated"), ("removed", "removed")):
        if key in said:
            words.append(f"{word}={said[key]}")
    if "supervised" in said:
        words.append("supervised" if said["supervised"] else "unsupervised")
    right = said.get("accessrights")
    if right and right not in ("n/a",):
        words.append(f"right={right.replace(' ', '')}")
    for key, word in (("devicechannel", "device"), ("userchannel", "user")):
        if key in said:
            words.append(f"{word}={'yes' if said[key] else 'no'}")
    if "userenrollment" in said:
        words.append(f"user-enrollment={said['userenrollment'].get('mode', 'allowed')}")
    shared = said.get("sharedipad")
    if shared:
        words.append(f"shared-ipad={shared.get('mode', 'allowed')}")
        for key, word in (("devicechannel", "shared-device"), ("userchannel", "shared-user")):
            if key in shared:
                words.append(f"{word}={'yes' if shared[key] else 'no'}")
        if "allowed-scopes" in shared:
            words.append("shared-scopes=" + ",".join(shared["allowed-scopes"]))
    for key, word in (("allowed-enrollments", "enrollments"), ("allowed-scopes", "scopes")):
        if key in said:
            words.append(f"{word}=" + ",".join(said[key]))
    return " ".join(words)


def extract(source):
    lines = ["# Names and facts of Apple's device-management schema; see tools/schema.py.",
             "\t".join(COLUMNS)]
    for group, facts in json.loads(pathlib.Path(source).read_text()).items():
        support = facts.get("supportedOS") or {}
        name = group.split("(")[0]
        # The id is the name on the wire; groups that hold a part of their keys say so.
        flag = "part" if "(" in group or group == "command.Settings.SoftwareUpdateSettings" else "whole"
        row = [name, "", facts["id"], flag, facts["source"].split(" ")[0], "", "", ""]
        lines.append("\t".join(row + [terms(support, platform) for platform in PLATFORMS]))
        known = {(key["path"], key.get("in", "payload")) for key in facts["keys"]}
        for key in facts["keys"]:
            # The facts leave out some dictionaries on the way to a key.
            parent, place = key["path"].rpartition("/")[0], key.get("in", "payload")
            if parent and (parent, place) not in known and not parent.endswith("Item") and "*" not in parent and parent != "BSI":
                known.add((parent, place))
                lines.append("\t".join([name, parent, place, "dictionary", "", "", "", ""] + [""] * 5))
            values = ",".join(str(value) for value in key.get("rangelist", []))
            limits = key.get("range", {})
            limits = f"{limits['min']}..{limits['max']}" if "min" in limits and "max" in limits else ""
            default = key.get("default", "")
            default = json.dumps(default) if isinstance(default, bool) else str(default)
            presence = (key.get("presence") or "").split(" ")[0]
            row = [name, key["path"], key.get("in", "payload"), key.get("type", "").split(" ")[0],
                   presence, values, limits, default.replace("\t", " ").replace("\n", " ")]
            own = key.get("supportedOS") or {}
            lines.append("\t".join(row + [terms(own, platform) for platform in PLATFORMS]))
    TABLE.write_text("\n".join(lines) + "\n")


def rows(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    head = lines[0].split("\t")
    for line in lines[1:]:
        cells = line.split("\t")
        assert len(cells) == len(head), line
        yield dict(zip(head, cells))


def text(value):
    return json.dumps(value)


def version(words):
    numbers = [int(part) for part in words.split(".")]
    numbers += [0] * (3 - len(numbers))
    return "v({})".format(", ".join(map(str, numbers)))


def rust_terms(words):
    if not words:
        return "Terms::INHERITED"
    fields = []
    for word in words.split(" "):
        key, _, value = word.partition("=")
        yes = "true" if value == "yes" else "false"
        scopes = set(value.split(","))
        if key == "since":
            fields.append("since: Since::Never" if value == "n/a" else f"since: Since::Version({version(value)})")
        elif key in ("deprecated", "removed"):
            fields.append(f"{key}: Some({version(value)})")
        elif key in ("supervised", "unsupervised"):
            fields.append(f"supervised: Some({'true' if key == 'supervised' else 'false'})")
        elif key == "right":
            fields.append(f"right: Some({text(value)})")
        elif key == "device":
            fields.append(f"device_channel: Some({yes})")
        elif key == "user":
            fields.append(f"user_channel: Some({yes})")
        elif key == "user-enrollment":
            fields.append(f"user_enrollment: Some(Mode::{value.capitalize()})")
        elif key == "shared-ipad":
            fields.append(f"shared_ipad: Some(Mode::{value.capitalize()})")
        elif key == "shared-device":
            fields.append(f"shared_device_channel: Some({yes})")
        elif key == "shared-user":
            fields.append(f"shared_user_channel: Some({yes})")
        elif key == "shared-scopes":
            fields.append(f"shared_device_channel: Some({'true' if 'system' in scopes else 'false'})")
            fields.append(f"shared_user_channel: Some({'true' if 'user' in scopes else 'false'})")
        elif key == "enrollments":
            fields.append("enrollments: Some(&[{}])".format(", ".join(map(text, value.split(",")))))
        elif key == "scopes":
            fields.append(f"device_channel: Some({'true' if 'system' in scopes else 'false'})")
            fields.append(f"user_channel: Some({'true' if 'user' in scopes else 'false'})")
        else:
            raise SystemExit(f"unknown word {word}")
    return "Terms {{ {}, ..Terms::INHERITED }}".format(", ".join(fields))


def rust_support(row):
    said = [f"{platform.lower()}: {rust_terms(row[platform])}" for platform in PLATFORMS if row[platform]]
    if not said:
        return "Support::INHERITED"
    rest = "" if len(said) == len(PLATFORMS) else ", ..Support::INHERITED"
    return "Support { " + ", ".join(said) + rest + " }"


FAMILIES = {"command": "Command", "profile": "Profile", "checkin": "CheckIn",
            "declaration": "Declaration", "status": "Status", "protocol": "Protocol",
            "error": "Error", "other": "Other", "envelope": "Envelope", "gdmf": "Catalogue"}


def rust():
    groups = {}
    for row in rows(TABLE):
        if row["path"] == "":
            groups[row["group"]] = (row, [])
        else:
            groups[row["group"]][1].append(row)
    since = {}
    for row in rows(VALUES):
        since.setdefault((row["group"], row["path"]), []).append(row)
    head = ("// @generated by tools/schema.py from tables/schema.tsv and tables/values.tsv. Do not edit.\n"
            "//\n// Facts: Apple, device-management schema (github.com/apple/device-management), at the\n"
            "// commits that the rows name.\n\n"
            "#[allow(clippy::wildcard_imports)]\nuse super::*;\n\n"
            "pub(super) const GROUPS: &[Group] = &[\n")
    out = {"mdm": [head], "ddm": [head]}
    for name, (row, keys) in groups.items():
        family = name.split(".")[0]
        if family == "gdmf":
            continue
        target = out["ddm" if family in ("declaration", "status", "protocol") else "mdm"]
        target.append(f"    Group {{\n        id: {text(name)}, name: {text(row['place'])}, family: Family::{FAMILIES[family]},\n"
                      f"        complete: {'true' if row['type'] == 'whole' else 'false'}, source: {text(row['presence'])},\n"
                      f"        support: {rust_support(row)},\n        keys: &[\n")
        for key in keys:
            more = []
            values = [text(value) for value in key["values"].split(",") if value]
            if values:
                more.append(f"values: &[{', '.join(values)}]")
            low, _, high = key["range"].partition("..")
            if key["range"]:
                more.append(f"range: Some(({low}, {high}))")
            if key["default"]:
                more.append(f"default: Some({text(key['default'])})")
            if any(key[platform] for platform in PLATFORMS):
                more.append(f"support: {rust_support(key)}")
            listed = since.pop((name, key["path"]), []) if key["place"] == "payload" else []
            if listed:
                more.append("values_since: &[\n" + "".join(
                    f"                ValueSince {{ value: {text(value['value'])}, support: {rust_support(value)} }},\n"
                    for value in listed) + "            ]")
            base = (f"key(Place::{key['place'].capitalize()}, {text(key['path'])}, Type::{TYPES[key['type']]}, "
                    f"{'true' if key['presence'] == 'required' else 'false'})")
            line = f"Key {{ {', '.join(more)}, ..{base} }}" if more else base
            target.append(f"            {line},\n")
        target.append("        ],\n    },\n")
    assert not since, f"values of keys that do not exist: {since}"
    return {name: "".join(parts) + "];\n" for name, parts in out.items()}


def main():
    match sys.argv[1:]:
        case ["extract", source]:
            extract(source)
        case ["generate"]:
            for name, source in rust().items():
                (HERE / f"src/schema/{name}.rs").write_text(source)
        case ["verify"]:
            for name, source in rust().items():
                if (HERE / f"src/schema/{name}.rs").read_text() != source:
                    sys.exit(f"src/schema/{name}.rs is not what tools/schema.py generates")
        case _:
            sys.exit(__doc__)


main()
