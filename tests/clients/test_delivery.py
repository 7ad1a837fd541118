"""A month of delivery, told by GitHub, CDEvents and people: the measures are what is reckoned by hand, in any order."""

import hashlib
import hmac
import json
import os
import random
import tempfile
import unittest
import uuid
from urllib.parse import quote

import harness

SECRET = "it-is-signed-with-this"
MONTH = "2024-03"
UNTIL = "2024-03-31T23:59:59Z"
DAYS = 31
MINUTE, HOUR = 60, 3600
SERVICE, TEAM = "checkout", "payments"
CATALOG = f"""apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {SERVICE}, annotations: {{github.com/project-slug: acme/checkout}}}}
spec: {{type: service, owner: {TEAM}}}
"""
REPOSITORY = {"html_url": "https://github.com/acme/checkout", "full_name": "acme/checkout", "default_branch": "main"}
# Orders in which the same month is told.
SEEDS = (1, 20240331)


def at(day, hour, minute=0):
    return f"{MONTH}-{day:02}T{hour:02}:{minute:02}:00Z"


def sha(name):
    return hashlib.sha1(name.encode()).hexdigest()


def push(before, commits, day, hour, minute=0):
    """Commits are (name, time), the newest last."""
    return "push", {
        "ref": "refs/heads/main", "before": sha(before), "after": sha(commits[-1][0]),
        "repository": {**REPOSITORY, "pushed_at": harness.nanoseconds(at(day, hour, minute)) // 10**9},
        "commits": [
            {"id": sha(name), "timestamp": time, "message": "more", "author": {"name": "Ada", "email": "ada@acme.example"}}
            for name, time in commits
        ],
        "sender": {"login": "ada"},
    }


def deployed(number, commit, state, time, **payload):
    return "deployment_status", {
        "repository": REPOSITORY,
        "deployment": {
            "id": number, "sha": sha(commit), "ref": "main", "task": "deploy", "environment": "production",
            "payload": {"service": SERVICE, **payload}, "created_at": time,
        },
        "deployment_status": {"state": state, "environment": "production", "created_at": time},
        "sender": {"login": "ada"},
    }


def cdevent(name, event_id, time, subject, content):
    data = {
        "context": {
            "version": "0.4.1", "id": event_id, "source": "/ci/acme", "type": f"dev.cdevents.{name}.0.2.0", "timestamp": time,
        },
        "subject": {"id": subject, "type": name.split(".")[0], "content": content},
    }
    return {
        "specversion": "1.0", "id": event_id, "source": "/ci/acme", "type": f"dev.cdevents.{name}.0.2.0", "time": time,
        "datacontenttype": "application/json", "data": data,
    }


PRODUCTION = {"environment": {"id": "production"}}
GITHUB = [
    # 11: a1 took 2 h, a2 took 1.5 h.
    push("start", [("a1", at(4, 8)), ("a2", at(4, 8, 30))], 4, 9),
    deployed(11, "a2", "in_progress", at(4, 9, 50)),
    deployed(11, "a2", "success", at(4, 10)),
    # 12: b1 took 1.5 h. It fails: the incident I1 an hour later names no cause, and is over 1.5 h after that.
    push("a2", [("b1", at(6, 10, 30))], 6, 11),
    deployed(12, "b1", "success", at(6, 12)),
    # 13 rolls it back: rework, and it blames 12 again, which failed once all the same.
    deployed(13, "a2", "success", at(6, 14), rollback=True),
    # 14: c1 took 24 h. A pipeline tells of the same five minutes later.
    push("b1", [("c1", at(12, 9))], 12, 9, 10),
    deployed(14, "c1", "success", at(13, 9)),
    # 15, told by hand below: d1 took 4 h.
    push("c1", [("d1", at(20, 6))], 20, 7),
    # What never reached production, and what is not production, counts for nothing.
    deployed(16, "e1", "in_progress", at(21, 9)),
    deployed(16, "e1", "error", at(21, 9, 10)),
]
EVENTS = [
    cdevent("incident.detected", "i1-opened", at(6, 13), "I1", {**PRODUCTION, "service": {"id": SERVICE}}),
    cdevent("incident.resolved", "i1-over", at(6, 14, 30), "I1", {**PRODUCTION, "service": {"id": SERVICE}}),
    cdevent("service.deployed", "d-14", at(13, 9, 5), SERVICE, {**PRODUCTION, "artifactId": f"pkg:oci/checkout@{sha('c1')}"}),
    cdevent("service.deployed", "d-17", at(22, 9), SERVICE, {"environment": {"id": "staging"}, "artifactId": "pkg:oci/checkout@7"}),
]
RECORDED = [
    ["deployment", f"service:{SERVICE}", "--environment", "production", "--at", at(20, 10), "--key", "d-15",
     "--attribute", f"commit={sha('d1')}", "--attribute", "status=success"],
    # It names 15 as its cause two days later, and is over after 6 h.
    ["incident", f"service:{SERVICE}", "--environment", "production", "--at", at(22, 10), "--key", "i2-opened",
     "--attribute", "incident=I2", "--attribute", "action=opened", "--attribute", f"caused_by={sha('d1')}"],
    ["incident", f"service:{SERVICE}", "--environment", "production", "--at", at(22, 16), "--key", "i2-over",
     "--attribute", "incident=I2", "--attribute", "action=resolved"],
]
# Of 5 commits in order: 1.5, 1.5, 2, 4, 24 hours.
TRUTH = {
    "deployment_frequency": (5 / DAYS, 5, DAYS),
    "lead_time_p50": (2 * HOUR, 3, 5),
    "lead_time_p90": (24 * HOUR, 5, 5),
    "change_fail_rate": (2 / 5, 2, 5),
    "failed_deployment_recovery_time": (90 * MINUTE, 1, 2),
    "rework_rate": (1 / 5, 1, 5),
}


HOOKS = "POST /api/v1/hooks/{source}"


class Delivery(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.secret = os.path.join(folder.name, "github-secret")
        with open(self.secret, "w", encoding="utf-8") as file:
            file.write(f"{SECRET}\n")

    def start(self):
        server = harness.Server("--github-secret-file", self.secret)
        self.addCleanup(server.stop)
        path = f"/api/v1/import/catalog?name=catalog-info.yaml&at={quote('2024-01-01T00:00:00Z')}"
        status, answer = server.request("POST", path, CATALOG.encode())
        self.assertEqual(status, 200, answer)
        return server

    def deliver(self, server, event, body, delivery, signature=None):
        body = json.dumps(body).encode()
        good = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json", "x-github-event": event, "x-github-delivery": delivery,
            "x-hub-signature-256": good if signature is None else signature,
            # Whoever delivers has no token: the signature is what counts.
            "authorization": "",
        }
        return server.request("POST", "/api/v1/hooks/github", body, {key: one for key, one in headers.items() if one})

    def told(self, server, told):
        """Tells one thing at its door, and answers the status."""
        door, what = told
        if door == "github":
            return self.deliver(server, *what, str(uuid.uuid4()))[0]
        if door == "event":
            headers = {"content-type": "application/cloudevents+json"}
            return server.request("POST", "/api/v1/events", json.dumps(what).encode(), headers)[0]
        return 200 if server.command("change", "record", *what).returncode == 0 else 500

    def month(self, server):
        status, body = server.request("GET", f"/api/v1/dora?months=1&until={quote(UNTIL)}")
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_a_month_in_any_order(self):
        everything = [("github", one) for one in GITHUB] + [("event", one) for one in EVENTS]
        everything += [("hand", one) for one in RECORDED]
        for seed in SEEDS:
            with self.subTest(seed=seed):
                server = self.start()
                order = random.Random(seed)
                stream = everything + order.sample(everything, len(everything) // 2)
                order.shuffle(stream)
                for told in stream:
                    # What was told already is known by its body.
                    self.assertIn(self.told(server, told), (200, 409), told)
                self.check(server, self.month(server))

    def check(self, server, report):
        for owner, name in (("services", f"service:{SERVICE}"), ("teams", f"team:{TEAM}")):
            (month,) = report[owner].get(name) or report[owner][name.split(":")[1]]
            self.assertEqual((month["month"], month["days"]), (MONTH, DAYS))
            for measure, (value, numerator, denominator) in TRUTH.items():
                found = month[measure]
                self.assertIsNotNone(found["value"], (name, measure, found["missing"]))
                self.assertAlmostEqual(found["value"], value, 9, (name, measure))
                self.assertEqual((found["numerator"], found["denominator"]), (numerator, denominator), (name, measure))
                self.assertTrue(found["ids"], measure)
                listed = ", ".join(str(one) for one in found["ids"])
                rows = server.sql(f"SELECT DISTINCT id FROM changes WHERE id IN ({listed})")
                self.assertEqual(len(rows), len(found["ids"]), "an event that a number comes from cannot be opened")
            for measure in ("security_feedback_p50", "fix_time_p50", "escape_rate"):
                self.assertIsNone(month[measure]["value"], "a number where there is no data")
                self.assertTrue(month[measure]["missing"])
        text = json.dumps(server.sql("SELECT attributes FROM changes"))
        for person in ("ada", "Ada"):
            self.assertNotIn(f'"{person}', text)

    def test_a_replayed_delivery_and_wrong_signatures(self):
        server = self.start()

        def refusals():
            rows = server.sql(f"SELECT detail['why'] AS why FROM audit WHERE action = 'refused' AND object = '{HOOKS}' ORDER BY seq")
            return [row["why"] for row in rows]

        def changes():
            return server.sql("SELECT count(*) AS n FROM changes WHERE origin = 'github'")[0]["n"]

        event, body = GITHUB[2]
        delivery = str(uuid.uuid4())
        self.assertEqual(self.deliver(server, event, body, delivery)[0], 200)
        self.assertEqual((changes(), refusals()), (1, []))
        status, answer = self.deliver(server, event, body, delivery)
        self.assertEqual(status, 409, answer)
        self.assertEqual(len(refusals()), 1)
        self.assertIn("before", refusals()[0])
        # The id of a delivery is not signed: what counts is the body.
        self.assertEqual(self.deliver(server, event, body, str(uuid.uuid4()))[0], 409)
        self.assertEqual(changes(), 1)

        wrong = "sha256=" + hmac.new(b"another", json.dumps(GITHUB[4][1]).encode(), hashlib.sha256).hexdigest()
        unheard = str(uuid.uuid4())
        status, answer = self.deliver(server, *GITHUB[4], unheard, signature=wrong)
        self.assertEqual(status, 401, answer)
        self.assertNotIn(SECRET, answer.decode())
        self.assertEqual(changes(), 1)
        self.assertIn("signed", refusals()[1])
        self.assertEqual(self.deliver(server, *GITHUB[4], unheard, signature="")[0], 401)
        # What was refused by its signature has not used up its name. What is alike within a minute is one entry.
        self.assertEqual(self.deliver(server, *GITHUB[4], unheard)[0], 200)
        self.assertEqual((changes(), len(refusals())), (2, 2))

        entries = json.loads(server.command("audit", "list", "--json").stdout)["entries"]
        refused = [entry for entry in entries if entry["object"] == HOOKS]
        self.assertEqual([entry["action"] for entry in refused], ["refused"] * 2)
        self.assertEqual(server.command("audit", "verify").returncode, 0)
        # Without a secret the door is shut.
        status, _ = server.request("POST", "/api/v1/hooks/gitlab", b"{}", {"content-type": "application/json"})
        self.assertEqual(status, 403)

    def test_events_need_a_token(self):
        server = self.start()
        headers = {"content-type": "application/cloudevents+json", "authorization": "Bearer tdm_wrong"}
        status, _ = server.request("POST", "/api/v1/events", json.dumps(EVENTS[0]).encode(), headers)
        self.assertEqual(status, 401)
        self.assertEqual(server.sql("SELECT count(*) AS n FROM changes"), [{"n": 0}])


if __name__ == "__main__":
    harness.main()
