"""Documents that are wrong: file, line and reason are told, nothing of them is kept, and what was there stays."""

import gzip
import json
import os
import time

import harness

CATALOG = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: basket}
spec: {type: service, owner: payments}
"""
BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"type": "container", "name": "shop", "version": "1"}}}
REPOSITORY = ("--subject", "repository:github.com/acme/shop")
BIG_BILL = 10_000
# What the issue promises.
BIG_BILL_SECONDS = 2


def bill(components, **more):
    return json.dumps({**BILL, "components": components, **more}, indent=1)


def component(name, version="1.0.0"):
    return {"type": "library", "name": name, "version": version, "purl": f"pkg:npm/{name}@{version}"}


def pod(name, image="registry.example/shop:1"):
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}"},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": image}]},
        "status": {"phase": "Running"},
    }


class Imports(harness.TestCase):
    def write(self, name, text):
        folder = os.path.join(self.server.work, self.id().rsplit(".", 1)[-1])
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def kept(self):
        """All that is kept; the telemetry of the server itself comes and goes."""
        sql = "SELECT count(*) AS n FROM observations WHERE origin NOT IN ('telemetry', 'agent')"
        return self.server.sql(sql)[0]["n"]

    def good(self, *arguments):
        done = self.server.command("import", *arguments, "--json")
        return json.loads(done.stdout)

    def refused(self, *arguments, line=None, reason):
        """The document is refused as wrong use, with its place, and nothing changes."""
        before, relations = self.kept(), self.server.sql("SELECT count(*) AS n FROM relations WHERE origin <> 'telemetry'")
        done = self.server.command("import", *arguments, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        path = next(argument for argument in arguments if os.sep in argument and os.path.exists(argument))
        place = path if line is None else f"{path}:{line}"
        self.assertIn(place, done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertEqual(self.kept(), before, "something of it was kept")
        self.assertEqual(self.server.sql("SELECT count(*) AS n FROM relations WHERE origin <> 'telemetry'"), relations)

    def test_catalogs(self):
        self.good("catalog", self.write("catalog-info.yaml", CATALOG))
        again = f"{CATALOG}---\n{CATALOG.replace('basket', 'wishlist').replace('owner: payments', 'owner: [payments, x]')}"
        self.refused("catalog", self.write("owners.yaml", again), line=9, reason="owner")
        self.refused("catalog", self.write("broken.yaml", f"{CATALOG}---\nkind: [Component\n"), line=7, reason="")
        nameless = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  title: x\nspec: {type: service}\n"
        self.refused("catalog", self.write("nameless.yaml", nameless), line=4, reason="name")
        self.refused("catalog", self.write("deep.yaml", "a: " + "[" * 200 + "]" * 200), line=1, reason="")
        large = b"# " + b"x" * (8 << 20) + b"\n" + CATALOG.encode()
        self.refused("catalog", self.write("large.yaml", large), reason="8")
        owner = self.server.sql("SELECT owner FROM owners WHERE entity_kind = 'service' AND entity = 'basket'")
        self.assertEqual(owner, [{"owner": "payments"}])
        self.assertEqual(self.server.sql("SELECT 1 FROM entities WHERE entity = 'wishlist'"), [])

    def test_bills_of_materials(self):
        first = self.write("shop.cdx.json", bill([component("left"), component("right")]))
        self.good("cyclonedx", first)
        has = "SELECT to_entity FROM relations WHERE kind = 'has' AND from_entity LIKE 'shop%' ORDER BY to_entity"
        before = self.server.sql(has)
        self.assertEqual([row["to_entity"] for row in before], ["pkg:npm/left@1.0.0", "pkg:npm/right@1.0.0"])
        text = bill([component("left"), {"type": "library", "version": "1"}])
        # What is missing is missed where the component ends.
        line = 1 + text[: text.rindex("}", 0, text.rindex("]"))].count("\n")
        self.refused("cyclonedx", self.write("nameless.cdx.json", text), line=line, reason="name")
        cut = bill([component("up")])[:-20]
        self.refused("cyclonedx", self.write("cut.cdx.json", cut), line=1 + cut.count("\n"), reason="EOF")
        wrong = bill({"left": 1})
        line = 1 + wrong[: wrong.index('"left"')].count("\n")
        self.refused("cyclonedx", self.write("wrong.cdx.json", wrong), line=line, reason="expected a list")
        self.refused("cyclonedx", self.write("kind.json", json.dumps({"spdxVersion": "SPDX-2.3"})), reason="bomFormat")
        self.assertEqual(self.server.sql(has), before)

    def test_a_large_bill_of_materials(self):
        components = [component(f"package-{number}", f"1.{number % 50}.{number % 7}") for number in range(BIG_BILL)]
        more = {"metadata": {"component": {"type": "container", "name": "large", "version": "1"}}}
        path = self.write("large.cdx.json", bill(components, **more))
        started = time.monotonic()
        answer = self.good("cyclonedx", path)
        took = time.monotonic() - started
        print(f"a bill of {BIG_BILL} components took {took:.2f} s")
        self.assertGreaterEqual(answer["facts"], BIG_BILL)
        sql = "SELECT count(*) AS n FROM relations WHERE kind = 'has' AND from_kind = 'container.image' AND from_entity LIKE 'large%'"
        self.assertEqual(self.server.sql(sql), [{"n": BIG_BILL}])
        started = time.monotonic()
        again = self.good("cyclonedx", path)
        print(f"the same again took {time.monotonic() - started:.2f} s")
        self.assertEqual(self.server.sql(sql), [{"n": BIG_BILL}])
        self.assertIn("new", again)
        self.assertLess(took, BIG_BILL_SECONDS)

    def test_codeowners(self):
        self.good("codeowners", self.write("CODEOWNERS", "* @acme/shop\n/api/ @acme/api\n"), *REPOSITORY)
        self.refused("codeowners", self.write("none", "* @acme/shop\n"), reason="subject")
        long = f"* @acme/shop\n/x @acme/x\n/{'y' * 9000} @acme/y\n"
        self.refused("codeowners", self.write("long", long), *REPOSITORY, line=3, reason="8")
        self.refused("codeowners", self.write("latin", b"* @acme/shop\n/caf\xe9 @acme/x\n"), *REPOSITORY, line=2, reason="UTF-8")
        self.refused("codeowners", self.write("large", "# x\n" * (1 << 20)), *REPOSITORY, reason="3")
        wrong = ("--subject", "shop")
        before = self.kept()
        done = self.server.command("import", "codeowners", self.write("good", "* @acme/x\n"), *wrong, check=False)
        self.assertEqual((done.returncode, self.kept()), (2, before), done.stderr)
        self.assertIn("kind:name", done.stderr)
        sql = "SELECT layer, owner FROM owners WHERE entity = 'github.com/acme/shop' ORDER BY layer"
        wanted = [{"layer": "", "owner": "shop"}, {"layer": "path:/api/", "owner": "api"}]
        self.assertEqual(self.server.sql(sql), wanted)

    def test_kubernetes(self):
        def objects(*items):
            return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1)

        self.good("kubernetes", self.write("pods.json", objects(pod("a"))), "--cluster", "prod")
        there = "SELECT entity FROM entities WHERE kind = 'k8s.pod' ORDER BY entity"
        self.assertEqual(self.server.sql(there), [{"entity": "prod/shop/a"}])
        nameless = objects(pod("b"), {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "shop"}})
        line = nameless[: nameless.rindex('"apiVersion"')].count("\n")
        self.refused("kubernetes", self.write("nameless.json", nameless), "--cluster", "prod", line=line, reason="name")
        self.refused("kubernetes", self.write("cut.json", objects(pod("c"))[:-10]), line=None, reason="")
        self.refused("kubernetes", self.write("yaml.json", "kind: Pod\n"), line=1, reason="")
        deep = '{"kind": "Pod", "metadata": ' + "[" * 300 + "]" * 300 + "}"
        self.refused("kubernetes", self.write("deep.json", deep), line=1, reason="")
        watch = json.dumps({"type": "ADDED", "object": pod("d")}) + "\n" + '{"type": "ADDED", "object": {"kind": 7}}\n'
        self.refused("kubernetes", self.write("watch.json", watch), line=2, reason="expected a string")
        self.assertEqual(self.server.sql(there), [{"entity": "prod/shop/a"}])

    def test_the_wrong_kind_and_what_is_no_document(self):
        done = self.server.command("import", "terraform", self.write("main.tf", "x"), check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("catalog", done.stderr)
        self.refused("auto", self.write("notes.txt", "buy milk\n"), reason="no document")
        self.refused("cyclonedx", self.write("catalog-info.yaml", CATALOG), line=1, reason="")
        self.refused("catalog", self.write("shop.cdx.json", bill([])), reason="")
        done = self.server.command("import", "catalog", os.path.join(self.server.work, "missing.yaml"), check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("missing.yaml", done.stderr)
        # One that is refused keeps the others not out.
        good, bad = self.write("good.yaml", CATALOG.replace("basket", "gifts")), self.write("bad.yaml", "kind: [")
        done = self.server.command("import", "catalog", bad, good, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(self.server.sql("SELECT 1 FROM entities WHERE entity = 'gifts'")), 1)

    def test_an_oversized_document(self):
        self.refused("cyclonedx", self.write("huge.cdx.json", b" " * (17 << 20)), reason="16 MiB")
        # What is sent past the command is refused as well.
        before = self.kept()
        headers = {"content-encoding": "gzip"}
        bomb = gzip.compress(b" " * (17 << 20))
        status, answer = self.server.request("POST", "/api/v1/import/cyclonedx?name=bomb", bomb, headers)
        self.assertEqual((status, self.kept()), (413, before), answer)


if __name__ == "__main__":
    harness.main()
