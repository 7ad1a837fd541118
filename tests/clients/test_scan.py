"""The scanner where developers work: a pre-commit hook, an action and a job of GitLab, each run as its platform would."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import harness
import yaml

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
POD = """apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: registry.example/app:1.0.0
      securityContext:
        privileged: true
"""


class Hooks(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-scan-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree = os.path.join(self.folder, "tree")
        os.mkdir(self.tree)
        self.write("pod.yml", POD)
        # The binary by its name, as it is found where it is installed.
        self.bin = os.path.join(self.folder, "bin")
        os.mkdir(self.bin)
        os.symlink(os.path.abspath(harness.binary()), os.path.join(self.bin, "tandem"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")

    def write(self, name, text):
        with open(os.path.join(self.tree, name), "w", encoding="utf-8") as file:
            file.write(text)

    def environment(self, **extra):
        path = os.pathsep.join([self.bin, os.path.dirname(os.sys.executable), os.environ["PATH"]])
        identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
        return harness.clean_environment(PATH=path, HOME=self.folder, **identity, **extra)

    def run_in(self, folder, *command, **extra):
        done = subprocess.run(command, cwd=folder, env=self.environment(**extra), capture_output=True, text=True, timeout=harness.ANSWER_SECONDS)
        return done.returncode, done.stdout + done.stderr

    def git(self, *arguments):
        code, said = self.run_in(self.tree, "git", *arguments)
        self.assertEqual(code, 0, said)

    def test_pre_commit(self):
        hooks = os.path.join(self.folder, "hooks")
        os.mkdir(hooks)
        shutil.copy(os.path.join(REPOSITORY, ".pre-commit-hooks.yaml"), hooks)
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "hooks"]):
            code, said = self.run_in(hooks, "git", *command)
            self.assertEqual(code, 0, said)
        code, said = self.run_in(self.tree, "pre-commit", "try-repo", hooks, "tandem-scan")
        self.assertEqual(code, 0, said)
        for part in ("kubernetes-privileged-container", "privileged: true", "would have stopped"):
            self.assertIn(part, said)
        self.git("commit", "--quiet", "--message", "a pod", "--no-verify")
        code, said = self.run_in(self.tree, "pre-commit", "try-repo", hooks, "tandem-scan-new")
        self.assertEqual(code, 0, said)
        self.assertNotIn("kubernetes-privileged-container", said, "the last commit has it already")
        configured = {"repos": [{"repo": hooks, "rev": "HEAD", "hooks": [{"id": "tandem-scan", "args": ["--enforce", "high"]}]}]}
        self.write(".pre-commit-config.yaml", yaml.safe_dump(configured))
        code, said = self.run_in(self.tree, "pre-commit", "run", "--all-files")
        self.assertEqual(code, 1, said)
        self.assertIn("stopped", said)

    def action(self, **inputs):
        """Runs the steps as a runner does: expressions are replaced in `env` alone."""
        with open(os.path.join(REPOSITORY, "action.yml"), encoding="utf-8") as file:
            action = yaml.safe_load(file)
        values = {name: inputs.get(name, declared["default"]) for name, declared in action["inputs"].items()}
        files = {name: os.path.join(self.folder, name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for path in files.values():
            with open(path, "w", encoding="utf-8"):
                pass
        said = ""
        for step in action["runs"]["steps"]:
            self.assertNotIn("${{", step["run"])
            extra = {}
            for name, text in step["env"].items():
                for input_name, value in values.items():
                    text = text.replace("${{ inputs.%s }}" % input_name, value)
                text = text.replace("${{ runner.temp }}", self.folder).replace("${{ github.server_url }}", "https://forge.invalid")
                extra[name] = text.replace("${{ github.action_repository }}", "acme/tandem")
                self.assertNotIn("${{", extra[name])
            code, more = self.run_in(self.tree, "bash", "-c", step["run"], RUNNER_TEMP=self.folder, **files, **extra)
            said += more
            if code != 0:
                break
        read = {}
        for name, path in files.items():
            with open(path, encoding="utf-8") as file:
                read[name] = file.read()
        return code, said, read

    def test_action(self):
        code, said, files = self.action()
        self.assertEqual(code, 0, said)
        self.assertIn("::error file=pod.yml,line=9", said)
        self.assertEqual(files["GITHUB_OUTPUT"], "sarif=tandem.sarif\n")
        self.assertIn("| high |", files["GITHUB_STEP_SUMMARY"])
        with open(os.path.join(self.tree, "tandem.sarif"), encoding="utf-8") as file:
            rules = [result["ruleId"] for result in json.load(file)["runs"][0]["results"]]
        self.assertIn("kubernetes-privileged-container", rules)
        code, said, files = self.action(enforce="high")
        self.assertEqual(code, 1, said)
        self.assertEqual(files["GITHUB_OUTPUT"], "sarif=tandem.sarif\n", "the file is there for the upload")
        code, said, _ = self.action(path="$(touch pwned); `touch pwned`")
        self.assertEqual(code, 2, said)
        self.assertFalse(os.path.exists(os.path.join(self.tree, "pwned")))

    def test_action_without_tandem(self):
        os.remove(os.path.join(self.bin, "tandem"))
        code, said, _ = self.action()
        self.assertEqual(code, 2, said)
        self.assertIn("version and sha256", said)

    def test_gitlab(self):
        with open(os.path.join(REPOSITORY, "templates", "tandem-scan.yml"), encoding="utf-8") as file:
            spec, jobs = yaml.safe_load_all(file)
        job = jobs["tandem-scan"]

        def run(enforce):
            extra = {}
            for name, text in job["variables"].items():
                extra[name] = text.replace("$[[ inputs.path ]]", spec["spec"]["inputs"]["path"]["default"]).replace("$[[ inputs.enforce ]]", enforce)
            return self.run_in(self.tree, "sh", "-ec", "\n".join(job["script"]), **extra)

        code, said = run("")
        self.assertEqual(code, 0, said)
        self.assertIn("would have stopped", said)
        with open(os.path.join(self.tree, job["artifacts"]["reports"]["codequality"]), encoding="utf-8") as file:
            report = json.load(file)
        self.assertIn("kubernetes-privileged-container", [issue["check_name"] for issue in report])
        self.assertEqual(run("high")[0], 1)

    def test_our_own_files_are_clean(self):
        folder = os.path.join(self.folder, "own")
        os.mkdir(folder)
        shutil.copy(os.path.join(REPOSITORY, "action.yml"), folder)
        shutil.copy(os.path.join(REPOSITORY, "templates", "tandem-scan.yml"), os.path.join(folder, ".gitlab-ci.yml"))
        code, said = self.run_in(folder, "tandem", "scan", ".", "--enforce", "low")
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
