#!/usr/bin/env python3
"""Compares `auditflow scan` with an evaluator over pySigma's condition trees, on random rules and events.

usage: compare_with_oracle.py --auditflow PROGRAM --oracle SIGMA_ORACLE.PY [--seed N] [--rounds N]
                              [--rules N] [--events N] [--keep FOLDER]

Needs pySigma (pip install pysigma). Rules and events stay where the oracle is known to be right: numbers that a
double holds, no arrays of objects, no null inside arrays, letters that fold one to one. Exit codes: 0 all match
sets are the same, 1 some differ (the first are printed), 2 the comparison could not be made.
"""

import argparse
import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import yaml

WORDS = ["alpha", "Alpha", "BETA", "beta", "al", "b", "gamma delta", "\u00c4\u00d6", "\u00e4\u00f6", "ab", "aab",
         "cmd.exe", "C:\\Windows\\", "x"]
NUMBERS = [0, 1, -1, 12, 12.5, 10, 4625, 99999]
PLAIN = ["a", "b", "c", "n.a", "n.b", "n.n.a", "d"]
ADDRESSES = ["10.1.2.3", "192.168.1.77", "::1", "2001:db8::5", "10.0.0.256", "fe80::1"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, choices):
        return self.random.choice(choices)

    def text(self):
        return (self.pick(["", "", "*", "?"]) + self.pick(WORDS) + self.pick(["", "", "*", "?", "\\*", " -", "\\"])
                + self.pick(["", "", self.pick(WORDS)]) + self.pick(["", "", "*"]))

    def texts(self):
        values = [self.text() for _ in range(self.random.randint(1, 3))]
        return values if len(values) > 1 or self.random.random() < 0.3 else values[0]

    def item(self):
        pick, field = self.pick, self.pick(PLAIN)
        return pick([
            lambda: (field, None),
            lambda: (field, pick(NUMBERS)),
            lambda: (field, [pick(NUMBERS), self.text()]),
            lambda: (field, pick([True, False])),
            lambda: (field + "|exists", pick([True, False])),
            lambda: (field + "|re" + pick(["", "|i"]),
                     pick(["a+b", "^alpha", "(al|be)(pha|ta)", "[0-9]+", "\\d{2}", "ma.del", "x?y"])),
            lambda: (field + "|" + pick(["lt", "lte", "gt", "gte"]), pick(NUMBERS)),
            lambda: ("ip|cidr", pick(["10.0.0.0/8", "192.168.1.64/26", "::1/128", "2001:db8::/32"])),
            lambda: ("p|fieldref" + pick(["", "|contains", "|startswith", "|endswith"]), pick(["q", "r"])),
            lambda: (field + "|contains|all", [self.text(), self.text()]),
            lambda: (field + pick(["|cased", "|contains|cased", "|neq", "|startswith|neq"]), self.texts()),
            lambda: (field + "|windash|contains", pick([" -", " /", " -a -"]) + pick(["alpha", "b", "al"])),
            lambda: (field + "|base64offset|contains", pick([w for w in WORDS if w.isascii() and len(w) > 1])),
            lambda: (field + "|wide|base64offset|contains", pick(["ab", "alpha"])),
            lambda: (field + "|base64", pick(["ab", "alpha", "b"])),
            lambda: ("t|hour", pick([9, 10, 23])),
            lambda: (field + pick(["", "|contains", "|startswith", "|endswith"]), self.texts()),
            lambda: (field + pick(["", "|contains", "|startswith", "|endswith"]), self.texts()),
        ])()

    def selection(self):
        kind = self.random.random()
        if kind < 0.12:
            return [self.pick(WORDS) + self.pick(["", "*", "?"]) for _ in range(self.random.randint(1, 3))]
        if kind < 0.25:
            return [dict([self.item()]) for _ in range(2)]
        return dict(self.item() for _ in range(self.random.randint(1, 3)))

    def condition(self, names, depth=2):
        if depth and self.random.random() < 0.6:
            left, right = self.condition(names, depth - 1), self.condition(names, depth - 1)
            return self.pick([f"not ({left})", f"({left}) or ({right})", f"({left}) and ({right})",
                              f"{self.pick(names)} and not ({right})"])
        return self.pick(names + ["1 of them", "all of them", "1 of s*"])

    def rule(self):
        names = [f"s{i}" for i in range(self.random.randint(1, 3))]
        detection = {name: self.selection() for name in names}
        detection["condition"] = self.condition(names)
        return {"title": "Random", "id": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                "logsource": {"category": "test"}, "detection": detection}

    def scalar(self):
        import base64
        word = self.pick(WORDS)
        return self.pick([
            lambda: None, lambda: self.pick([True, False]), lambda: self.pick(NUMBERS),
            lambda: str(self.pick(NUMBERS)), lambda: "", lambda: word,
            lambda: word + self.pick([" ", " -", " /", " \u2013", "\n", "\\", "*"]) + self.pick(WORDS),
            lambda: word + self.pick(WORDS),
            lambda: base64.b64encode((self.pick(["", "1", "12"]) + word).encode()).decode(),
            lambda: base64.b64encode((self.pick(["", "1"]) + word).encode("utf-16-le")).decode(),
        ])()

    def value(self):
        if self.random.random() < 0.15:
            return [v for v in (self.scalar() for _ in range(self.random.randint(0, 3))) if v is not None]
        return self.scalar()

    def event(self):
        event = {key: self.value() for key in ["a", "b", "c", "d", "n.a", "other"] if self.random.random() < 0.5}
        if self.random.random() < 0.6:
            event["n"] = {key: self.value() for key in ["a", "b"] if self.random.random() < 0.6}
            event["n"]["n"] = {"a": self.value()}
        for key in ("p", "q", "r"):
            if self.random.random() < 0.5:
                event[key] = self.pick(WORDS) + self.pick(["", self.pick(WORDS)])
        if self.random.random() < 0.5:
            event["ip"] = self.pick(ADDRESSES)
        if self.random.random() < 0.5:
            event["t"] = f"2026-11-20T{self.pick(['09', '10', '23'])}:15:00Z"
        return event


def load_oracle(path):
    spec = importlib.util.spec_from_file_location("sigma_oracle", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_oracle(oracle, rules, events):
    """The rules that pySigma takes, and each event's matches among them."""
    taken = {}
    for rule in rules:
        try:
            for parsed in oracle.SigmaCollection.from_yaml(yaml.safe_dump(rule)).rules:
                taken[rule["id"]] = [c.parsed for c in parsed.detection.parsed_condition]
        except Exception:  # whatever pySigma refuses is not compared
            continue
    return taken, [{i for i, cs in taken.items() if any(oracle.ev_cond(c, e) for c in cs)} for e in events]


def by_auditflow(program, rules, events, folder):
    (folder / "rules.yml").write_text("---\n".join(yaml.safe_dump(r, allow_unicode=True) for r in rules), "utf-8")
    (folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events), "utf-8")
    command = [program, "scan", "--quiet", "--format", "json", "--rules", str(folder / "rules.yml")]
    if "--no-routing" in subprocess.run([program, "scan", "--help"], capture_output=True, text=True).stdout:
        command.append("--no-routing")
    run = subprocess.run(command + [str(folder / "events.jsonl")], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {run.stderr}")
    matches = [set() for _ in events]
    for line in run.stdout.splitlines():
        match = json.loads(line)
        matches[match["index"]].add(match["rule_id"])
    return matches, run.stderr


def compare(options, oracle, seed, folder):
    """@return rules compared, decisions, matches, differences"""
    generator = Generator(seed)
    rules = [generator.rule() for _ in range(options.rules)]
    events = [generator.event() for _ in range(options.events)]
    taken, expected = by_oracle(oracle, rules, events)
    rules = [rule for rule in rules if rule["id"] in taken]
    actual, said = by_auditflow(options.auditflow, rules, events, folder)
    if ": error:" in said or ": unsupported:" in said:
        print(f"seed {seed}: rules were refused:\n{said}")
    differences = 0
    for event, wanted, found in zip(events, expected, actual):
        for rule_id in sorted(wanted ^ found):
            differences += 1
            if options.shown < 10:
                options.shown += 1
                rule = next(rule for rule in rules if rule["id"] == rule_id)
                print(f"seed {seed}: the oracle says {rule_id in wanted}\n{json.dumps(event)}\n{yaml.safe_dump(rule)}")
    return len(rules), len(rules) * len(events), sum(map(len, expected)), differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--auditflow", required=True)
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rules", type=int, default=200)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    options.shown = 0
    oracle = load_oracle(options.oracle)
    totals = [0, 0, 0, 0]
    for seed in range(options.seed, options.seed + options.rounds):
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            totals = [a + b for a, b in zip(totals, compare(options, oracle, seed, folder))]
    print("{} rules, {} decisions, {} matches, {} differences".format(*totals))
    return 1 if totals[3] else 0


if __name__ == "__main__":
    sys.exit(main())
