"""Starts the real server for the client tests and asks it questions.

The binary is named by TANDEM_BIN; `cargo xtask test` builds it and sets that.
"""

import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

# Long enough for a busy machine: these only end a hang.
READY_SECONDS = 120
STOP_SECONDS = 60
ANSWER_SECONDS = 120
EVENTUALLY_SECONDS = 30

# What the tests ask their servers with.
API_TOKEN = "clients-0123456789abcdef"

ADDRESS = re.compile(r"^\s*(http|otlp-grpc|otlp-http|syslog):?\s+(?:https?://)?([0-9.]+:[0-9]+)/?\s*$")


def binary():
    path = os.environ.get("TANDEM_BIN")
    if not path:
        raise SystemExit("TANDEM_BIN is not set; run the tests by `cargo xtask test`")
    return path


def clean_environment(**extra):
    """The environment without what would change the server or the clients under test."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TANDEM_", "OTEL_"))}
    kept.pop("http_proxy", None)
    kept.pop("HTTP_PROXY", None)
    kept["NO_PROXY"] = "*"
    kept.update(extra)
    return kept


def as_user(user):
    """Arguments of subprocess that drop every right but this user's; the tests must run as root for it."""
    return {"user": user, "group": user, "extra_groups": [], "cwd": "/"}


class Server:
    """A server on free ports and a data folder of its own."""

    def __init__(self, *arguments, data_dir=None, watch=False, environment=None, program=None, user=None):
        self.work = tempfile.mkdtemp(prefix="tandem-")
        self.data_dir = data_dir or os.path.join(self.work, "data")
        self.log_path = os.path.join(self.work, "server.log")
        self.lines = []
        self.addresses = {}
        self._ready = threading.Event()
        command = [program or binary(), "up", "--data-dir", self.data_dir]
        for name in ("http", "otlp-grpc", "otlp-http", "syslog"):
            command += [f"--{name}-listen", "127.0.0.1:0"]
        if not watch:
            command.append("--no-watch")
        command += arguments
        self.started = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=clean_environment(TANDEM_API_TOKEN=API_TOKEN, **(environment or {})),
                text=True,
                **(as_user(user) if user else {}),
            )
        threading.Thread(target=self._read, daemon=True).start()
        self._ready.wait(READY_SECONDS)
        if "ready" not in (line.strip() for line in self.lines):
            self.stop()
            raise RuntimeError(f"the server did not start: {self.lines}\n{self.log()}")
        self.ready_after = time.monotonic() - self.started

    def _read(self):
        for line in self.process.stdout:
            found = ADDRESS.match(line)
            if found:
                self.addresses[found[1]] = found[2]
            self.lines.append(line)
            if line.strip() == "ready":
                self._ready.set()
        self._ready.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def http(self):
        return f"http://{self.addresses['http']}"

    @property
    def otlp_http(self):
        return f"http://{self.addresses['otlp-http']}"

    def address(self, name):
        host, port = self.addresses[name].rsplit(":", 1)
        return host, int(port)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, keep=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        if not keep:
            shutil.rmtree(self.work, ignore_errors=True)

    def request(self, method, path, body=None, headers=None):
        """Answers (status, body); an HTTP error is an answer too."""
        url = path if path.startswith("http") else self.http + path
        headers = dict(headers or {})
        if not path.startswith("http"):
            headers.setdefault("authorization", f"Bearer {API_TOKEN}")
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def post_json(self, path, value):
        body = json.dumps(value).encode()
        status, answer = self.request("POST", path, body, {"content-type": "application/json"})
        if status != 200:
            raise RuntimeError(f"POST {path} answered {status}: {answer.decode(errors='replace')}")
        return answer

    def sql(self, statement):
        """Runs SQL and answers its rows as dictionaries."""
        answer = json.loads(self.post_json("/api/v1/sql", {"sql": statement, "format": "json"}))
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["rows"]]

    def search(self, query, table="logs", limit=100, **more):
        """Runs a search and answers its rows."""
        body = {"query": query, "table": table, "limit": limit, **more}
        lines = [json.loads(line) for line in self.post_json("/api/v1/search", body).splitlines() if line.strip()]
        return [line["row"] for line in lines if "row" in line]

    def command(self, *arguments, check=True):
        """Runs a client command against this server."""
        environment = clean_environment(TANDEM_URL=self.http, TANDEM_TOKEN=API_TOKEN)
        command = [binary(), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=ANSWER_SECONDS)
        if check and done.returncode != 0:
            raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
        return done


# The tests talk to the loopback, whatever proxy the machine uses.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def eventually(ask, seconds=EVENTUALLY_SECONDS):
    """Asks until the answer is true; for what is sent without an acknowledgement."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s; the last answer was {answer!r}")
        time.sleep(0.05)


def nanoseconds(text):
    """Nanoseconds since 1970 of an RFC 3339 time; Python's own datetime stops at microseconds."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)", text)
    if not found:
        raise AssertionError(f"{text!r} is no RFC 3339 time")
    date, clock, fraction, zone = found.groups()
    moment = datetime.datetime.fromisoformat(f"{date}T{clock}{'+00:00' if zone == 'Z' else zone}")
    whole = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (whole.days * 86_400 + whole.seconds) * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


class TestCase(unittest.TestCase):
    """One server for the tests of a class."""

    maxDiff = None
    server_arguments = ()
    server_watches = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.server_arguments, watch=cls.server_watches)
        cls.addClassCleanup(cls.server.stop)


def main():
    unittest.main(verbosity=2)
