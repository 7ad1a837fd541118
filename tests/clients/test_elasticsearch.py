"""The Elasticsearch client's bulk helper, the handshake of common shippers, and JSON lines."""

import datetime
import json

import harness
from elasticsearch import Elasticsearch, helpers

ZONE = datetime.timezone.utc


def documents(count):
    start = datetime.datetime.now(ZONE).replace(microsecond=123_000)
    for number in range(count):
        yield {
            "@timestamp": (start + datetime.timedelta(milliseconds=number)).isoformat(),
            "message": f"request {number} done in {number * 3} ms",
            "log": {"level": "error" if number % 10 == 0 else "info"},
            "service": {"name": "shop"},
            "host": {"name": "web-1"},
            "trace": {"id": f"{number + 1:032x}"},
            "span": {"id": f"{number + 1:016x}"},
            "number": number,
            "ratio": number / 4,
            "ok": number % 2 == 0,
            "http": {"request": {"method": "GET"}, "response": {"status_code": 200 + number % 3}},
            "tags": ["a", "b"],
        }


class Bulk(harness.TestCase):
    def client(self, path=""):
        client = Elasticsearch(self.server.http + path, request_timeout=harness.ANSWER_SECONDS, max_retries=0)
        self.addCleanup(client.close)
        return client

    def test_bulk_helper(self):
        for path in ("", "/elasticsearch"):
            index = f"logs-shop{path.replace('/', '-')}"
            actions = [{"_op_type": "create", "_index": index, "_source": one} for one in documents(2_500)]
            done, errors = helpers.bulk(self.client(path), actions, chunk_size=1_000)
            self.assertEqual((done, errors), (2_500, []))
            self.check(index)

    def check(self, index):
        where = f"FROM logs WHERE attributes['elasticsearch.index'] = '{index}'"
        rows = self.server.sql(
            "SELECT timestamp, body, severity_number, service_name, trace_id, span_id, source, "
            "attributes['number'] AS number, attributes['ratio'] AS ratio, attributes['ok'] AS ok, "
            "attributes['http.request.method'] AS method, attributes['http.response.status_code'] AS status, "
            f"attributes['tags'] AS tags {where} ORDER BY timestamp"
        )
        self.assertEqual(len(rows), 2_500)
        for number, row in enumerate(rows):
            self.assertEqual(row["body"], f"request {number} done in {number * 3} ms")
            self.assertEqual(row["severity_number"], 17 if number % 10 == 0 else 9)
            self.assertEqual((row["service_name"], row["source"]), ("shop", "elasticsearch"))
            self.assertEqual((row["trace_id"], row["span_id"]), (f"{number + 1:032x}", f"{number + 1:016x}"))
            self.assertEqual((row["number"], float(row["ratio"])), (str(number), number / 4))
            self.assertEqual((row["ok"], row["method"]), ("true" if number % 2 == 0 else "false", "GET"))
            self.assertEqual(row["status"], str(200 + number % 3))
            self.assertEqual(json.loads(row["tags"]), ["a", "b"])
        first, last = (harness.nanoseconds(rows[at]["timestamp"]) for at in (0, -1))
        self.assertEqual(last - first, 2_499 * 1_000_000)

    def test_bad_items_fail_alone(self):
        actions = [
            {"_op_type": "index", "_index": "mixed", "_source": {"message": "good one"}},
            {"_op_type": "update", "_index": "mixed", "_id": "1", "doc": {"message": "never"}},
            {"_op_type": "delete", "_index": "mixed", "_id": "1"},
            {"_op_type": "create", "_index": "mixed", "_source": {"message": "good two"}},
        ]
        done, errors = helpers.bulk(self.client(), actions, raise_on_error=False, raise_on_exception=False)
        self.assertEqual((done, len(errors)), (2, 2))
        found = self.server.sql("SELECT body FROM logs WHERE attributes['elasticsearch.index'] = 'mixed' ORDER BY body")
        self.assertEqual([row["body"] for row in found], ["good one", "good two"])

    def test_handshake(self):
        info = self.client().info()
        self.assertEqual(info["version"]["number"].split(".")[0], "8")
        for path in ("/", "/_license", "/_xpack", "/_cluster/health", "/_nodes/http"):
            for prefix in ("", "/elasticsearch"):
                if path == "/" and not prefix:
                    continue
                status, body = self.server.request("GET", prefix + path)
                self.assertEqual(status, 200, f"{prefix}{path}: {body}")
                json.loads(body)


class JsonLines(harness.TestCase):
    def post(self, path, lines):
        return self.server.request("POST", path, "\n".join(lines).encode(), {"content-type": "application/x-ndjson"})

    def test_mapping_by_query_parameters(self):
        lines = [
            json.dumps({"ts": 1_700_000_000_000 + number, "text": f"line {number}", "lvl": "warn", "app": "cart", "n": number})
            for number in range(100)
        ]
        # Older than the retention would be re-dated, so the times are shifted to today.
        now = int(datetime.datetime.now(ZONE).timestamp() * 1_000) - 1_700_000_000_000
        lines = [json.dumps({**json.loads(one), "ts": json.loads(one)["ts"] + now}) for one in lines]
        status, answer = self.post("/api/v1/ingest/json?message=text&time=ts&level=lvl&service=app", lines)
        self.assertEqual(status, 200, answer)
        rows = self.server.sql(
            "SELECT body, severity_number, attributes['n'] AS n FROM logs WHERE service_name = 'cart' ORDER BY timestamp"
        )
        self.assertEqual([row["body"] for row in rows], [f"line {number}" for number in range(100)])
        self.assertEqual({row["severity_number"] for row in rows}, {13})
        self.assertEqual(rows[7]["n"], "7")

    def test_an_unknown_parameter_is_named(self):
        status, answer = self.post("/api/v1/ingest/json?mesage=text", ['{"text":"x"}'])
        self.assertEqual(status, 400)
        self.assertIn(b"mesage", answer)
        self.assertIn(b"message", answer)

    def test_a_bad_line_is_refused_alone(self):
        lines = ['{"message":"before","service.name":"alone"}', '{"message":', '{"message":"after","service.name":"alone"}']
        status, answer = self.post("/api/v1/ingest/json", lines)
        self.assertEqual(status, 200, answer)
        self.assertIn(b"line 2", answer)
        rows = self.server.sql("SELECT body FROM logs WHERE service_name = 'alone' ORDER BY body")
        self.assertEqual([row["body"] for row in rows], ["after", "before"])

    def test_wide_lines(self):
        wide = {f"key_{number:03}": number if number % 2 else f"value {number}" for number in range(100)}
        lines = [json.dumps({"message": f"wide {number}", "service": "wide", **wide}) for number in range(50)]
        status, answer = self.post("/api/v1/ingest/json", lines)
        self.assertEqual(status, 200, answer)
        rows = self.server.sql("SELECT attributes FROM logs WHERE body LIKE 'wide %'")
        self.assertEqual(len(rows), 50)
        for row in rows:
            kept = json.loads(row["attributes"])
            self.assertEqual({key: kept.get(key) for key in wide}, wide)


if __name__ == "__main__":
    harness.main()
