"""``python -m tests.architecture``: what breaks the architecture, and the exceptions that stand."""

import sys
from pathlib import Path

from tests.architecture.rules import broken
from tests.architecture.source import read_source

source = read_source(Path(__file__).parents[2] / "src" / "vaticina")
findings = broken(source)
exemptions = [exemption for module in source.modules.values() for exemption in module.exemptions]
print(f"architecture: {len(source.modules)} modules, {len(findings)} findings, {len(exemptions)} exemptions")
for exemption in exemptions:
    print(f"  exempt  {exemption.path}:{exemption.line}: {exemption.rule} -- {exemption.reason}")
for finding in findings:
    print(f"  broken  {finding}")
sys.exit(bool(findings))
