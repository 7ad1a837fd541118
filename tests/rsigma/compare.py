#!/usr/bin/env python3
"""Compares Tandem's engine with rsigma 0.23, match by match: a second oracle, made by others.

    cargo install rsigma@^0.23 --locked --root SOMEWHERE
    tests/rsigma/compare.py --rsigma SOMEWHERE/bin/rsigma --rules RULES --events EVENTS [--every N] [--batch MB] [--keep FOLDER]

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
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def explained():
    """The rules that README.md explains: lines such as "- `id`: reason"."""
    text = (HERE / "README.md").read_text()
    return dict(re.findall(r"^- `([0-9a-f-]{36})`: (.+)$", text, re.M))


def batches(paths, most):
    """The files of events, in groups of about so many bytes: engines are started for each, and nothing is held for all."""
    files = []
    for path in map(pathlib.Path, paths):
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        # As the example leaves out what is hidden.
        files += [file for file in found if file.is_file() and not file.name.startswith((".", "_"))]
    group, size = [], 0
    for file in files:
        if group and size + file.stat().st_size > most:
            yield group
            group, size = [], 0
        group.append(file)
        size += file.stat().st_size
    if group:
        yield group


def ours(arguments, files, folder):
    command = ["cargo", "run", "--release", "--quiet", "--package", "decoders", "--example", "verify", "--"]
    if arguments.verify:
        command = [arguments.verify]
    for rules in arguments.rules:
        command += ["--rules", rules]
    for events in files:
        command += ["--events", str(events)]
    command += ["--every", str(arguments.every), "--plain", f"{folder}/events.json", "--matches", f"{folder}/ours.tsv"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    events = int(re.search(r"^(\d+) events, ", told, re.M).group(1))
    matches = []
    with open(f"{folder}/ours.tsv") as lines:
        for line in lines:
            event, rule, title, _ = line.rstrip("\n").split("\t", 3)
            matches.append((event, rule, title))
    return events, matches


def theirs(arguments, rules, folder):
    command = [arguments.rsigma, "--output-format", "ndjson", "engine", "eval", "--rules", rules]
    command += ["--include-event", "--no-stats", "--event", f"@{folder}/events.json"]
    matches = []
    with open(f"{folder}/rsigma.err", "a") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        for line in process.stdout:
            match = json.loads(line)
            event = match.get("event")
            if isinstance(event, dict) and match.get("rule_id"):
                matches.append((event["_n"], match["rule_id"], match["rule_title"]))
        if process.wait() != 0:
            sys.exit(f"rsigma failed: see {folder}/rsigma.err")
    return matches


def compared(arguments, folder):
    """What both said of each batch. Batches that were compared before are not again: a long comparison can go on."""
    rules = f"{folder}/rules"
    if not pathlib.Path(rules).exists():
        # It takes one folder.
        for number, path in enumerate(arguments.rules):
            shutil.copytree(path, f"{rules}/{number}") if pathlib.Path(path).is_dir() else shutil.copy(path, rules)
    for number, files in enumerate(batches(arguments.events, arguments.batch * 1_000_000)):
        kept = pathlib.Path(f"{folder}/batch-{number}.json")
        if not kept.exists():
            events, mine = ours(arguments, files, folder)
            other = theirs(arguments, rules, folder) if events else []
            kept.write_text(json.dumps({"files": list(map(str, files)), "events": events, "ours": mine, "rsigma": other}))
            print(f"batch {number}: {events} events, {len(mine)} and {len(other)} matches", file=sys.stderr)
        yield number, json.loads(kept.read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rsigma", default="rsigma")
    parser.add_argument("--verify", help="the example `verify` of the crate `decoders`, built before")
    parser.add_argument("--rules", action="append", required=True)
    parser.add_argument("--events", action="append", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--batch", type=int, default=50, help="megabytes of events compared at once")
    parser.add_argument("--keep", help="where events and matches are left to look at; with it a comparison goes on where it stopped")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    mine, other, titles, events = set(), set(), {}, 0
    for number, batch in compared(arguments, folder):
        events += batch["events"]
        for matches, into in ((batch["ours"], mine), (batch["rsigma"], other)):
            for event, rule, title in matches:
                into.add((f"{number}/{event}", rule))
                titles[rule] = title
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
        example = min(we + they)
        print(f"{titles[rule]} ({rule}): {len(we)} of ours alone, {len(they)} of rsigma alone, such as {example}")
        print(f"    {reason or 'NOT EXPLAINED'}")
    print(f"{events} events: {len(mine)} matches of ours, {len(other)} of rsigma, {len(mine & other)} the same;", end=" ")
    print(f"{len(by_rule)} rules differ, {unexplained} of them not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
