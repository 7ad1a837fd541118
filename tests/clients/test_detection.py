"""Rules at work in the real server: a story from failed log-ins to a review, a storm, a killed server, churn, back-tests."""

import http.server
import json
import os
import signal
import socket
import tempfile
import threading
import time
import unittest

import harness
import telemetry
from telemetry import SECOND

ATTACKER = "203.0.113.77"
HOST = "web-1"
MINUTE = 60 * SECOND

LATENCY = """
title: Latency of a service is high
id: 0b8e2a5e-62a7-4d1c-9d43-5a2f4f0c7e11
status: test
description: One in twenty requests takes longer than a second.
level: medium
operation:
  kind: threshold
  table: spans
  query: kind:server
  aggregate: p95 duration
  measures: p95 latency
  unit: ns
  group_by: [service.namespace, service_name]
  entity: {kind: service, key: [service.namespace, service_name]}
  every: 10s
  window: 5m
  above: 1s
  minimum: 50
"""

STORM = """
title: Storm
id: 5d1f6a3c-98a1-4c0e-8e55-0c8c6a7a2b10
status: test
description: For the test of a storm.
logsource:
  service: syslog
detection:
  storm:
    message|contains: the roof is on fire
  condition: storm
level: high
"""

COUNTED = """
title: Counted
id: 3b0cf9c4-51a4-4cb1-b1ab-7a9a9d8f2f6e
name: counted
status: test
description: For the test of a killed server.
logsource:
  service: syslog
detection:
  counted:
    message|startswith: 'count '
  condition: counted
level: informational
---
title: Counted often
id: 9a3c2d57-06a0-4f1b-a2c8-93f2f4f0a3c1
status: test
description: Three of them.
correlation:
  type: event_count
  rules: [counted]
  group-by: [Computer]
  timespan: 10m
  condition:
    gte: 3
level: high
"""


def syslog(server, lines):
    """Sends RFC 5424 lines over TCP: (host, program, text)."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    with socket.create_connection(server.address("syslog")) as connection:
        for host, program, text in lines:
            message = f"<38>1 {now} {host} {program} 1 - - {text}".encode()
            connection.sendall(f"{len(message)} ".encode() + message)


def get(server, path):
    status, answer = server.request("GET", path)
    if status != 200:
        raise AssertionError(f"{path}: {status} {answer}")
    return json.loads(answer)


def alerts(server, **wanted):
    rows = get(server, "/api/v1/alerts?state=all&limit=1000")["rows"]
    return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]


class Hook:
    """Takes what is posted."""

    def __init__(self, status=200):
        self.got = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.got.append(json.loads(body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def written(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Story(unittest.TestCase):
    """Must show 5 and 6: alerts of both sides in one incident, notices, and what people do about them."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-rules-")
        self.hook = Hook()
        written(self.folder, "latency.yml", LATENCY)
        written(self.folder, "storm.yml", STORM)
        config = f'[notify]\nallow_private = true\n[[notify.channels]]\nname = "chat"\nkind = "slack"\nurl = "{self.hook.url}"\n'
        config = written(self.folder, "tandem.toml", config)
        rules = os.path.join(self.folder, "rules")
        os.mkdir(rules)
        for name in ("latency.yml", "storm.yml"):
            os.rename(os.path.join(self.folder, name), os.path.join(rules, name))
        self.server = harness.Server("--config", config, "--rules", rules)
        self.addCleanup(self.hook.close)
        self.addCleanup(self.server.stop)

    def service(self, **more):
        return {"service.name": "checkout", "service.namespace": "shop", "host.name": HOST, **more}

    def test_from_failed_log_ins_to_a_review(self):
        server = self.server
        # Who owns what, where it runs, what was deployed.
        server.command("owner", "set", "service:shop/checkout", "payments", "--reason", "they run it", "--at", "now-30d")
        server.command("owner", "set", f"host:{HOST}", "platform", "--reason", "they run it", "--at", "now-30d")
        now = time.time_ns()
        fast = [(now - 3 * MINUTE + n, "GET /pay", f"{n + 1:032x}", f"{n + 1:016x}") for n in range(3)]
        telemetry.send_spans(server, self.service(**{"service.version": "1.0"}), fast)
        server.command("change", "record", "deployment", "service:shop/checkout", "--version", "1.1", "--at", "now-1m")
        harness.eventually(lambda: server.sql("SELECT 1 AS one FROM relations WHERE kind = 'runs_on' AND from_entity = 'shop/checkout'"))

        # Failed log-ins, then one that succeeds; a new key; a package change.
        refused = [(HOST, "sshd", f"Failed password for invalid user u{n} from {ATTACKER} port {4000 + n} ssh2") for n in range(12)]
        syslog(server, refused)
        syslog(server, [(HOST, "sshd", f"Accepted password for maria from {ATTACKER} port 4900 ssh2")])
        key = {"UtcTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "Channel": "Linux-Sysmon/Operational",
               "Provider_Name": "Linux-Sysmon", "EventID": 11, "Computer": HOST, "Image": "/usr/bin/bash",
               "TargetFilename": "/home/maria/.ssh/authorized_keys", "User": "maria"}
        server.post_json("/api/v1/ingest/json", key)
        server.command("change", "record", "package", f"host:{HOST}", "--version", "openssl 3.0.16")

        # Latency rises after the deploy.
        slow = [{"traceId": f"{n + 100:032x}", "spanId": f"{n + 100:016x}", "name": "GET /pay", "kind": 2,
                 "startTimeUnixNano": str(now - 30 * SECOND + n), "endTimeUnixNano": str(now - 28 * SECOND + n)}
                for n in range(80)]
        resource = {"attributes": telemetry.attributes(self.service(**{"service.version": "1.1"}))}
        telemetry.send(server, "traces", {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": slow}]}]})

        guessed = harness.eventually(lambda: alerts(server, title="ssh log-in after many refused ones"))[0]
        late = harness.eventually(lambda: alerts(server, title="Latency of a service is high"))[0]
        keys = harness.eventually(lambda: alerts(server, title="A file of authorised ssh keys was made"))[0]
        self.assertEqual(guessed["entity"], f"host:{HOST}")
        self.assertEqual(late["entity"], "service:shop/checkout")
        self.assertEqual((guessed["aspect"], late["aspect"]), ("security", "operations"))

        # Each is complete.
        whole = get(server, f"/api/v1/alerts/{late['id']}")
        text = json.dumps(whole)
        self.assertIn("payments", text)
        self.assertIn("1.1", json.dumps(whole.get("suspects")), text)
        whole = get(server, f"/api/v1/alerts/{guessed['id']}")
        self.assertIn("#what-to-do", whole["runbook"])
        self.assertTrue(whole["why"])
        self.assertIn(ATTACKER, json.dumps(whole))

        # All in one incident.
        def incident():
            ids = {get(server, f"/api/v1/alerts/{alert['id']}").get("incident") for alert in (guessed, late, keys)}
            return ids.pop() if len(ids) == 1 and None not in ids else None

        number = harness.eventually(incident)
        server.post_json("/api/v1/alerts/act", {"ids": [guessed["id"], late["id"]], "do": "acknowledge"})
        self.assertEqual({row["state"] for row in alerts(server) if row["id"] in (guessed["id"], late["id"])}, {"acknowledged"})
        acting = {"ids": [guessed["id"]], "do": "resolve", "outcome": "true", "reason": "an account was taken over"}
        server.post_json("/api/v1/alerts/act", acting)
        acting = {"ids": [late["id"]], "do": "resolve", "outcome": "benign", "reason": "a load test"}
        server.post_json("/api/v1/alerts/act", acting)
        ledger = {row["rule"]: row for row in get(server, "/api/v1/rules/ledger")["rows"]}
        scored = ledger[guessed["rule"]]
        self.assertEqual((scored["alerts"], scored["confirmed"], scored["false"]), (1, 1, 0), scored)
        self.assertIsNotNone(scored["median_seconds_to_acknowledge"], scored)
        status, review = server.request("GET", f"/api/v1/incidents/{number}/review")
        self.assertEqual(status, 200)
        self.assertIn("ssh log-in after many refused ones", review.decode())
        self.assertNotIn("maria", server.command("incidents", "--state", "all").stdout)
        self.assertTrue(self.hook.got)
        latency = get(server, "/api/v1/detection")["latency"]
        self.assertGreater(latency["count"], 0)

    def test_a_thousand_equal_alerts_make_one_notice(self):
        syslog(self.server, [(HOST, "kernel", "the roof is on fire")] * 1000)
        raised = harness.eventually(lambda: [row for row in alerts(self.server, title="Storm") if row["events"] == 1000])
        self.assertEqual(len(raised), 1)
        harness.eventually(lambda: self.hook.got)
        syslog(self.server, [(HOST, "kernel", "the roof is on fire")] * 50)
        harness.eventually(lambda: [row for row in alerts(self.server, title="Storm") if row["events"] == 1050])
        told = [notice for notice in self.hook.got if "Storm" in json.dumps(notice)]
        self.assertEqual(len(told), 1, told)

    def test_churn_raises_nothing(self):
        now = time.time_ns()
        for first in range(0, 1000, 100):
            resource_logs = []
            for n in range(first, first + 100):
                born = now - 5 * MINUTE + n * SECOND // 10
                resource = self.service(**{"container.id": f"{n:064x}", "service.instance.id": str(n)})
                records = [{"timeUnixNano": str(at), "severityNumber": 9, "body": {"stringValue": text}}
                           for at, text in ((born, "started"), (born + 40 * SECOND, "stopped"))]
                resource_logs.append({"resource": {"attributes": telemetry.attributes(resource)}, "scopeLogs": [{"logRecords": records}]})
            telemetry.send(self.server, "logs", {"resourceLogs": resource_logs})
        harness.eventually(lambda: self.server.sql("SELECT count(*) AS n FROM logs WHERE service_name = 'checkout'")[0]["n"] >= 2000)
        seen = get(self.server, "/api/v1/detection")["through"]
        harness.eventually(lambda: get(self.server, "/api/v1/detection")["through"] > seen or get(self.server, "/api/v1/detection")["behind"] == 0)
        self.assertEqual(alerts(self.server), [])


class Killed(unittest.TestCase):
    """Must show 3: what a kill interrupts is neither lost nor told twice; the stream and the back-test agree."""

    def test_a_kill_between_the_events_of_a_window(self):
        folder = tempfile.mkdtemp(prefix="tandem-rules-")
        rules = written(folder, "counted.yml", COUNTED)
        data = tempfile.mkdtemp(prefix="tandem-data-")
        hosts = [f"h{n}" for n in range(20)]
        server = harness.Server("--rules", rules, "--no-builtin-rules", data_dir=data)
        for round_number in range(3):
            # One of the three that each window needs, then a kill at a moment of its own.
            syslog(server, [(host, "app", f"count {round_number}") for host in hosts])
            wanted = len(hosts) * (round_number + 1)
            harness.eventually(lambda: server.sql("SELECT count(*) AS n FROM logs WHERE body LIKE 'count %'")[0]["n"] == wanted)
            if round_number == 1:
                harness.eventually(lambda: get(server, "/api/v1/detection")["behind"] == 0)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            server.stop()
            server = harness.Server("--rules", rules, "--no-builtin-rules", data_dir=data)
        self.addCleanup(server.stop)
        raised = harness.eventually(lambda: len(alerts(server)) >= len(hosts) and alerts(server))
        self.assertEqual(sorted(row["entity"] for row in raised), sorted(f"host:{host}" for host in hosts))
        self.assertEqual({row["events"] for row in raised}, {3})
        done = server.command("rules", "backtest", rules, "--from", "now-1h", "--json")
        hunted = json.loads(done.stdout)
        self.assertEqual(hunted["alerts"], len(hosts))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        server.stop()
        server = harness.Server("--rules", rules, "--no-builtin-rules", data_dir=data)
        self.addCleanup(server.stop)
        harness.eventually(lambda: get(server, "/api/v1/detection")["behind"] == 0)
        self.assertEqual(len(alerts(server)), len(hosts))


class Broken(unittest.TestCase):
    """A broken rule stops none of the others; a channel that hangs does not delay detection."""

    def test_a_broken_rule_and_a_channel_that_hangs(self):
        folder = tempfile.mkdtemp(prefix="tandem-rules-")
        written(folder, "storm.yml", STORM)
        written(folder, "broken.yml", STORM.replace("|contains", "|contians").replace("5d1f", "6d1f"))
        written(folder, "explodes.yml", STORM.replace("|contains: the roof is on fire", "|re: '(a*)*b(?=c)'").replace("5d1f", "7d1f"))
        hanging = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(hanging.close)
        config = written(tempfile.mkdtemp(), "tandem.toml",
                         "[notify]\nallow_private = true\n[[notify.channels]]\nname = \"chat\"\nkind = \"slack\"\n"
                         f"url = \"http://127.0.0.1:{hanging.getsockname()[1]}/\"\n")
        server = harness.Server("--config", config, "--rules", folder, "--no-builtin-rules")
        self.addCleanup(server.stop)
        refused = get(server, "/api/v1/rules")["refused"]
        self.assertEqual(len(refused), 2, refused)
        broken = next(line for line in refused if "broken.yml" in line)
        self.assertRegex(broken, r"broken\.yml:\d+:\d+")
        self.assertIn("contians", broken)
        for n in range(5):
            syslog(server, [(f"h{n}", "kernel", "the roof is on fire")])
            harness.eventually(lambda: len(alerts(server, title="Storm")) == n + 1, seconds=5)


if __name__ == "__main__":
    unittest.main()
