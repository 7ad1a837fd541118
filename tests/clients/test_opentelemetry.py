"""The real OpenTelemetry SDK sends logs, traces and metrics by gRPC and by HTTP; every field is found again."""

import base64
import gzip
import json
import time

import grpc
import harness
import protocol
from google.protobuf import json_format
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

# One of each type that an attribute can have.
ATTRIBUTES = {
    "text": "value with \"quotes\", \\ and\nnewline",
    "empty": "",
    "unicode": "naïve 文字 🦀",
    "int": 42,
    "int.big": 2**62 + 1,
    "int.negative": -(2**63),
    "float": 0.1,
    "float.whole": 3.0,
    "float.small": 5e-324,
    "true": True,
    "false": False,
    "texts": ["a", "b"],
    "ints": [1, 2, 3],
    "floats": [1.5, 2.0],
    "bools": [True, False],
    "none": [],
}
# Log records may also nest.
NESTED = {"list": [1, 1.0, "1", True, None, [b"\x00\xff", {}]], "map": {"bytes": b"\x01\x02", "deep": {"er": [{}]}}}
BODIES = ["text", "", "line one\nline two", 7, -1, 1.0, float("inf"), True, b"\x00\x01\xfe", ["a", 1, None], NESTED]


class Tee:
    """An exporter that also remembers the protobuf message of what it sent."""

    def __init__(self, exporter, encode, success):
        self.exporter, self.encode, self.success, self.sent = exporter, encode, success, []

    def export(self, batch, **more):
        # The encoders take what the exporter is about to send.
        self.sent.append(self.encode(batch))
        result = self.exporter.export(batch, **more)
        if result is not self.success:
            raise AssertionError(f"the export answered {result}")
        return result

    def __getattr__(self, name):
        return getattr(self.exporter, name)


def resource(service):
    return Resource(
        {"service.name": service, "service.version": "1.2.3", "host.name": "tester", "process.pid": 4711, **ATTRIBUTES},
        schema_url="https://opentelemetry.io/schemas/1.40.0",
    )


class Exported(harness.TestCase):
    def compare(self, table, service, expected):
        """Every row of the service equals one expected row, and there is no other."""
        found = self.server.sql(f"SELECT * FROM {table} WHERE service_name = '{service}' ORDER BY event_id")
        expected = list(expected)
        self.assertEqual(len(found), len(expected))

        def order(row):
            return row["timestamp"], row.get("name") or "", repr(row.get("span_id")), repr(sorted(row["attributes"].items()))

        found = sorted((protocol.normal(protocol.comparable(row, harness.nanoseconds)) for row in found), key=order)
        expected = sorted((protocol.normal(row) for row in expected), key=order)
        for found_row, expected_row in zip(found, expected, strict=True):
            self.assertEqual(sorted(found_row), sorted(expected_row), "other columns")
            for name in expected_row:
                with self.subTest(table=table, service=service, column=name):
                    self.assertEqual(protocol.typed(found_row[name]), protocol.typed(expected_row[name]))

    def exporters(self, signal):
        """(name, exporter) for each transport."""
        host, port = self.server.address("otlp-grpc")
        grpc_class = {"logs": GrpcLogs, "traces": GrpcSpans, "metrics": GrpcMetrics}[signal]
        http_class = {"logs": HttpLogs, "traces": HttpSpans, "metrics": HttpMetrics}[signal]
        url = f"{self.server.otlp_http}/v1/{signal}"
        more = {}
        if signal == "metrics":
            more["preferred_temporality"] = {Counter: AggregationTemporality.DELTA}
            more["preferred_aggregation"] = {}
        yield "grpc", grpc_class(endpoint=f"{host}:{port}", insecure=True, **more)
        yield "grpc-gzip", grpc_class(
            endpoint=f"{host}:{port}", insecure=True, compression=grpc.Compression.Gzip, **more
        )
        yield "http", http_class(endpoint=url, **more)
        yield "http-gzip", http_class(endpoint=url, compression=Compression.Gzip, **more)


class Logs(Exported):
    def test_every_field(self):
        for name, exporter in self.exporters("logs"):
            service = f"sdk-logs-{name}"
            tee = Tee(exporter, encode_logs, LogRecordExportResult.SUCCESS)
            provider = LoggerProvider(resource=resource(service), shutdown_on_exit=False)
            provider.add_log_record_processor(SimpleLogRecordProcessor(tee))
            logger = provider.get_logger(
                "scope.name", "9.8", schema_url="https://example.test/scope", attributes={"scope.int": 1, "scope.f": 2.5}
            )
            span = SpanContext(0x0123456789ABCDEF0123456789ABCDEF, 0xFEDCBA9876543210, False, TraceFlags(1))
            context = trace.set_span_in_context(NonRecordingSpan(span))
            now = time.time_ns()
            for number, body in enumerate(BODIES):
                logger.emit(LogRecord(
                    timestamp=now + number,
                    observed_timestamp=now + 1_000 + number,
                    context=context if number % 2 else None,
                    severity_text=["INFO", "warning", None][number % 3],
                    severity_number=[SeverityNumber.INFO, SeverityNumber.WARN2, None][number % 3],
                    body=body,
                    attributes={**ATTRIBUTES, "number": number, "nested": NESTED},
                    event_name="something.happened" if number % 4 == 0 else None,
                ))
            provider.shutdown()
            self.assertEqual(len(tee.sent), len(BODIES))
            self.compare("logs", service, (row for sent in tee.sent for row in protocol.log_rows(sent)))

    def test_sql_reads_single_attributes(self):
        # The other test sends these; tests of a class run in the order of their names.
        row = self.server.sql(
            "SELECT attributes['int'] AS i, attributes['float.whole'] AS f, attributes['true'] AS b, "
            "attributes['text'] AS t, attributes['absent'] AS a FROM logs "
            "WHERE service_name = 'sdk-logs-http' AND attributes['number'] = 3"
        )
        self.assertEqual(row, [{"i": "42", "f": "3.0", "b": "true", "t": ATTRIBUTES["text"], "a": None}])


class Traces(Exported):
    def test_every_field(self):
        for name, exporter in self.exporters("traces"):
            service = f"sdk-spans-{name}"
            tee = Tee(exporter, encode_spans, SpanExportResult.SUCCESS)
            limits = SpanLimits(max_span_attributes=20, max_events=3, max_links=2, max_event_attributes=16)
            provider = TracerProvider(resource=resource(service), span_limits=limits, shutdown_on_exit=False)
            provider.add_span_processor(SimpleSpanProcessor(tee))
            tracer = provider.get_tracer("tracer.scope", "0.1", schema_url="https://example.test/t", attributes={"k": "v"})
            self.spans(tracer)
            provider.shutdown()
            rows = [row for sent in tee.sent for row in protocol.span_rows(sent)]
            self.assertEqual(len(rows), 6)
            self.compare("spans", service, rows)
            self.trace_by_id(rows)

    def spans(self, tracer):
        remote = SpanContext(0xABCDEF, 0x1234, True, TraceFlags(1), TraceState([("vendor", "a:b"), ("other", "1")]))
        context = trace.set_span_in_context(NonRecordingSpan(remote))
        start = time.time_ns()
        with tracer.start_as_current_span("parent", context=context, kind=SpanKind.SERVER, attributes=ATTRIBUTES) as span:
            # More than the limits: what the SDK dropped must be found as a count.
            for number in range(5):
                span.set_attribute(f"more.{number}", number)
                span.add_event(f"event {number}", {**ATTRIBUTES, "n": number}, timestamp=start + number)
                linked = SpanContext(0x99 + number, 0x88, number % 2 == 0, TraceFlags(1))
                span.add_link(linked, {"why": "because", "n": number})
            for kind in (SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER):
                links = [Link(remote, ATTRIBUTES)]
                with tracer.start_as_current_span(f"child {kind.name}", kind=kind, links=links) as child:
                    code = StatusCode.OK if kind is SpanKind.CLIENT else StatusCode.ERROR
                    child.set_status(Status(code, None if code is StatusCode.OK else "it broke"))
        root = tracer.start_span("root of another trace", context=trace.set_span_in_context(trace.INVALID_SPAN))
        root.end(end_time=time.time_ns() + 5_000_000_123)

    def trace_by_id(self, rows):
        trace_id = next(row["trace_id"] for row in rows if row["name"] == "parent")
        status, body = self.server.request("GET", f"/api/v1/traces/{trace_id}")
        self.assertEqual(status, 200)
        for row in rows:
            self.assertEqual(row["span_id"].encode() in body, row["trace_id"] == trace_id, row["name"])


class Metrics(Exported):
    def test_every_field(self):
        for name, exporter in self.exporters("metrics"):
            service = f"sdk-metrics-{name}"
            tee = Tee(exporter, encode_metrics, MetricExportResult.SUCCESS)
            reader = PeriodicExportingMetricReader(tee, export_interval_millis=3_600_000)
            exponential = View(instrument_name="latency.exp", aggregation=ExponentialBucketHistogramAggregation())
            provider = MeterProvider(
                [reader], resource(service), AlwaysOnExemplarFilter(), shutdown_on_exit=False, views=[exponential]
            )
            meter = provider.get_meter("meter.scope", "2.0", "https://example.test/m", attributes={"team": "blue"})
            self.record(meter)
            self.assertTrue(provider.force_flush())
            provider.shutdown()
            rows = [row for sent in tee.sent for row in protocol.metric_rows(sent)]
            kinds = {row["kind"] for row in rows}
            self.assertEqual(kinds, {"gauge", "sum", "histogram", "exponential_histogram"})
            self.assertTrue(any(row["exemplars"] for row in rows), "the SDK sent no exemplars")
            self.compare("metrics", service, rows)

    def record(self, meter):
        tracer = TracerProvider(shutdown_on_exit=False).get_tracer("exemplars")
        with tracer.start_as_current_span("traced"):
            for view in ("latency", "latency.exp"):
                histogram = meter.create_histogram(view, "ms", "How long it took")
                for number in (0, 0.25, 1, 3, 1_000, 123_456.75):
                    histogram.record(number, {"route": "/a", "status": 200})
                histogram.record(5, {"route": "/b", "ok": True})
            counter = meter.create_counter("requests", "{request}", "Requests")
            counter.add(3, {"route": "/a"})
            counter.add(2**60 + 1, {"route": "/b"})
            meter.create_counter("bytes", "By").add(1.5)
            meter.create_up_down_counter("open").add(-4, {"pool": "x"})
            meter.create_gauge("temperature", "Cel").set(-3.25, ATTRIBUTES)
            meter.create_gauge("level").set(7)


class WholeProtocol(Exported):
    """What the SDK never sends: by gRPC, and by HTTP as protobuf and as JSON."""

    def send(self, signal, request, service):
        stub, request_class, resources = {
            "logs": (LogsServiceStub, ExportLogsServiceRequest, "resource_logs"),
            "traces": (TraceServiceStub, ExportTraceServiceRequest, "resource_spans"),
            "metrics": (MetricsServiceStub, ExportMetricsServiceRequest, "resource_metrics"),
        }[signal]
        url = f"{self.server.otlp_http}/v1/{signal}"
        for transport in ("grpc", "protobuf", "json"):
            copy = request_class()
            copy.CopyFrom(request)
            for item in getattr(copy, resources):
                item.resource.attributes.add(key="service.name").value.string_value = f"{service}-{transport}"
            if transport == "grpc":
                with grpc.insecure_channel(":".join(map(str, self.server.address("otlp-grpc")))) as channel:
                    stub(channel).Export(copy, timeout=harness.ANSWER_SECONDS)
            elif transport == "protobuf":
                headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
                body = gzip.compress(copy.SerializeToString())
                status, answer = self.server.request("POST", url, body, headers)
                self.assertEqual(status, 200, answer)
            else:
                body = json_format.MessageToJson(copy, use_integers_for_enums=True)
                status, answer = self.server.request("POST", url, otlp_json(body), {"content-type": "application/json"})
                self.assertEqual(status, 200, answer)
            yield f"{service}-{transport}", copy

    def test_metrics(self):
        request = ExportMetricsServiceRequest()
        resource_metrics = request.resource_metrics.add(schema_url="https://example.test/r")
        resource_metrics.resource.dropped_attributes_count = 3
        scope = resource_metrics.scope_metrics.add(schema_url="https://example.test/s")
        scope.scope.name, scope.scope.version, scope.scope.dropped_attributes_count = "hand", "made", 2
        now = time.time_ns()
        metric = scope.metrics.add(name="summary", description="A summary", unit="s")
        metric.metadata.add(key="origin").value.string_value = "elsewhere"
        point = metric.summary.data_points.add(time_unix_nano=now, start_time_unix_nano=now - 10, count=9, sum=4.5, flags=1)
        for quantile in (0.0, 0.5, 0.99, 1.0):
            point.quantile_values.add(quantile=quantile, value=quantile * 10)
        metric = scope.metrics.add(name="exponential")
        metric.exponential_histogram.aggregation_temporality = 1
        point = metric.exponential_histogram.data_points.add(
            time_unix_nano=now, start_time_unix_nano=now - 5, count=30, sum=-12.5, scale=-3, zero_count=2,
            zero_threshold=0.125, min=-64.0, max=2.0**40, flags=0,
        )
        point.positive.offset, point.negative.offset = -7, 11
        point.positive.bucket_counts.extend([1, 0, 2**63, 4])
        point.negative.bucket_counts.extend([5, 6])
        exemplar = point.exemplars.add(time_unix_nano=now - 1, as_int=-5, trace_id=bytes(range(16)), span_id=bytes(range(8)))
        exemplar.filtered_attributes.add(key="user").value.int_value = 5
        metric = scope.metrics.add(name="histogram without sum")
        metric.histogram.aggregation_temporality = 2
        metric.histogram.data_points.add(time_unix_nano=now, count=3, bucket_counts=[1, 2], explicit_bounds=[0.5])
        metric = scope.metrics.add(name="counter")
        metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
        metric.sum.data_points.add(time_unix_nano=now, as_int=2**63 - 1, flags=1)
        for service, sent in self.send("metrics", request, "whole-metrics"):
            self.compare("metrics", service, protocol.metric_rows(sent))

    def test_logs(self):
        request = ExportLogsServiceRequest()
        resource_logs = request.resource_logs.add(schema_url="https://example.test/r")
        resource_logs.resource.dropped_attributes_count = 4
        scope = resource_logs.scope_logs.add(schema_url="https://example.test/s")
        scope.scope.name = "hand"
        scope.scope.dropped_attributes_count = 6
        now = time.time_ns()
        record = scope.log_records.add(
            time_unix_nano=now, observed_time_unix_nano=now + 1, severity_number=24, severity_text="FATAL4",
            dropped_attributes_count=5, flags=0x101, trace_id=bytes(range(1, 17)), span_id=bytes(range(1, 9)),
            event_name="device.app.lifecycle",
        )
        record.body.kvlist_value.values.add(key="$odd").value.string_value = "a key that looks like a marker"
        record.attributes.add(key="bytes").value.bytes_value = b"\x00\x7f\xff"
        record.attributes.add(key="nothing")
        record.attributes.add(key="inf").value.double_value = float("-inf")
        # Only observed, and without a body.
        scope.log_records.add(observed_time_unix_nano=now + 2)
        for service, sent in self.send("logs", request, "whole-logs"):
            self.compare("logs", service, protocol.log_rows(sent))

    def test_spans(self):
        request = ExportTraceServiceRequest()
        scope = request.resource_spans.add().scope_spans.add()
        now = time.time_ns()
        span = scope.spans.add(
            trace_id=bytes(range(1, 17)), span_id=bytes(range(1, 9)), parent_span_id=bytes(range(2, 10)), name="by hand",
            kind=5, start_time_unix_nano=now, end_time_unix_nano=now - 7, trace_state="a=1,b=2", flags=0x301,
            dropped_attributes_count=1, dropped_events_count=2, dropped_links_count=3,
        )
        span.status.code, span.status.message = 2, "clock went back"
        event = span.events.add(time_unix_nano=now + 3, name="e", dropped_attributes_count=4)
        event.attributes.add(key="bytes").value.bytes_value = b"\xff"
        span.links.add(
            trace_id=bytes(range(3, 19)), span_id=bytes(range(3, 11)), trace_state="c=3", flags=0x100,
            dropped_attributes_count=5,
        ).attributes.add(key="n").value.double_value = 1.0
        scope.spans.add(trace_id=bytes(range(1, 17)), span_id=bytes(range(4, 12)), name="bare", start_time_unix_nano=now)
        scope.spans[1].end_time_unix_nano = now
        for service, sent in self.send("traces", request, "whole-spans"):
            self.compare("spans", service, protocol.span_rows(sent))

    def test_a_malformed_request_is_refused_in_its_own_encoding(self):
        url = f"{self.server.otlp_http}/v1/logs"
        for content_type, body in (("application/x-protobuf", b"\x0a\xff"), ("application/json", b'{"resourceLogs": [')):
            status, answer = self.server.request("POST", url, body, {"content-type": content_type})
            self.assertEqual(status, 400, answer)
            self.assertNotEqual(answer, b"")
        answer = ExportLogsServiceResponse()
        headers = {"content-type": "application/x-protobuf"}
        status, body = self.server.request("POST", url, ExportLogsServiceRequest().SerializeToString(), headers)
        self.assertEqual(status, 200)
        answer.ParseFromString(body)
        self.assertEqual(answer.partial_success.rejected_log_records, 0)


def otlp_json(text):
    """The JSON of protobuf as OTLP wants it: ids in hex, not in Base64."""

    def walk(item):
        if isinstance(item, list):
            return [walk(one) for one in item]
        if isinstance(item, dict):
            return {
                key: base64.b64decode(one).hex() if key in ("traceId", "spanId", "parentSpanId") else walk(one)
                for key, one in item.items()
            }
        return item

    return json.dumps(walk(json.loads(text))).encode()


if __name__ == "__main__":
    harness.main()
