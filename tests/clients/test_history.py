"""What ran at a time and runs no more, whose it was before a hand-over, and clocks that are wrong."""

import json
import os
import time

import harness
import telemetry
from telemetry import SECOND

# What is noted of telemetry is written down every ten seconds.
WRITTEN_SECONDS = 25
MINUTE = 60 * SECOND
DIGEST = "sha256:" + "5b" * 32
CONTAINER = "c0ffee" + "0" * 58
TRACE = "0af7651916cd43dd8448eb211c80319c"
AHEAD_SECONDS = 300


def rfc3339(nanoseconds):
    seconds, rest = divmod(nanoseconds, SECOND)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:09}Z"


def process(service, instance, **more):
    return {
        "service.name": service,
        "service.namespace": "shop",
        "service.instance.id": instance,
        "service.version": "2.0.1",
        "host.name": "node-7",
        **more,
    }


class ShortLives(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # All of it at once, so that all tests wait for the same ten seconds.
        cls.send_process()
        cls.send_entity_events()
        cls.send_clocks()

    @classmethod
    def send_process(cls):
        # Within one minute of the clock, where nothing but the process itself tells when it began.
        cls.born = (time.time_ns() - 58 * MINUTE) // MINUTE * MINUTE + 5 * SECOND
        died = cls.born + 40 * SECOND
        resource = process("resize", "7f3a", **{
            "container.id": CONTAINER,
            "container.image.name": "registry.example/resize",
            "container.image.repo_digests": [f"registry.example/resize@{DIGEST}"],
        })
        telemetry.send_logs(cls.server, resource, [(cls.born, "started", {}), (died, "done", {})])
        telemetry.send_spans(cls.server, resource, [(cls.born + 20 * SECOND, "resize", TRACE, "b7ad6b7169203331")])
        telemetry.send_gauge(cls.server, resource, "resize.pictures", [(died, 3)])

    @classmethod
    def send_entity_events(cls):
        cls.told_born = time.time_ns() - 50 * MINUTE
        cls.told_died = cls.told_born + 40 * SECOND

        def event(name):
            told = {
                "entity.type": "service.instance",
                "entity.id": {"service.instance.id": "9c1e"},
                "entity.description": {"service.name": "mail", "service.namespace": "shop"},
                "entity.report.interval": 600,
            }
            return {"eventName": name, "attributes": telemetry.attributes(told)}

        # By the process itself: that it sends is no sign of life when what it sends is its end.
        events = [(cls.told_born, "", event("entity.state")), (cls.told_died, "", event("entity.delete"))]
        telemetry.send_logs(cls.server, process("mail", "9c1e"), events)

    @classmethod
    def send_clocks(cls):
        ahead = time.time_ns() + AHEAD_SECONDS * SECOND
        clock = {"service.name": "clock"}
        telemetry.send_logs(cls.server, {**clock, "host.name": "fast-clock"}, [(ahead, "from the future", {})])
        telemetry.send_logs(cls.server, {**clock, "host.name": "right-clock"}, [(time.time_ns(), "from now", {})])

    def running(self, at, kind="service.instance"):
        done = self.server.command("inventory", "running", "--kind", kind, "--at", at, "--json")
        return {row["name"] for row in json.loads(done.stdout)["rows"]}

    def written(self, entity, at):
        wanted = f"SELECT 1 FROM entities_at('{at}') WHERE entity = '{entity}'"
        harness.eventually(lambda: self.server.sql(wanted), WRITTEN_SECONDS)

    def related(self, kind, entity, at):
        sql = f"SELECT kind, to_kind, to_entity FROM relations_at('{at}') WHERE from_kind = '{kind}' AND from_entity = '{entity}'"
        return {(row["kind"], row["to_kind"], row["to_entity"]) for row in self.server.sql(sql)}

    def test_a_process_that_ran_for_forty_seconds(self):
        born = self.born
        instance, at = "shop/resize/7f3a", rfc3339(born + 30 * SECOND)
        self.written(instance, at)

        self.assertIn(instance, self.running(at))
        self.assertNotIn(instance, self.running("now"))
        self.assertNotIn(instance, self.running(rfc3339(born - SECOND)))
        there = f"WHERE kind = 'service.instance' AND entity = '{instance}'"
        self.assertEqual(len(self.server.sql(f"SELECT * FROM entities_at('{at}') {there}")), 1)
        self.assertEqual(self.server.sql(f"SELECT * FROM entities {there}"), [])
        self.assertIn(CONTAINER, self.running(at, "container"))
        self.assertNotIn(CONTAINER, self.running("now", "container"))

        of_instance = self.related("service.instance", instance, at)
        self.assertLessEqual(
            {("part_of", "service", "shop/resize"), ("runs_on", "host", "node-7"), ("runs_in", "container", CONTAINER)},
            of_instance,
        )
        image = ("uses_image", "container.image", f"registry.example/resize@{DIGEST}")
        self.assertLessEqual({image, ("runs_on", "host", "node-7")}, self.related("container", CONTAINER, at))
        self.assertEqual(self.related("service.instance", instance, "2020-01-01T00:00:00Z"), set())
        now = f"SELECT * FROM relations WHERE from_entity IN ('{instance}', '{CONTAINER}')"
        self.assertEqual(self.server.sql(now), [])
        self.sent(at, instance)

    def sent(self, at, instance):
        """The telemetry that it sent is found from the instance."""
        found = {}
        for table, text in (("logs", "body"), ("spans", "name"), ("metrics", "name")):
            sql = f"""
                SELECT t.text FROM entities_at('{at}') e JOIN
                  (SELECT {text} AS text, timestamp, resource_attributes['service.namespace'] || '/' || service_name
                   || '/' || resource_attributes['service.instance.id'] AS instance FROM {table}) t
                ON t.instance = e.entity
                WHERE e.kind = 'service.instance' AND e.entity = '{instance}' ORDER BY t.timestamp"""
            found[table] = [row["text"] for row in self.server.sql(sql)]
        self.assertEqual(found, {"logs": ["started", "done"], "spans": ["resize"], "metrics": ["resize.pictures"]})

    def test_an_end_that_is_told_counts_at_once(self):
        born, died = self.told_born, self.told_died
        instance, during = "shop/mail/9c1e", rfc3339(born + 30 * SECOND)
        self.written(instance, during)
        self.assertIn(instance, self.running(during))
        # Without the end it would have been there for half an hour.
        for gone in (rfc3339(died), rfc3339(died + SECOND), rfc3339(died + 10 * MINUTE), "now"):
            self.assertNotIn(instance, self.running(gone), gone)
        rows = self.server.sql(f"SELECT entity FROM entities_at('{rfc3339(died + SECOND)}') WHERE entity = '{instance}'")
        self.assertEqual(rows, [])

    def test_a_clock_that_is_ahead(self):
        def offset():
            clock = "attributes['clock.offset'] AS offset"
            rows = self.server.sql(f"SELECT {clock} FROM entities WHERE kind = 'host' AND entity = 'fast-clock'")
            return rows and rows[0]["offset"] and float(rows[0]["offset"])

        told = harness.eventually(offset, WRITTEN_SECONDS)
        self.assertAlmostEqual(told, AHEAD_SECONDS, delta=15)
        status, body = self.server.request("GET", "/api/v1/clocks")
        self.assertEqual(status, 200)
        clocks = {clock["host"]: clock["offset_seconds"] for clock in json.loads(body)["rows"]}
        self.assertAlmostEqual(clocks["fast-clock"], AHEAD_SECONDS, delta=15)
        self.assertNotIn("right-clock", clocks)


class Owners(harness.TestCase):
    """Times lie in the past, so that they are the same whenever the test runs."""

    def owner(self, entity, **when):
        flags = [part for name, at in when.items() for part in (f"--{name}", at)]
        return json.loads(self.server.command("owner", entity, *flags, "--json").stdout)["owners"]

    def write(self, name, text):
        path = os.path.join(self.server.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def hand_over(self, entity, team, at):
        self.server.command("owner", "set", entity, team, "--reason", "the team was split", "--at", at)

    def test_before_and_after_a_hand_over(self):
        entity = "service:shop/cart"
        self.hand_over(entity, "platform", "2026-01-10T00:00:00Z")
        between = rfc3339(time.time_ns())
        self.hand_over(entity, "payments", "2026-06-01T00:00:00Z")

        def names(**when):
            return [(owner["owner"], owner["origin"], owner["since"][:10]) for owner in self.owner(entity, **when)]

        self.assertEqual(names(at="2026-01-09T23:59:59Z"), [])
        self.assertEqual(names(at="2026-05-31T23:59:59Z"), [("platform", "manual", "2026-01-10")])
        self.assertEqual(names(at="2026-06-01T00:00:00Z"), [("payments", "manual", "2026-06-01")])
        # As it was known before the second hand-over was written down.
        self.assertEqual(names(at="2026-07-01T00:00:00Z", known=between), [("platform", "manual", "2026-01-10")])
        self.assertEqual(names(at="2026-07-01T00:00:00Z", known="2026-01-01T00:00:00Z"), [])
        for at, known, owner in (
            ("2026-05-31T23:59:59Z", "now()", "platform"),
            ("2026-07-01T00:00:00Z", "now()", "payments"),
            ("2026-07-01T00:00:00Z", f"'{between}'", "platform"),
        ):
            sql = f"SELECT owner FROM owners_at('{at}', {known}) WHERE entity_kind = 'service' AND entity = 'shop/cart'"
            self.assertEqual(self.server.sql(sql), [{"owner": owner}], (at, known))

        path = f"/api/v1/owners/history?entity={entity}&from=2026-05-01T00:00:00Z&to=2026-07-01T00:00:00Z"
        status, body = self.server.request("GET", path)
        self.assertEqual(status, 200, body)
        history = json.loads(body)
        text = json.dumps(history)
        self.assertIn("platform", text)
        self.assertIn("payments", text)
        decided = self.server.sql("SELECT owner, reason FROM decisions WHERE kind = 'hand_over' AND entity = 'shop/cart' ORDER BY at")
        self.assertEqual([row["owner"] for row in decided], ["platform", "payments"])
        self.assertEqual(decided[0]["reason"], "the team was split")

    def test_conflicts_are_kept_and_shown(self):
        for name, owner in (("a", "payments"), ("b", "logistics")):
            text = f"kind: Component\napiVersion: backstage.io/v1alpha1\nmetadata: {{name: parcel}}\nspec: {{type: service, owner: {owner}}}\n"
            body = text.encode()
            status, answer = self.server.request("POST", f"/api/v1/import/catalog?name={name}.yaml&dataset={name}", body)
            self.assertEqual(status, 200, answer)
        (owner,) = self.owner("service:parcel")
        self.assertEqual({owner["owner"], *owner["conflicts"]}, {"payments", "logistics"})
        self.assertIn("too", owner["reason"])
        rows = self.server.sql("SELECT conflict, reason FROM owners WHERE entity = 'parcel'")
        self.assertEqual([row["conflict"] for row in rows], [1])
        self.hand_over("service:parcel", "logistics", "now")
        (owner,) = self.owner("service:parcel")
        self.assertEqual((owner["owner"], owner["origin"], owner["conflicts"]), ("logistics", "manual", []))

    def test_precedence_with_reasons(self):
        entity, repository = "service:search", "repository:github.com/acme/search"
        now = time.time_ns()
        said = {
            "origin": "kubernetes",
            "observations": [{
                "about": {"relation": {
                    "kind": "owned_by", "from": {"kind": "service", "key": "search"}, "to": {"kind": "team", "key": "cluster"},
                }},
                "at": now - SECOND,
            }],
        }
        self.server.post_json("/api/v1/facts", said)
        (owner,) = self.owner(entity)
        self.assertEqual((owner["owner"], owner["origin"]), ("cluster", "kubernetes"))
        owners = self.write("CODEOWNERS", "* @acme/finders\n")
        self.server.command("import", "codeowners", owners, "--subject", repository)
        (owner,) = self.owner(repository)
        self.assertEqual((owner["owner"], owner["origin"]), ("finders", "codeowners"))
        catalog = self.write("catalog-info.yaml", "\n".join((
            "apiVersion: backstage.io/v1alpha1",
            "kind: Component",
            "metadata: {name: search, annotations: {github.com/project-slug: acme/search}}",
            "spec: {type: service, owner: discovery}",
        )))
        self.server.command("import", "catalog", catalog)
        (owner,) = self.owner(entity)
        self.assertEqual((owner["owner"], owner["origin"]), ("discovery", "catalog"))
        self.assertEqual(owner["overruled"], [{"origin": "kubernetes", "owner": "cluster"}])
        self.assertIn("kubernetes says cluster, which counts less", owner["reason"])
        self.hand_over(entity, "search-team", "now")
        (owner,) = self.owner(entity)
        self.assertEqual((owner["owner"], owner["origin"]), ("search-team", "manual"))
        self.assertEqual({one["owner"] for one in owner["overruled"]}, {"discovery", "cluster"})
        # What nobody claims belongs to whom the thing belongs to that it is part of.
        instance = "service.instance:search/1"
        part = {
            "about": {"relation": {
                "kind": "part_of", "from": {"kind": "service.instance", "key": "search/1"},
                "to": {"kind": "service", "key": "search"},
            }},
            "at": now,
        }
        self.server.post_json("/api/v1/facts", {"origin": "scan", "observations": [part]})
        (owner,) = self.owner(instance)
        self.assertEqual((owner["owner"], owner["via"]), ("search-team", entity))


if __name__ == "__main__":
    harness.main()
