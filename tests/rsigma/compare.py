#!/usr/bin/env python3
"""Compares Tandem's engine with rsigma 0.23, match by match: a second oracle, made by others.

    cargo install rsigma@^0.23 --locked --root SOMEWHERE
    tests/rsigma/compare.py --rsigma SOMEWHERE/bin/rsigma --rules RULES --events EVENTS [--every N] [--keep FOLDER]

Both see the same events with the same names, and every rule sees every event, since rsigma knows other log sources than
we do: what is compared is what rules mean. `cargo xtask detect-verify` compares the engine with its own oracle, log
sources and names included. Each difference is printed by rule with one event; what is explained in README.md is counted.
The exit code is 1 when there is a difference that is not explained there.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def explained():
    """The rules that README.md explains: lines such as "- `id`: reason"."""
    text = (HERE / "README.md").read_text()
    return dict(re.findall(r"^- `([0-9a-f-]{36})`: (.+)$", text, re.M))


def ours(arguments, folder):
    command = ["cargo", "run", "--release", "--quiet", "--package", "detect", "--example", "verify", "--"]
    if arguments.verify:
        command = [arguments.verify]
    for rules in arguments.rules:
        command += ["--rules", rules]
    for events in arguments.events:
        command += ["--events", events]
    command += ["--every", str(arguments.every), "--plain", f"{folder}/events.json", "--matches", f"{folder}/ours.tsv"]
    subprocess.run(command, check=True)
    matches, titles = set(), {}
    with open(f"{folder}/ours.tsv") as lines:
        for line in lines:
            event, rule, title, _ = line.rstrip("\n").split("\t", 3)
            matches.add((event, rule))
            titles[rule] = title
    return matches, titles


def theirs(arguments, folder):
    matches, titles = set(), {}
    for rules in arguments.rules:
        command = [arguments.rsigma, "--output-format", "ndjson", "engine", "eval", "--rules", rules]
        command += ["--include-event", "--no-stats", "--event", f"@{folder}/events.json"]
        with open(f"{folder}/rsigma.err", "a") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
            for line in process.stdout:
                match = json.loads(line)
                event = match.get("event")
                if isinstance(event, dict) and match.get("rule_id"):
                    matches.add((event["_n"], match["rule_id"]))
                    titles[match["rule_id"]] = match["rule_title"]
            if process.wait() != 0:
                sys.exit(f"rsigma failed: see {folder}/rsigma.err")
    return matches, titles


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rsigma", default="rsigma")
    parser.add_argument("--verify", help="the example `verify` of the crate `detect`, built before")
    parser.add_argument("--rules", action="append", required=True)
    parser.add_argument("--events", action="append", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--keep", help="where events and matches are left to look at")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    (mine, my_titles), (other, other_titles) = ours(arguments, folder), theirs(arguments, folder)
    titles = {**other_titles, **my_titles}
    reasons, unexplained = explained(), 0
    with open(f"{folder}/events.refused") as lines:
        refused = dict(line.rstrip("\n").split("\t", 1) for line in lines)
    by_rule = collections.defaultdict(lambda: ([], []))
    for event, rule in mine - other:
        by_rule[rule][0].append(event)
    for event, rule in other - mine:
        by_rule[rule][1].append(event)
    for rule, (we, they) in sorted(by_rule.items(), key=lambda item: titles[item[0]]):
        reason = reasons.get(rule)
        if not we and titles[rule] in refused:
            reason = f"refused by us: {refused[titles[rule]]}"
        unexplained += reason is None
        example = min(we + they, key=lambda event: int(event[1:]))
        print(f"{titles[rule]} ({rule}): {len(we)} of ours alone, {len(they)} of rsigma alone, such as {example}")
        print(f"    {reason or 'NOT EXPLAINED'}")
    print(f"{len(mine)} matches of ours, {len(other)} of rsigma, {len(mine & other)} the same;", end=" ")
    print(f"{len(by_rule)} rules differ, {unexplained} of them not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
