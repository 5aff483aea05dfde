#!/usr/bin/env python3
"""Makes update-csp/src/policy/generated from update-csp/tables/update-policies.toml.

    update-csp/tools/policies.py          writes the files
    update-csp/tools/policies.py --check  fails if the files are not what it would write

Needs Python 3.11 (tomllib) and rustfmt. `.ci/generated` runs the check.
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "update-csp/tables/update-policies.toml"
TARGET = ROOT / "update-csp/src/policy/generated"
HEADER = """\
// Made by update-csp/tools/policies.py from update-csp/tables/update-policies.toml.
// Change those instead; `.ci/generated` compares.
"""
UNITS = {
    "hour of day": ("HourOfDay", "at"),
    "hours": ("Hours", "hours"),
    "minutes": ("Minutes", "minutes"),
    "days": ("Days", "days"),
    "weeks": ("Weeks", "weeks"),
    "months": ("Months", "months"),
    "date": ("Date", None),
}
CATEGORIES = {
    "Manage end user experience": "EndUserExperience",
    "Manage updates offered from Windows Update": "OfferedFromWindowsUpdate",
    "Manage updates offered from Windows Server Update Service": "OfferedFromWsus",
    "Legacy Policies": "Legacy",
}
DOCUMENTS = {
    "guide 2017": "Guide2017",
    "guide 2023": "Guide2023",
    "docs 2017": "Docs2017",
    "docs 2024": "Docs2024",
}


def text(value):
    """A Rust string literal."""
    return json.dumps(value, ensure_ascii=False)


def option(value, write=text):
    return "None" if value is None else f"Some({write(value)})"


def array(values, write=str):
    return "&[" + ", ".join(write(value) for value in values) + "]"


def camel(words):
    return "".join(word[:1].upper() + word[1:] for word in re.split("[_ ]", words))


def release(name):
    return "Release::" + (camel(name) if name[0].isalpha() else "V" + name)


def build(version):
    major, minor, number, *revision = (int(part) for part in version.split("."))
    last = f"Some({revision[0]})" if revision else "None"
    return f"Build::new({major}, {minor}, {number}, {last})"


class Table:
    def __init__(self, source):
        data = tomllib.loads(source)
        self.common = data["common"]
        self.editions = data["editions"]
        self.sets = data["edition_sets"]
        self.policies = data["policy"]
        self.observed = data["observed"]
        self.names = [policy["name"] for policy in self.policies]
        if self.names != sorted(set(self.names)):
            # Byte order, which is the order of the Rust enum as well.
            raise SystemExit("the policies are not in order, or one is there twice")
        seen = [it["name"] for it in self.observed]
        if seen != sorted(set(seen)) or set(seen) & set(self.names):
            raise SystemExit("the observed names are not in order, or one is there twice")

    def policy(self, name):
        if name not in self.names:
            raise SystemExit(f"no policy is named {name}")
        return f"PolicyId::{name}"

    def id_rs(self):
        out = [
            HEADER,
            "/// A policy of the Update area. Its name is the node's name.\n"
            "#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]\n"
            '#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]\n'
            "#[non_exhaustive]\n"
            "pub enum PolicyId {",
        ]
        for policy in self.policies:
            out.append(f"/// {policy['summary']}\n{policy['name']},")
        out.append("}\n\nimpl PolicyId {\n/// Every policy, in the order of their names.")
        out.append(f"pub const ALL: [Self; {len(self.names)}] = [")
        out += [f"Self::{name}," for name in self.names]
        out.append("];\n\n/// The node's name.\n#[must_use]")
        out.append("pub const fn name(self) -> &'static str {\nmatch self {")
        out += [f"Self::{name} => {text(name)}," for name in self.names]
        out.append("}\n}\n}")
        return "\n".join(out)

    def facts_of(self, policy):
        """Since when, by default, instead of what: a line for the type's docs."""
        floors = [floor for floor in policy["floors"] if not floor["build"].startswith("99.")]
        first = min(floors, key=lambda floor: [int(part) for part in floor["build"].split(".")])
        os = first.get("os") or ""
        since = f"{os} ({first['build']})" if os.startswith("Windows") else first["build"]
        words = [f"Since {since}" + (", with later releases by monthly update" if len(floors) > 1 else "") + "."]
        if policy["format"] == "int" and "default" in policy:
            words.append(f"Default {policy['default']}.")
        if policy.get("legacy"):
            words.append("Kept for older releases.")
        if policy.get("replaced_by"):
            words.append("Use " + ", ".join(f"[`{name}`]" for name in policy["replaced_by"]) + " instead.")
        return " ".join(words)

    def values_rs(self):
        out = [HEADER, "use super::super::typed::{dated, enumerated, named, ranged, served};\n"]
        for policy in self.policies:
            name = policy["name"]
            doc = policy["summary"] + "\n    ///\n    /// " + self.facts_of(policy)
            if "range" in policy:
                low, high = policy["range"]
                constructor = UNITS[policy["unit"]][1] if "unit" in policy else "level"
                unit = policy.get("unit", "a number")
                body = f"{name}: {constructor}, {text(unit)}, {low}, {high}"
                out.append(f"ranged! {{\n    /// {doc}\n    {body}\n}}")
            elif "values" in policy:
                out.append(f"enumerated! {{\n    /// {doc}\n    {name} {{")
                for value in policy["values"]:
                    out.append(f"        /// {value['meaning']}.\n        {value['name']} = {value['value']},")
                out.append("    }\n}")
            else:
                macro = {"date": "dated", "url": "served", "free": "named"}[policy["text"]]
                out.append(f"{macro}! {{\n    /// {doc}\n    {name}\n}}")
        return "\n".join(out)

    def allowed(self, policy):
        if "range" in policy:
            low, high = policy["range"]
            return f"Allowed::Range {{ min: {low}, max: {high} }}"
        if "values" in policy:
            values = ", ".join(
                f"EnumValue {{ value: {value['value']}, name: {text(value['name'])}, "
                f"meaning: {text(value['meaning'])}, "
                f"from: {option(value.get('from'), build)}, before: {option(value.get('before'), build)} }}"
                for value in policy["values"]
            )
            return f"Allowed::Enum(&[{values}])"
        return "Allowed::" + {"date": "Date", "url": "Url", "free": "Text"}[policy["text"]]

    def dependency(self, value):
        policies = [name for name in value["on"] if name in self.names]
        other = [name for name in value["on"] if name not in self.names]
        if any("/" not in name for name in other):
            raise SystemExit(f"no policy is named {other}")
        return (
            f"Dependency {{ kind: DependencyKind::{camel(value['kind'])}, "
            f"on: {array(policies, self.policy)}, other: {option(other[0] if other else None)}, "
            f"values: {array(value.get('values', []))} }}"
        )

    def group_policy(self, gp):
        if not gp:
            return "None"
        ddf, admx = gp.get("ddf"), gp.get("admx")
        ddf_text = "None"
        if ddf:
            ddf_text = (
                f"Some(DdfMapping {{ policy: {text(ddf['policy'])}, area: {text(ddf['area'])}, "
                f"element: {option(ddf.get('element'))} }})"
            )
        admx_text = "None"
        if admx:
            switch = admx.get("switch")
            kind = admx.get("kind")
            admx_text = (
                f"Some(AdmxMapping {{ file: {text(admx['file'])}, policy: {text(admx['policy'])}, "
                f"element: {option(admx.get('element'))}, "
                f"kind: {option(kind, lambda kind: 'ElementKind::' + camel(kind))}, "
                f"category: {option(admx.get('category'))}, path: {text(admx['path'])}, title: {text(admx['title'])}, "
                f"key: {text(admx['key'])}, value: {option(admx.get('value'))}, "
                f"enabled_by: {option(admx.get('enable'))}, "
                + "switch: "
                + option(
                    switch,
                    lambda switch: f"RegistrySwitch {{ key: {text(switch['key'])}, "
                    f"value: {text(switch['value'])}, data: {switch['data']} }}",
                )
                + " })"
            )
        other = "true" if gp.get("numbering") == "other" else "false"
        return (
            f"Some(GroupPolicy {{ ddf: {ddf_text}, admx: {admx_text}, "
            f"value_1607: {option(gp.get('value_1607'))}, other_numbering: {other} }})"
        )

    def history(self, entry):
        return (
            f"HistoryEntry {{ release: {release(entry['release'])}, "
            f"format: ValueFormat::{camel(entry['format'])}, default: {option(entry.get('default'))}, "
            f"allowed: {option(entry.get('allowed'))}, builds: {option(entry.get('builds'))} }}"
        )

    def meta(self, policy):
        narrower = policy.get("narrower")
        floors = array(
            policy["floors"],
            lambda floor: f"BuildFloor {{ build: {build(floor['build'])}, os: {option(floor.get('os'))}, "
            f"kb: {option(floor.get('kb'))} }}",
        )
        unit = policy.get("unit")
        category = policy.get("category")
        old = policy.get("dec_2022")
        lines = [
            f"PolicyMeta {{ id: PolicyId::{policy['name']}, summary: {text(policy['summary'])},",
            f"format: ValueFormat::{camel(policy['format'])}, allowed: {self.allowed(policy)},",
            "narrower: "
            + option(
                narrower,
                lambda value: f"NarrowerRange {{ before: {build(value['before'])}, max: {value['max']} }}",
            )
            + f", default: {option(policy.get('default'))}, "
            f"default_seen: {option(policy.get('default_seen'))}, "
            f"unit: {option(unit, lambda unit: 'Unit::' + UNITS[unit][0])},",
            f"floors: {floors}, documented_floors: {array(policy.get('floors_in_docs', []), build)}, "
            f"first_seen: {option(policy.get('first_seen'), build)}, "
            f"lacked_by: {option(policy.get('lacked_by'), build)},",
            f"csp_version: {text(policy['csp'])}, csp_version_unreleased: {option(policy.get('csp_unreleased'))}, "
            f"editions: EDITIONS_{policy['editions'].upper()}, dec_2022: "
            + option(
                old,
                lambda old: f"Dec2022 {{ editions: CODES_{old['editions'].upper()}, "
                f"csp_version: {option(old.get('csp'))} }}",
            )
            + ",",
            f"conflict: ConflictRule::{policy['conflict']}, "
            f"category: {option(category, lambda category: 'Category::' + CATEGORIES[category])}, "
            f"legacy: {str(policy.get('legacy', False)).lower()}, "
            f"deprecated: {str(policy.get('deprecated', False)).lower()}, "
            f"replaced_by: {array(policy.get('replaced_by', []), self.policy)},",
            f"depends: {array(policy.get('depends', []), self.dependency)},",
            "misspellings: "
            + array(
                policy.get("misspelt", []),
                lambda value: f"Misspelling {{ name: {text(value['name'])}, seen_in: {text(value['seen'])} }}",
            )
            + ",",
            f"group_policy: {self.group_policy(policy.get('gp'))},",
            f"history: {array(policy['history'], self.history)}, "
            f"named_in: {array(policy['named_in'], lambda name: 'Document::' + DOCUMENTS[name])} }},",
        ]
        return "\n    ".join(lines)

    def table_rs(self):
        common = self.common
        out = [
            HEADER,
            "use super::super::meta::*;",
            "use super::super::observed::Observed;",
            "use super::id::PolicyId;",
            "use crate::build::Build;",
            "use crate::edition::Edition;\n",
            f"pub(crate) const SCOPE: &[&str] = {array(common['scope'], text)};",
            f"pub(crate) const MIME: &str = {text(common['mime'])};",
            f"pub(crate) const ACCESS: &[&str] = {array(common['access'], text)};",
            f"pub(crate) const RESULT_ACCESS: &[&str] = {array(common['result_access'], text)};",
            f"pub(crate) const OCCURRENCE: &str = {text(common['occurrence'])};",
            f"pub(crate) const NODE_SCOPE: &str = {text(common['node_scope'])};\n",
            "/// Names of product types, by number.",
            f"#[rustfmt::skip]\npub(crate) static EDITION_NAMES: &[(u32, &str)] = &[",
            *(f"    ({code}, {text(name)})," for code, name in self.editions.items() if name),
            "];\n",
        ]
        out.append("/// Names that were seen and that no DDF lists, in their order.")
        out.append("#[rustfmt::skip]\npub(crate) static OBSERVED: &[Observed] = &[")
        out += [
            f"    Observed {{ name: {text(it['name'])}, seen: {text(it['seen'])}, "
            f"name_only: {str(it.get('name_only', False)).lower()}, "
            f"since: {option(it.get('since'), build)}, open: {text(it['open'])} }},"
            for it in self.observed
        ]
        out.append("];\n")
        used = {policy["editions"] for policy in self.policies}
        older = {policy["dec_2022"]["editions"] for policy in self.policies if "dec_2022" in policy}
        for name, codes in self.sets.items():
            if name in used:
                values = array(codes, lambda code: f"Edition::new({code})")
                out.append(f"#[rustfmt::skip]\nstatic EDITIONS_{name.upper()}: &[Edition] = {values};")
            if name in older:
                out.append(f"#[rustfmt::skip]\nstatic CODES_{name.upper()}: &[&str] = {array(codes, text)};")
        out.append("\n/// What is known of each policy, in the order of [`PolicyId::ALL`].")
        out.append(f"#[rustfmt::skip]\npub(crate) static TABLE: [PolicyMeta; {len(self.names)}] = [")
        out += ["    " + self.meta(policy) for policy in self.policies]
        out.append("];")
        return "\n".join(out)

    def files(self):
        return {"id.rs": self.id_rs(), "values.rs": self.values_rs(), "table.rs": self.table_rs()}


def formatted(source):
    done = subprocess.run(
        ["rustfmt", "--edition", "2024", "--config-path", str(ROOT)],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"rustfmt: {done.stderr}")
    return done.stdout


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    stale = []
    for name, source in Table(SOURCE.read_text(encoding="utf-8")).files().items():
        path, wanted = TARGET / name, formatted(source + "\n")
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != wanted:
                stale.append(str(path.relative_to(ROOT)))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
    if stale:
        raise SystemExit("not what update-csp/tools/policies.py makes: " + ", ".join(stale))


main()
