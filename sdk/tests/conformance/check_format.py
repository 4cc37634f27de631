#!/usr/bin/env python3
"""Checks the form of the conformance suite; see README.md for the format.

usage: check_format.py [--min-cases N] [FOLDER]
"""

import argparse
import json
import re
import sys
import uuid
from pathlib import Path

import yaml

CASE_KEYS = {"name", "spec", "rule", "options", "events", "hits", "error", "warning"}
EVENT_KEYS = {"event", "match", "output"}
HIT_KEYS = {"rule", "event"}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DURATION = re.compile(r"\d+(ms|s|m|h|d|w)")


class UniqueKeyLoader(yaml.SafeLoader):
    """A loader that refuses a key twice in one map, which PyYAML by itself lets pass."""


def _construct_unique_mapping(loader, node, deep=False):
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} twice", key_node.start_mark)
        seen.add(key)
    return yaml.SafeLoader.construct_mapping(loader, node, deep)


UniqueKeyLoader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_unique_mapping)


def is_strings(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def refuse_duplicate_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("duplicate key")
    return dict(pairs)


def is_names(value):
    return isinstance(value, dict) and all(isinstance(x, str) and x for x in [*value, *value.values()])


OPTIONS = {
    "placeholders": lambda v: isinstance(v, dict) and all(is_strings(x) for x in v.values()),
    "taxonomies": lambda v: isinstance(v, dict) and all(is_names(x) for x in v.values()),
    "filters": lambda v: v in ("as-written", "suppress"),
    "allowed_lateness": lambda v: isinstance(v, str) and bool(DURATION.fullmatch(v)),
    "repeat": lambda v: v in ("once", "every"),
    "missing_group_field": lambda v: v in ("skip", "null"),
}


def check_options(options):
    if not isinstance(options, dict) or not options:
        yield "options: not a map with entries"
        return
    for key, value in options.items():
        if key not in OPTIONS:
            yield f"options: unknown key {key!r}"
        elif not OPTIONS[key](value):
            yield f"options.{key}: bad value {value!r}"


def parse_event(text):
    if not isinstance(text, str):
        raise ValueError("not JSON text in a string")
    event = json.loads(text, object_pairs_hook=refuse_duplicate_keys)
    if not isinstance(event, dict):
        raise ValueError("not a JSON object")
    return event


def check_identity(event):
    try:
        uuid.UUID(event.get("event_id"))
    except (AttributeError, TypeError, ValueError):
        yield "event_id is not a UUID"
    if not RFC3339.fullmatch(str(event.get("timestamp"))):
        yield "timestamp is not RFC 3339"


def check_event(entry, titles, correlated):
    if not isinstance(entry, dict) or "event" not in entry:
        yield "not a map with the key event"
        return
    yield from (f"unknown key {key!r}" for key in sorted(set(entry) - EVENT_KEYS))
    try:
        event = parse_event(entry["event"])
    except ValueError as error:
        yield f"event: {error}"
        return
    if correlated:
        yield from check_identity(event)
    elif not {"match", "output"} & set(entry):
        yield "expects nothing: neither match nor output"
    match = entry.get("match", True)
    if not isinstance(match, bool) and not is_strings(match):
        yield "match: neither a boolean nor a list of strings"
    output = entry.get("output", [])
    if not is_strings(output):
        yield "output: not a list of strings"
    named = [match, output]
    for title in (t for names in named if is_strings(names) for t in names):
        if title not in titles["detection"]:
            yield f"no detection rule has the title {title!r}"


def check_hits(hits, event_count, titles):
    if not isinstance(hits, list):
        yield "hits: not a list"
        return
    for number, hit in enumerate(hits):
        if not isinstance(hit, dict) or set(hit) != HIT_KEYS:
            yield f"hits[{number}]: not a map of rule and event"
        elif hit["rule"] not in titles["correlation"]:
            yield f"hits[{number}]: no correlation is called {hit['rule']!r}"
        elif type(hit["event"]) is not int or not 0 <= hit["event"] < event_count:
            yield f"hits[{number}]: no event {hit['event']!r}"


def documents_of(text):
    return [d for d in yaml.load_all(text, Loader=yaml.SafeLoader) if isinstance(d, dict)]


def titles_of(text):
    documents = documents_of(text)
    correlations = {d.get("name") or d.get("title") for d in documents if "correlation" in d}
    detections = {d.get("title") for d in documents if "correlation" not in d}
    return {"detection": detections, "correlation": correlations}


def check_expectations(case):
    try:
        titles = titles_of(case["rule"])
        list(yaml.load_all(case["rule"], Loader=UniqueKeyLoader))
    except yaml.YAMLError as error:
        yield f"rule: {error}".replace("\n", " ")
        return
    events = case.get("events")
    if not isinstance(events, list):
        yield "events: not a list"
        return
    if not events and not case.get("warning"):
        yield "events: empty, and no warning is expected"
    for number, entry in enumerate(events):
        for fault in check_event(entry, titles, "hits" in case):
            yield f"events[{number}]: {fault}"
    if "hits" in case:
        yield from check_hits(case["hits"], len(events), titles)


def check_case(case):
    for key in ("name", "spec", "rule"):
        if not isinstance(case.get(key), str) or not case[key].strip():
            yield f"{key}: missing, empty or no string"
            return
    yield from (f"unknown key {key!r}" for key in sorted(set(case) - CASE_KEYS))
    for key in ("error", "warning"):
        if key in case and (not isinstance(case[key], str) or not case[key]):
            yield f"{key}: empty or no string"
    if "options" in case:
        yield from check_options(case["options"])
    if "error" in case:
        yield from (f"{key} beside error" for key in ("events", "hits", "warning") if key in case)
    else:
        yield from check_expectations(case)


def check_file(path, names):
    """Yields faults; the last item is the number of cases."""
    try:
        suite = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        yield str(error).replace("\n", " ")
        return
    if not isinstance(suite, dict) or set(suite) != {"suite", "cases"}:
        yield "not a map of suite and cases"
        return
    if not isinstance(suite["suite"], str):
        yield "suite: no string"
    if not isinstance(suite["cases"], list) or not suite["cases"]:
        yield "cases: not a list with entries"
        return
    for number, case in enumerate(suite["cases"]):
        if not isinstance(case, dict):
            yield f"case {number}: not a map"
            continue
        name = case.get("name")
        label = name if isinstance(name, str) else f"case {number}"
        if label in names:
            yield f"{label}: name also in {names[label]}"
        names[label] = path.name
        yield from (f"{label}: {fault}" for fault in check_case(case))


def main():
    parser = argparse.ArgumentParser(description="Checks the form of the conformance suite.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--min-cases", type=int, default=400)
    arguments = parser.parse_args()
    names = {}
    faults = 0
    for path in sorted(arguments.folder.glob("*.yml")):
        before = len(names)
        for fault in check_file(path, names):
            print(f"{path.name}: {fault}", file=sys.stderr)
            faults += 1
        print(f"{len(names) - before:5}  {path.name}")
    print(f"{len(names):5}  in all")
    if len(names) < arguments.min_cases:
        print(f"fewer than {arguments.min_cases} cases", file=sys.stderr)
        faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
