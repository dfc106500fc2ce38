"""The rules and the dashboard that are given away speak of figures there are, and each rule is explained."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from tests.ars.processes import ROOT

SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
ALERTS = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS: list[dict[str, Any]] = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel.get("targets", [])
]
EXPLAINED = (ROOT / "docs/alerts.md").read_text()


@pytest.fixture
def told(client: Client, db: None, settings: Settings) -> set[str]:
    """The names of all samples there can be."""
    settings.CELERY_BROKER_URL = "memory://"
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {family.name + suffix for family in families for suffix in SUFFIXES[family.type]}


def named(text: str) -> set[str]:
    """The figures of ours that a text names."""
    return set(re.findall(r"\bars_\w+", text))


def test_every_figure_that_is_asked_for_exists(told: set[str]) -> None:
    assert len(EXPRESSIONS) > 40
    assert {expression: named(expression) - told for expression in EXPRESSIONS if named(expression) - told} == {}


def test_every_figure_is_on_the_dashboard_or_in_a_rule(told: set[str]) -> None:
    asked = named(" ".join(EXPRESSIONS))
    assert {name for name in told if name not in asked} == {"ars_http_request_duration_seconds_sum"}


def test_every_figure_is_explained(told: set[str]) -> None:
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told}
    assert bare - named(EXPLAINED) == set()
    assert named(EXPLAINED) <= bare


def test_every_alert_is_explained_and_says_how_bad_it_is() -> None:
    names = [rule["alert"] for rule in RULES]
    assert re.findall(r"^\| `(Ars\w+)` \|", EXPLAINED, re.MULTILINE) == names
    assert {rule["labels"]["severity"] for rule in RULES} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"].endswith(".") and rule["for"] for rule in RULES)


def test_the_dashboards_panels_have_a_place_each() -> None:
    places = [tuple(panel["gridPos"][side] for side in "xy") for panel in PANELS]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_links_of_the_explanation_lead_somewhere() -> None:
    assert all((Path(ROOT, "docs") / link).exists() for link in re.findall(r"\]\(([^)#]+)\)", EXPLAINED))
