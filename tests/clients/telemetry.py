"""Telemetry made by hand, as OTLP in JSON: for times, names and machines that a real SDK would not send."""

import json

SECOND = 1_000_000_000


def value(given):
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, int):
        return {"intValue": str(given)}
    if isinstance(given, list):
        return {"arrayValue": {"values": [value(one) for one in given]}}
    if isinstance(given, dict):
        return {"kvlistValue": {"values": attributes(given)}}
    return {"stringValue": given}


def attributes(given):
    return [{"key": key, "value": value(one)} for key, one in given.items()]


def send(server, signal, request):
    headers = {"content-type": "application/json"}
    status, answer = server.request("POST", f"{server.otlp_http}/v1/{signal}", json.dumps(request).encode(), headers)
    if status != 200:
        raise AssertionError(f"{signal}: {status} {answer}")


def send_logs(server, resource, records):
    """Records are (nanoseconds, text, more fields)."""
    made = [{"timeUnixNano": str(at), "body": {"stringValue": text}, **more} for at, text, more in records]
    made = {"resource": {"attributes": attributes(resource)}, "scopeLogs": [{"logRecords": made}]}
    send(server, "logs", {"resourceLogs": [made]})


def send_spans(server, resource, spans):
    """Spans are (nanoseconds, name, trace id, span id)."""
    made = [
        {"traceId": trace, "spanId": span, "name": name, "kind": 2, "startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 1)}
        for at, name, trace, span in spans
    ]
    made = {"resource": {"attributes": attributes(resource)}, "scopeSpans": [{"spans": made}]}
    send(server, "traces", {"resourceSpans": [made]})


def send_gauge(server, resource, name, points):
    """Points are (nanoseconds, integer)."""
    made = {"name": name, "gauge": {"dataPoints": [{"timeUnixNano": str(at), "asInt": str(one)} for at, one in points]}}
    made = {"resource": {"attributes": attributes(resource)}, "scopeMetrics": [{"metrics": [made]}]}
    send(server, "metrics", {"resourceMetrics": [made]})
