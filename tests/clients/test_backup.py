"""A backup while rows come in, restored as another user: nothing of the backup's point is missing."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time

import harness

# `nobody` on Debian; only used when the tests run as root, which ignores permissions.
OTHER_USER = 65534
BATCH = 200
DIGEST = """
SELECT count(*) AS n, count(DISTINCT attributes['n']) AS ids, min(CAST(attributes['n'] AS BIGINT)) AS first,
       max(CAST(attributes['n'] AS BIGINT)) AS last,
       count(*) FILTER (WHERE body IS DISTINCT FROM concat('row ', attributes['n'], ' of the backup')) AS wrong
FROM logs WHERE service_name = 'backup' AND CAST(attributes['n'] AS BIGINT) < {end}
"""


class Sender(threading.Thread):
    """Sends rows numbered from 0 until it is stopped; `acknowledged` of them are safe, and after each batch a decision
    about them, `decided` of which are."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.acknowledged, self.decided = server, 0, 0
        self.done, self.error = threading.Event(), None

    def run(self):
        try:
            while not self.done.is_set():
                numbers = range(self.acknowledged, self.acknowledged + BATCH)
                status, answer = self.server.request(
                    "POST", f"{self.server.otlp_http}/v1/logs", request(numbers), {"content-type": "application/json"}
                )
                if status == 200:
                    self.acknowledged += BATCH
                    self.server.post_json("/api/v1/decisions", decision(self.acknowledged))
                    self.decided += 1
                elif status not in (429, 503):
                    raise RuntimeError(f"answered {status}: {answer}")
        except Exception as error:  # noqa: BLE001 - told by the test
            self.error = error


def request(numbers):
    now = time.time_ns()
    records = [
        {
            "timeUnixNano": str(now + number),
            "body": {"stringValue": f"row {number} of the backup"},
            "attributes": [{"key": "n", "value": {"intValue": str(number)}}],
        }
        for number in numbers
    ]
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "backup"}}]}
    return json.dumps({"resourceLogs": [{"resource": service, "scopeLogs": [{"logRecords": records}]}]}).encode()


def decision(rows):
    return {
        "key": f"rows {rows}",
        "kind": "triage",
        "entity": {"kind": "service", "key": "backup"},
        "reason": "these rows were seen",
        "body": {"rows": rows},
    }


class Backup(harness.TestCase):
    def test_backup_while_ingesting_and_restore_as_another_user(self):
        sender = Sender(self.server)
        sender.start()
        harness.eventually(lambda: sender.acknowledged >= 2_000 or sender.error)
        self.server.post_json("/api/v1/flush", {})
        harness.eventually(lambda: sender.acknowledged >= 6_000 or sender.error)
        before, decided = sender.acknowledged, sender.decided
        target = os.path.join(self.server.work, "backup")
        self.server.command("backup", target, "--data-dir", self.server.data_dir)
        harness.eventually(lambda: sender.acknowledged >= before + 1_000 or sender.error)
        sender.done.set()
        sender.join(harness.ANSWER_SECONDS)
        self.assertIsNone(sender.error)
        digest = DIGEST.format(end=before)
        original = self.server.sql(digest)[0]
        self.assertEqual(original, {"n": before, "ids": before, "first": 0, "last": before - 1, "wrong": 0})
        with self.restored(target) as copy:
            self.assertEqual(copy.sql(digest)[0], original)
            # Beyond the backup's point there may be rows, but no gap and none twice.
            whole = copy.sql(DIGEST.format(end=10**12))[0]
            self.assertEqual((whole["n"], whole["ids"], whole["wrong"]), (whole["last"] + 1, whole["n"], 0))
            # Every decision that was taken before is there, none is missing in between, and each has its rows.
            bodies = [json.loads(row["body"]) for row in copy.sql("SELECT body FROM decisions WHERE kind <> 'control' ORDER BY id")]
            self.assertGreaterEqual(len(bodies), decided)
            self.assertEqual([body["rows"] for body in bodies], [BATCH * (at + 1) for at in range(len(bodies))])
            self.assertLessEqual(bodies[-1]["rows"], whole["n"])

    def restored(self, backup):
        """A server, as another user where we may, on a folder restored by that user."""
        # Not below the folder of the tests: that may be closed to other users.
        home = tempfile.mkdtemp(prefix="tandem-restored-", dir="/tmp")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        data_dir = os.path.join(home, "data")
        program = shutil.copy(harness.binary(), os.path.join(home, "tandem"))
        copy = shutil.copytree(backup, os.path.join(home, "backup"))
        user = OTHER_USER if os.geteuid() == 0 else None
        if user:
            for folder, _, files in os.walk(home):
                for path in (folder, *(os.path.join(folder, name) for name in files)):
                    os.chown(path, user, user)
        command = [program, "restore", copy, "--data-dir", data_dir]
        environment = harness.clean_environment(HOME=home)
        more = harness.as_user(user) if user else {}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=harness.ANSWER_SECONDS, **more
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        if user:
            self.assertEqual(os.stat(data_dir).st_uid, user)
        return harness.Server(data_dir=data_dir, program=program, user=user, environment={"HOME": home})


if __name__ == "__main__":
    harness.main()
