"""What the rows of an OTLP request must look like, worked out from its protobuf messages.

Independent of the server: this is the mapping of docs/ingest.md, written a second time. A field of the
protocol that this file does not know is an error, so that none is forgotten when the protocol grows.
"""

import base64
import json
import math

# Columns that the server itself decides.
OWN = {"event_id", "received_timestamp"}

SPAN_KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
STATUS_CODES = ["unset", "ok", "error"]
TEMPORALITIES = ["unspecified", "delta", "cumulative"]


def known(message, *names):
    """Fails on a field that this file does not look at."""
    unknown = {field.name for field, _ in message.ListFields()} - set(names)
    if unknown:
        raise AssertionError(f"{message.DESCRIPTOR.name} has fields that no test looks at: {sorted(unknown)}")
    return message


def value(any_value):
    """An AnyValue as Python value; bytes stay bytes."""
    kind = any_value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    if kind == "kvlist_value":
        return attributes(any_value.kvlist_value.values)
    return getattr(any_value, kind)


def attributes(pairs):
    """Of a key that is repeated the first value counts."""
    found = {}
    for pair in pairs:
        found.setdefault(known(pair, "key", "value").key, value(pair.value))
    return found


def decode(parsed):
    """Attribute JSON, parsed, as Python value."""
    if isinstance(parsed, list):
        return [decode(item) for item in parsed]
    if isinstance(parsed, dict):
        if list(parsed) == ["$bytes"]:
            return base64.b64decode(parsed["$bytes"])
        if list(parsed) == ["$double"]:
            return float(parsed["$double"].replace("Infinity", "inf"))
        if list(parsed) == ["$map"]:
            parsed = parsed["$map"]
        return {key: decode(item) for key, item in parsed.items()}
    return parsed


def from_json(column):
    """A column of attribute JSON, as text or already parsed."""
    if column is None:
        return {}
    return decode(json.loads(column) if isinstance(column, str) else column)


def typed(anything):
    """Makes 1, 1.0 and True three different things, and NaN equal to itself."""
    if isinstance(anything, dict):
        return {key: typed(item) for key, item in anything.items()}
    if isinstance(anything, (list, tuple)):
        return [typed(item) for item in anything]
    if isinstance(anything, float) and math.isnan(anything):
        return ("float", "NaN")
    return (type(anything).__name__, anything)


def _hex(identifier):
    return identifier.hex() if any(identifier) else None


def _text(text):
    return text or None


def _body(any_value):
    kind = any_value.WhichOneof("value")
    names = {"int_value": "int", "double_value": "double", "bool_value": "bool", "bytes_value": "bytes"}
    names |= {"array_value": "array", "kvlist_value": "map"}
    return value(any_value), names.get(kind)


def _origin(resource, resource_schema, scope, scope_schema):
    known(resource, "attributes", "dropped_attributes_count")
    known(scope, "name", "version", "attributes", "dropped_attributes_count")
    resource_attributes = attributes(resource.attributes)
    return {
        "original_timestamp": None,
        "dataset": "default",
        "source": "otlp",
        "service_name": resource_attributes.get("service.name"),
        "scope_name": _text(scope.name),
        "scope_version": _text(scope.version),
        "scope_attributes": attributes(scope.attributes),
        "resource_attributes": resource_attributes,
        "cut": None,
    }, {
        "resource.dropped_attributes_count": resource.dropped_attributes_count,
        "resource.schema_url": resource_schema,
        "scope.dropped_attributes_count": scope.dropped_attributes_count,
        "scope.schema_url": scope_schema,
    }


def _finish(row, extra):
    """Of the fields without a column, `extra` has those that are set."""
    row["extra"] = {key: item for key, item in extra.items() if item}
    return row


def log_rows(request):
    for resource in request.resource_logs:
        known(resource, "resource", "scope_logs", "schema_url")
        for scope in resource.scope_logs:
            known(scope, "scope", "log_records", "schema_url")
            shared, extra = _origin(resource.resource, resource.schema_url, scope.scope, scope.schema_url)
            for record in scope.log_records:
                yield _log_row(record, dict(shared), dict(extra))


def _log_row(record, row, extra):
    known(
        record, "time_unix_nano", "observed_time_unix_nano", "severity_number", "severity_text", "body", "attributes",
        "dropped_attributes_count", "flags", "trace_id", "span_id", "event_name",
    )
    body, body_type = _body(record.body)
    row |= {
        "timestamp": record.time_unix_nano or record.observed_time_unix_nano,
        "observed_timestamp": record.observed_time_unix_nano or None,
        "severity_number": record.severity_number or None,
        "severity_text": _text(record.severity_text),
        "body": body,
        "body_type": body_type,
        "trace_id": _hex(record.trace_id),
        "span_id": _hex(record.span_id),
        "trace_flags": record.flags or None,
        "event_name": _text(record.event_name),
        "attributes": attributes(record.attributes),
    }
    return _finish(row, extra | {"dropped_attributes_count": record.dropped_attributes_count})


def span_rows(request):
    for resource in request.resource_spans:
        known(resource, "resource", "scope_spans", "schema_url")
        for scope in resource.scope_spans:
            known(scope, "scope", "spans", "schema_url")
            shared, extra = _origin(resource.resource, resource.schema_url, scope.scope, scope.schema_url)
            for span in scope.spans:
                yield _span_row(span, dict(shared), dict(extra))


def _span_row(span, row, extra):
    known(
        span, "trace_id", "span_id", "trace_state", "parent_span_id", "flags", "name", "kind", "start_time_unix_nano",
        "end_time_unix_nano", "attributes", "dropped_attributes_count", "events", "dropped_events_count", "links",
        "dropped_links_count", "status",
    )
    known(span.status, "code", "message")
    row |= {
        "timestamp": span.start_time_unix_nano,
        "duration_ns": span.end_time_unix_nano - span.start_time_unix_nano,
        "name": _text(span.name),
        "kind": SPAN_KINDS[span.kind],
        "status_code": STATUS_CODES[span.status.code],
        "status_message": _text(span.status.message),
        "trace_id": _hex(span.trace_id),
        "span_id": _hex(span.span_id),
        "parent_span_id": _hex(span.parent_span_id),
        "trace_state": _text(span.trace_state),
        "trace_flags": span.flags or None,
        "events": [_event(event) for event in span.events],
        "links": [_link(link) for link in span.links],
        "attributes": attributes(span.attributes),
    }
    return _finish(row, extra | {
        "dropped_attributes_count": span.dropped_attributes_count,
        "dropped_events_count": span.dropped_events_count,
        "dropped_links_count": span.dropped_links_count,
    })


def _set(members):
    return {key: item for key, item in members.items() if item not in (None, "", 0, {}, []) or item is False}


def _event(event):
    known(event, "time_unix_nano", "name", "attributes", "dropped_attributes_count")
    return _set({
        "timestamp": event.time_unix_nano,
        "name": event.name,
        "attributes": attributes(event.attributes),
        "dropped_attributes_count": event.dropped_attributes_count,
    })


def _link(link):
    known(link, "trace_id", "span_id", "trace_state", "attributes", "dropped_attributes_count", "flags")
    return _set({
        "trace_id": _hex(link.trace_id),
        "span_id": _hex(link.span_id),
        "trace_state": link.trace_state,
        "attributes": attributes(link.attributes),
        "dropped_attributes_count": link.dropped_attributes_count,
        "flags": link.flags,
    })


# Columns of metrics that only some kinds of points fill.
POINT_COLUMNS = (
    "temporality", "is_monotonic", "value", "value_int", "count", "sum", "min", "max", "bounds", "buckets", "scale",
    "zero_count", "zero_threshold", "positive_offset", "negative_offset", "negative_buckets",
)


def metric_rows(request):
    for resource in request.resource_metrics:
        known(resource, "resource", "scope_metrics", "schema_url")
        for scope in resource.scope_metrics:
            known(scope, "scope", "metrics", "schema_url")
            shared, extra = _origin(resource.resource, resource.schema_url, scope.scope, scope.schema_url)
            for metric in scope.metrics:
                known(
                    metric, "name", "description", "unit", "gauge", "sum", "histogram", "exponential_histogram",
                    "summary", "metadata",
                )
                kind = metric.WhichOneof("data")
                data = known(getattr(metric, kind), "data_points", "aggregation_temporality", "is_monotonic")
                for point in data.data_points:
                    row = dict(shared) | dict.fromkeys(POINT_COLUMNS) | {
                        "name": _text(metric.name),
                        "kind": kind,
                        "unit": _text(metric.unit),
                        "description": _text(metric.description),
                    }
                    if kind in ("sum", "histogram", "exponential_histogram"):
                        row["temporality"] = TEMPORALITIES[data.aggregation_temporality]
                    if kind == "sum":
                        row["is_monotonic"] = data.is_monotonic
                    _point(kind, point, row)
                    yield _finish(row, extra | {"metadata": attributes(metric.metadata)})


def _point(kind, point, row):
    row |= {
        "timestamp": point.time_unix_nano,
        "start_timestamp": point.start_time_unix_nano or None,
        "flags": point.flags or None,
        "attributes": attributes(point.attributes),
        "exemplars": [] if kind == "summary" else [_exemplar(exemplar) for exemplar in point.exemplars],
        "quantiles": [],
    }
    common = ("attributes", "start_time_unix_nano", "time_unix_nano", "flags", "exemplars")
    if kind in ("gauge", "sum"):
        known(point, *common, "as_int", "as_double")
        number = point.WhichOneof("value")
        if number == "as_int":
            row["value_int"] = point.as_int
        row["value"] = float(getattr(point, number))
        return
    row["count"] = point.count
    if kind == "summary":
        known(point, *common[:-1], "count", "sum", "quantile_values")
        row["sum"] = point.sum
        for quantile in point.quantile_values:
            known(quantile, "quantile", "value")
            row["quantiles"].append({"quantile": quantile.quantile, "value": quantile.value})
        return
    for name in ("sum", "min", "max"):
        if point.HasField(name):
            row[name] = getattr(point, name)
    if kind == "histogram":
        known(point, *common, "count", "sum", "min", "max", "bucket_counts", "explicit_bounds")
        row |= {"bounds": list(point.explicit_bounds), "buckets": list(point.bucket_counts)}
        return
    known(
        point, *common, "count", "sum", "min", "max", "scale", "zero_count", "zero_threshold", "positive", "negative"
    )
    row |= {"scale": point.scale, "zero_count": point.zero_count, "zero_threshold": point.zero_threshold or None}
    for side, offset, buckets in (
        (point.positive, "positive_offset", "buckets"),
        (point.negative, "negative_offset", "negative_buckets"),
    ):
        known(side, "offset", "bucket_counts")
        row |= {offset: side.offset, buckets: list(side.bucket_counts)}


def _exemplar(exemplar):
    known(exemplar, "filtered_attributes", "time_unix_nano", "as_double", "as_int", "span_id", "trace_id")
    number = exemplar.WhichOneof("value")
    return _set({
        "timestamp": exemplar.time_unix_nano,
        "trace_id": _hex(exemplar.trace_id),
        "span_id": _hex(exemplar.span_id),
        "attributes": attributes(exemplar.filtered_attributes),
    }) | ({"value": getattr(exemplar, number)} if number else {})


# How a column of an answer becomes comparable.
TIMES = {"timestamp", "observed_timestamp", "original_timestamp", "start_timestamp"}
MAPS = {"attributes", "resource_attributes", "scope_attributes", "extra"}
LISTS = {"events", "links", "exemplars", "quantiles"}
NUMBERS = {"bounds", "buckets", "negative_buckets"}
FLOATS = {"value", "sum", "min", "max", "zero_threshold"}


def comparable(row, parse_time):
    """A row of an SQL answer in the form of the expected rows."""
    found = {}
    for name, column in row.items():
        if name in OWN:
            continue
        if name in TIMES:
            column = parse_time(column)
        elif name in MAPS:
            column = from_json(column)
        elif name in LISTS:
            column = from_json(column) if column else []
            if name != "quantiles":
                column = [_set(item) | ({"value": item["value"]} if "value" in item else {}) for item in column]
        elif name in NUMBERS and isinstance(column, str):
            column = json.loads(column)
        elif name in FLOATS and column is not None:
            # JSON has one kind of number; that these columns are floats is in the column's type.
            column = float(column)
        elif name == "body" and row.get("body_type"):
            column = from_json(column)
        found[name] = column
    return found


def normal(row):
    """An absent list and an empty one are the same in the protocol, and so is an offset without buckets."""
    row = {name: None if column == [] and name in NUMBERS else column for name, column in row.items()}
    for offset, buckets in (("positive_offset", "buckets"), ("negative_offset", "negative_buckets")):
        if offset in row and row[buckets] is None:
            row[offset] = row[offset] or None
    return row
