"""What fikad is made of: known flaws in the locked packages, a bill of materials, and licences.

`make audit` runs it. It asks pip-audit whether a flaw is known in any package of the lock, has
CycloneDX write `dist/fikad.cdx.json` from the lock with the licence of each package that is
installed here, and lists the licences. The exit code is 1 when a flaw is known. Where the database
of flaws cannot be had it says so, and that nothing is known then."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOCK = Path("requirements.lock")
BILL = Path("dist/fikad.cdx.json")
_TOOL = (str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", "--from")
_PIP_AUDIT = (*_TOOL, "pip-audit==2.10.1", "pip-audit")
_CYCLONEDX = (*_TOOL, "cyclonedx-bom==7.5.0", "cyclonedx-py")


def main() -> int:
    """Print all three; returns the exit code."""
    flaws, sentence = known_flaws(_output(*_PIP_AUDIT, *_AUDITED))
    print(sentence, *flaws, sep="\n  ")
    lock, here = (("requirements", str(LOCK)), ("environment", sys.executable))
    told = [_output(*_CYCLONEDX, *asked, *_WRITTEN) for asked in (lock, here)]
    if not all(told):
        sys.exit("No bill of materials: CycloneDX's program cannot be had from here.")
    bill, installed = map(json.loads, told)
    with_licences(bill, installed)
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"\n{BILL}: {len(bill['components'])} packages\n")
    for licence, names in by_licence(bill).items():
        print(f"{licence}: {', '.join(names)}")
    return 1 if flaws else 0


_AUDITED = ("--disable-pip", "--require-hashes", "-r", str(LOCK), "-f", "json")
_WRITTEN = ("--output-reproducible", "--of", "JSON", "-o", "-")


def known_flaws(report: str) -> tuple[list[str], str]:
    """The flaws that a report of pip-audit (JSON) names, one line each, and a sentence that says
    how far it could look. What is not JSON is a report that came to nothing."""
    try:
        packages: list[Mapping[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    asked = [package for package in packages if "vulns" in package]
    flaws = [
        f"{package['name']} {package['version']}: {flaw['id']}"
        f" (mended in {', '.join(flaw['fix_versions']) or 'no version yet'})"
        for package in asked
        for flaw in package["vulns"]
    ]
    if not asked:
        return flaws, "Known flaws: nobody knows, the database cannot be had from here."
    of = f"{len(asked)} of {len(packages)} packages" if asked != packages else "every package"
    return flaws, f"Known flaws: {len(flaws) or 'none'}, asked about {of}."


def with_licences(bill: dict[str, Any], installed: Mapping[str, Any]) -> None:
    """Enter into a bill of materials what is known of the licences of those that are installed."""
    known = {
        _package(package): package["licenses"]
        for package in installed["components"]
        if "licenses" in package
    }
    for package in bill["components"]:
        licences = known.get(_package(package))
        if licences:
            package["licenses"] = licences


def _package(package: Mapping[str, Any]) -> tuple[str, str]:
    """Name, however it is written (PEP 503), and version."""
    return re.sub(r"[-_.]+", "-", package["name"]).lower(), package["version"]


def by_licence(bill: Mapping[str, Any]) -> dict[str, list[str]]:
    """The packages of a bill of materials by what their licences are called, in order."""
    named: dict[str, list[str]] = {}
    for package in bill["components"]:
        named.setdefault(_called(package.get("licenses", ())), []).append(package["name"])
    return dict(sorted(named.items()))


def _called(licences: Sequence[Mapping[str, Any]]) -> str:
    """By SPDX where they are, else by their own name. A package may say it twice."""
    entries = [each["license"] for each in licences if "license" in each]
    names = [each["expression"] for each in licences if "expression" in each]
    names += [each["id"] for each in entries if "id" in each]
    names = names or [each["name"].partition("\n")[0] for each in entries]
    return ", ".join(dict.fromkeys(names)) or "not told, or not for this machine"


def _output(*command: str) -> str:
    """What a program prints, if it can be had. What it complains of is left out: pip-audit says
    that no flaw is known where it could ask about nothing."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    sys.exit(main())
