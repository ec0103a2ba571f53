"""`junit.xml`: each threshold, each experiment, and the validity of each run, as a test case of JUnit."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(summary: Mapping[str, Any]) -> str:
    """The XML of a `summary`."""
    suite = ET.Element("testsuite", name="brownout")
    for run in summary["runs"]:
        case = _case(suite, "validity", f"{run['label']} is a valid run")
        if run["invalid"]:
            _told(case, "error", run["invalid"])
        if verdict := run.get("experiment"):
            case = _case(suite, "experiment", verdict["title"] or run["label"])
            if verdict["word"] != "passed":
                kind = "failure" if verdict["word"] == "deviated" else "error"
                _told(case, kind, f"{verdict['word']}: {verdict['reason']}")
    if summary["kind"] == "comparison":
        _comparison(suite, summary)
    for threshold in summary["thresholds"]:
        of = f" of {threshold['run']}" if threshold["run"] else ""
        case = _case(suite, "thresholds", f"{threshold['text']}{of}")
        if threshold["passed"]:
            continue
        if threshold["report_only"]:
            ET.SubElement(case, "system-out").text = _clean(f"report only: {threshold['reason']}")
        else:
            _told(case, "failure" if threshold["told"] else "error", threshold["reason"])
    for kind in ("failure", "error"):
        suite.set(f"{kind}s", str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, "unicode")}\n'


def _comparison(suite: ET.Element, summary: Mapping[str, Any]) -> None:
    """Add what the comparison comes to, and each figure of all requests with its verdict."""
    verdict = summary["verdict"]
    case = _case(suite, "comparison", summary["title"])
    figures = [
        f"{one['figure']} of {one['run']}: {one['verdict']}" + (f" ({one['why']})" if one["why"] else "")
        for one in summary["differences"]
        if one["of"] == "total" and one["verdict"]
    ]
    told = _clean("\n".join([*verdict["sentences"], *figures]))
    if summary["failed_on"]:
        ET.SubElement(
            case, "failure", message=_clean(f"{verdict['word']}: {verdict['sentences'][0]}")
        ).text = told
    else:
        ET.SubElement(case, "system-out").text = told


def _case(suite: ET.Element, group: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=f"brownout.{group}", name=_clean(name), time="0")


def _told(case: ET.Element, kind: str, reason: str) -> None:
    ET.SubElement(case, kind, message=_clean(reason)).text = _clean(reason)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
