"""`tandem up` on this machine: ready at once, and its own real records are there within seconds."""

import json
import os
import time

import harness

# What the issue promises.
READY_SECONDS = 2
RECORDS_SECONDS = 10


class Up(harness.TestCase):
    server_watches = True

    def test_ready_and_records(self):
        self.assertLess(self.server.ready_after, READY_SECONDS)
        count = "SELECT count(*) AS n FROM logs"
        left = RECORDS_SECONDS - (time.monotonic() - self.server.started)
        harness.eventually(lambda: self.server.sql(count)[0]["n"] > 0, max(left, 0))
        answer = json.loads(self.server.command("sql", count, "--json").stdout)
        self.assertGreater(answer["rows"][0][0], 0)
        lines = self.server.command("search", "*", "--json").stdout.splitlines()
        self.assertGreater(len(lines), 0)
        for line in lines:
            json.loads(line)

    def test_host_metrics(self):
        sql = "SELECT DISTINCT name FROM metrics WHERE source = 'host'"
        wanted = {"system.cpu.time", "system.memory.usage", "system.network.io", "system.uptime"}
        harness.eventually(lambda: wanted <= {row["name"] for row in self.server.sql(sql)})

    def test_server_file(self):
        with open(os.path.join(self.server.data_dir, "server.json"), encoding="utf-8") as file:
            found = json.load(file)
        self.assertEqual(found["http"], self.server.http)
        self.assertEqual(found["otlp_http"], self.server.otlp_http)
        self.assertEqual(found["pid"], self.server.process.pid)

    def test_the_server_describes_itself(self):
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            status, body = self.server.request("GET", path)
            self.assertEqual(status, 200, path)
            self.assertNotEqual(body, b"")
        status, body = self.server.request("GET", "/api/openapi.json")
        self.assertEqual(status, 200)
        described = json.loads(body)
        self.assertTrue(described["openapi"].startswith("3."))
        for path in ("/api/v1/search", "/api/v1/sql", "/api/v1/tail", "/api/v1/status"):
            self.assertIn(path, described["paths"])


if __name__ == "__main__":
    harness.main()
