"""One SQL statement says of a real service on this machine: whose it is, its version, its packages, its errors."""

import json
import os
import re
import socket
import subprocess
import time

import harness
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "facts-in-sql.md")
TABLES = "entities observations relations owners changes findings finding_history scans alerts incidents controls verdicts answers exceptions lockdowns decisions audit".split()
SERVICE = "sample-checkout"
OWNER = "payments"
CATALOG = f"""apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {SERVICE}, title: Checkout}}
spec: {{type: service, lifecycle: production, owner: "group:default/{OWNER}"}}
"""
# Requests that each version answers, and how many of them with an error.
VERSIONS = {"1.4.0": (12, 1), "1.5.0": (28, 7)}
# What is noted of telemetry is written down every ten seconds.
WRITTEN_SECONDS = 25


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def statements(text):
    """The indented blocks of a page, each a statement."""
    blocks = re.findall(r"(?:^    .*\n?(?:^\n(?=    ))?)+", text, re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"\n\n", block)]
    return ["\n".join(line[4:] for line in part.splitlines()) for part in parts if part.strip()]


def described():
    """Columns of each table with their types, as the page lists them."""
    tables, names = {}, []
    part = page().split("## Tables")[1].split("\n## ")[0]
    for line in part.splitlines():
        if line.startswith("`"):
            names = [name for name in re.findall(r"`(\w+)`", line.split(":")[0]) if name in TABLES]
            # What several tables have in common is listed before what one of them has beside it.
            for name in names:
                tables.setdefault(name, [])
        elif line.startswith("| `"):
            columns, kind = (cell.strip() for cell in line.split("|")[1:3])
            for name in names:
                tables[name] += [(column, kind.removeprefix("JSON ")) for column in re.findall(r"`(\w+)`", columns)]
    return tables


class Sample:
    """A service with the real SDK: spans, logs, metrics."""

    def __init__(self, server, version, instance):
        resource = Resource.create({
            "service.name": SERVICE,
            "service.version": version,
            "service.instance.id": instance,
            "host.name": socket.gethostname(),
            "deployment.environment.name": "production",
        })
        url = f"{server.otlp_http}/v1"
        self.tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.tracing.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/traces")))
        self.logging = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self.logging.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/logs")))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{url}/metrics"), 3_600_000)
        self.metering = MeterProvider(resource=resource, metric_readers=[reader], shutdown_on_exit=False)

    def serve(self, requests, errors):
        tracer, logger = self.tracing.get_tracer("sample"), self.logging.get_logger("sample")
        served = self.metering.get_meter("sample").create_counter("sample.requests")
        for number in range(requests):
            with tracer.start_as_current_span("GET /checkout", kind=SpanKind.SERVER) as span:
                # A failed call within a request is no failed request.
                with tracer.start_as_current_span("GET /stock", kind=SpanKind.CLIENT) as inner:
                    inner.set_status(Status(StatusCode.ERROR))
                if number < errors:
                    span.set_status(Status(StatusCode.ERROR, "out of stock"))
                    logger.emit(LogRecord(
                        timestamp=time.time_ns(), severity_number=SeverityNumber.ERROR, severity_text="ERROR",
                        body="checkout failed",
                    ))
            served.add(1)
        for provider in (self.tracing, self.logging, self.metering):
            provider.shutdown()


def installed():
    """What this machine's own tool says is installed."""
    form = "${db:Status-Status} ${Package} ${Version}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    return {line.removeprefix("installed ") for line in listed.splitlines() if line.startswith("installed ")}


class OneStatement(harness.TestCase):
    server_watches = True

    def test_everything_about_a_service(self):
        catalog = os.path.join(self.server.work, "catalog-info.yaml")
        with open(catalog, "w", encoding="utf-8") as file:
            file.write(CATALOG)
        self.server.command("import", "catalog", catalog)
        for number, (version, (requests, errors)) in enumerate(VERSIONS.items()):
            Sample(self.server, version, f"instance-{number}").serve(requests, errors)
        told = f"SELECT version FROM changes WHERE entity = '{SERVICE}' AND kind = 'deployment' ORDER BY at"
        versions = [{"version": version} for version in VERSIONS]
        harness.eventually(lambda: self.server.sql(told) == versions, WRITTEN_SECONDS)
        statement = statements(page().split("## Everything about a service")[1])[0]
        self.assertIn("error_rate", statement)
        started = time.monotonic()
        rows = [row for row in self.server.sql(statement) if row["service"] == SERVICE]
        print(f"the statement took {(time.monotonic() - started) * 1000:.0f} ms")
        self.assertEqual(len(rows), 1, rows)
        row = rows[0]
        requests = sum(requests for requests, _ in VERSIONS.values())
        errors = sum(errors for _, errors in VERSIONS.values())
        self.assertEqual((row["owner"], row["version"]), (OWNER, list(VERSIONS)[-1]))
        self.assertEqual(row["host"], socket.gethostname())
        self.assertEqual((row["requests"], row["error_rate"]), (requests, errors / requests))
        packages = row["packages"]
        if isinstance(packages, str):
            packages = json.loads(packages)
        self.assertEqual(set(packages), installed())
        self.assertGreater(len(packages), 50)
        self.errors_by_owner(errors)

    def errors_by_owner(self, errors):
        statement = next(one for one in statements(page()) if "sum(f.errors)" in one)
        owners = {row["owner"]: row["errors"] for row in self.server.sql(statement)}
        self.assertEqual(owners[OWNER], errors)

    def test_every_statement_of_the_page_runs(self):
        found = statements(page())
        self.assertGreater(len(found), 12)
        for statement in found:
            with self.subTest(statement=statement):
                self.server.sql(statement)
        for table in TABLES:
            self.assertTrue(any(f"{table}_at(" in statement for statement in found), table)

    def test_every_column_is_on_the_page(self):
        tables = described()
        self.assertEqual(sorted(tables), sorted(TABLES))
        for table, columns in tables.items():
            body = {"sql": f"SELECT * FROM {table} LIMIT 0", "format": "json"}
            answer = json.loads(self.server.post_json("/api/v1/sql", body))
            self.assertEqual(columns, [(column["name"], column["type"]) for column in answer["columns"]], table)


if __name__ == "__main__":
    harness.main()
