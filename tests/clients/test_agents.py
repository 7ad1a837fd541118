"""One policy, one page and one enrolment serve a thousand agents."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import random
import tempfile
import time

import harness
import test_inventory

AGENTS = 1_000
CONNECTIONS = 4
SOCKETS, PACKAGES = 5, 50
# How long a host counts as reporting without a word of it; all of them must have come within that.
LEASE = 90 * 1_000_000_000
# These only end a hang: what is fast is measured in release builds, by the benchmark of the ledger.
ALL_SECONDS = 80
ANSWER_SECONDS = 10
DATASET = "fleet"
POLICY = """
[agent_policy]
owner = "@acme/platform"
environment = "production"
excluded_folders = ["/srv/games"]

[agent_policy.intervals]
packages = 1200

[agent_policy.parts]
sensitive = false
"""


def entity(kind, key):
    return {"kind": kind, "key": key}


def report(number):
    """What the agent of a machine tells when it starts."""
    pick, now = random.Random(number), time.time_ns()
    name = f"web-{number:04}"
    host = entity("host", name)

    def related(kind, to, attributes):
        return {"about": {"relation": {"kind": kind, "from": host, "to": to}}, "at": now, "attributes": attributes}

    observations = [{
        "about": {"entity": host}, "at": now, "lease": LEASE,
        "attributes": {"host.name": name, "os.description": "Debian GNU/Linux 12 (bookworm)", "reboot_required": number % 10 == 0},
    }]
    for port in (22, 80, 443, 5432, 9000 + number % 100)[:SOCKETS]:
        address = "127.0.0.1" if port == 5432 else "0.0.0.0"
        said = {"protocol": "tcp", "address": address, "port": port, "exposed": port != 5432, "executable": f"/usr/sbin/d{port}"}
        socket = entity("socket", f"{name}/tcp/{address}:{port}")
        observations.append({"about": {"entity": socket}, "at": now, "attributes": said})
        observations.append(related("listens", socket, said))
    for package in pick.sample(range(400), PACKAGES):
        version = f"1.{package % 7}.{pick.randrange(3)}"
        purl = f"pkg:deb/debian/lib{package}@{version}"
        observations.append(related("has", entity("package", purl), {"name": f"lib{package}", "version": version}))
    complete = [
        {"from": host, "relation": "listens", "at": now, "parts": True}, {"from": host, "relation": "has", "at": now},
    ]
    return {"origin": "agent", "observations": observations, "complete": complete}


class Agents(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        config = os.path.join(folder.name, "tandem.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(POLICY)
        cls.server_arguments = ("--config", config)
        super().setUpClass()
        command = ("token", "create", "agents", "--kind", "ingest", "--dataset", DATASET)
        words = cls.server.command(*command).stdout.split()
        cls.token = next(word for word in words if word.startswith("tdm_"))

    def post(self, numbers):
        """Reports of some machines over one connection; answers what the server said to each."""
        host, port = self.server.address("http")
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        connection, answers = http.client.HTTPConnection(host, port, timeout=harness.ANSWER_SECONDS), []
        with contextlib.closing(connection):
            for number in numbers:
                connection.request("POST", "/api/v1/ingest/facts", json.dumps(report(number)), headers)
                answer = connection.getresponse()
                body = answer.read()
                self.assertEqual(answer.status, 200, (number, body))
                answers.append(json.loads(body))
        return answers

    def timed(self, what, ask):
        started = time.monotonic()
        answer = ask()
        took = time.monotonic() - started
        print(f"{what}: {took * 1000:.0f} ms")
        self.assertLess(took, ANSWER_SECONDS, what)
        return answer

    def get(self, path):
        status, body = self.server.request("GET", path)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def test_a_thousand_agents(self):
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            parts = [range(first, AGENTS, CONNECTIONS) for first in range(CONNECTIONS)]
            answers = [answer for answers in pool.map(self.post, parts) for answer in answers]
        took = time.monotonic() - started
        print(f"\n{AGENTS} agents reported {SOCKETS} sockets and {PACKAGES} packages each in {took:.1f} s")
        self.assertLess(took, ALL_SECONDS)

        page = self.timed("the page of agents", lambda: self.get("/api/v1/agents"))
        self.assertEqual((page["count"], page["reporting"]), (AGENTS, AGENTS))
        self.assertEqual({agent["dataset"] for agent in page["agents"]}, {DATASET})
        self.assertTrue(all(agent["reporting"] for agent in page["agents"]))
        self.assertEqual(sum(agent["reboot_required"] for agent in page["agents"]), AGENTS // 10)
        self.assertEqual(len(answers), AGENTS)
        policies = {json.dumps(answer["policy"], sort_keys=True) for answer in answers}
        self.assertEqual(policies, {json.dumps(page["policy"], sort_keys=True)})
        policy = page["policy"]
        self.assertEqual((policy["owner"], policy["environment"]), ("@acme/platform", "production"))
        self.assertEqual((policy["intervals"]["packages"], policy["intervals"]["accounts"]), (1200, 3600))
        self.assertEqual((policy["parts"]["sensitive"], policy["parts"]["packages"]), (False, True))

        running = self.timed("what runs", lambda: self.get("/api/v1/inventory/running?kind=host"))
        self.assertGreaterEqual(running["count"], AGENTS)
        orphans = self.timed("orphans", lambda: self.get("/api/v1/inventory/orphans?kind=host"))
        self.assertGreaterEqual(orphans["count"], AGENTS)
        sockets = self.timed("exposed sockets", lambda: self.get("/api/v1/inventory/sockets"))
        self.assertEqual(sockets["count"], AGENTS * (SOCKETS - 1))
        surface = self.timed("surface of a month", lambda: self.get("/api/v1/inventory/surface"))
        self.assertTrue(surface["rows"])
        statement = test_inventory.statements(test_inventory.page().split("## Everything about a service")[1])[0]
        self.timed("the statement over everything", lambda: self.server.sql(statement))
        sql = """SELECT attributes['version'] AS version, count(*) AS hosts FROM relations
                 WHERE kind = 'has' AND attributes['name'] = 'lib7' GROUP BY 1"""
        hosts = sum(row["hosts"] for row in self.timed("who has a package", lambda: self.server.sql(sql)))
        wanted = sum(any(name == "lib7" for name in names(number)) for number in range(AGENTS))
        self.assertEqual(hosts, wanted)

    def test_the_token_sends_and_does_nothing_else(self):
        headers = {"authorization": f"Bearer {self.token}"}
        for path in ("/api/v1/agents", "/api/v1/inventory/running"):
            self.assertIn(self.server.request("GET", path, headers=headers)[0], (401, 403), path)
        said = json.dumps({"origin": "manual", "observations": []}).encode()
        headers["content-type"] = "application/json"
        status, answer = self.server.request("POST", "/api/v1/ingest/facts", said, headers)
        self.assertEqual(status, 403, answer)
        cut = {**headers, "authorization": f"Bearer {self.token[:-3]}"}
        self.assertEqual(self.server.request("POST", "/api/v1/ingest/facts", said, cut)[0], 401)


def names(number):
    said = [one["attributes"] for one in report(number)["observations"] if "relation" in one["about"]]
    return [one["name"] for one in said if "name" in one]


if __name__ == "__main__":
    harness.main()
