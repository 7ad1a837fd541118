// OpenTelemetry as JSON over HTTP, for what a SDK cannot send: metrics of the past, records of other systems, bulk.

const SEVERITIES = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 };

/** Records of one request; the server takes more, but a lost request is sent again whole. */
const BATCH = 2_000;

export const nanos = (milliseconds) => (BigInt(Math.round(milliseconds * 1000)) * 1000n).toString();

export function value(given) {
  if (typeof given === "boolean") return { boolValue: given };
  if (Number.isInteger(given)) return { intValue: String(given) };
  if (typeof given === "number") return { doubleValue: given };
  if (Array.isArray(given)) return { arrayValue: { values: given.map(value) } };
  if (given && typeof given === "object") return { kvlistValue: { values: attributes(given) } };
  return { stringValue: String(given) };
}

export const attributes = (given) => Object.entries(given).map(([key, one]) => ({ key, value: value(one) }));

export class Otlp {
  constructor(url, token) {
    this.url = url.replace(/\/$/, "");
    this.headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
    this.sent = { logs: 0, traces: 0, metrics: 0 };
  }

  async #send(signal, body, count) {
    const answer = await fetch(`${this.url}/v1/${signal}`, { method: "POST", headers: this.headers, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${signal}: ${answer.status} ${text.slice(0, 300)}`);
    const rejected = JSON.parse(text || "{}").partialSuccess;
    if (rejected && Object.values(rejected).some((one) => Number(one) > 0)) throw new Error(`${signal}: ${text.slice(0, 300)}`);
    this.sent[signal] += count;
  }

  /** Logs of one resource: `{at, severity, body, attributes, event}`. */
  async logs(resource, records, scope = "") {
    for (let from = 0; from < records.length; from += BATCH) {
      const logRecords = records.slice(from, from + BATCH).map((record) => ({
        timeUnixNano: nanos(record.at),
        ...(record.severity ? { severityNumber: SEVERITIES[record.severity], severityText: record.severity } : {}),
        ...(record.event ? { eventName: record.event } : {}),
        body: value(record.body),
        attributes: attributes(record.attributes ?? {}),
      }));
      await this.#send("logs", { resourceLogs: [{ resource: { attributes: attributes(resource) }, scopeLogs: [{ scope: { name: scope }, logRecords }] }] }, logRecords.length);
    }
  }

  /** Spans of one trace and resource: `{id, parent, name, start, end, failed}`. */
  async spans(resource, traceId, spans) {
    for (let from = 0; from < spans.length; from += BATCH) {
      const made = spans.slice(from, from + BATCH).map(({ id, parent, name, start, end, failed }) => ({
        traceId, spanId: id, ...(parent ? { parentSpanId: parent } : {}), name, kind: 1, startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(end), status: failed ? { code: 2 } : {},
      }));
      await this.#send("traces", { resourceSpans: [{ resource: { attributes: attributes(resource) }, scopeSpans: [{ scope: { name: "" }, spans: made }] }] }, made.length);
    }
  }

  /** Gauges of one resource: `{name, unit, points: [{at, value, attributes}]}`. */
  async gauges(resource, metrics) {
    const made = metrics.map(({ name, unit = "1", points }) => ({
      name, unit,
      gauge: { dataPoints: points.map((point) => ({ timeUnixNano: nanos(point.at), asDouble: point.value, attributes: attributes(point.attributes ?? {}) })) },
    }));
    const count = metrics.reduce((sum, one) => sum + one.points.length, 0);
    await this.#send("metrics", { resourceMetrics: [{ resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics: made }] }] }, count);
  }
}
