// Sends trees of spans and their logs by OpenTelemetry's own SDK, as an instrumented service does: each service,
// version and pod with its provider, log records in the context of their span.

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, diag, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { resourceOf } from "./shop.mjs";

/** Spans and logs of one export, and how many may wait for one: what is over that would be lost. */
const BATCH = 2_000;
const QUEUE = 50_000;

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };

/** A time as the SDK keeps it, from milliseconds. */
const hr = (at) => {
  const seconds = Math.floor(at / 1000);
  return [seconds, Math.round((at - seconds * 1000) * 1e6)];
};

export class Sdk {
  #providers = new Map();
  #waiting = 0;
  #errors = [];

  constructor(url, token, random) {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const at = (signal) => ({ url: `${url.replace(/\/$/, "")}/v1/${signal}`, headers });
    // What the exporters could not send they tell nobody but this.
    const told = (...words) => this.#errors.push(words.map(String).join(" "));
    const quiet = () => {};
    diag.setLogger({ error: told, warn: told, info: quiet, debug: quiet, verbose: quiet }, { suppressOverrideMessage: true });
    const queue = { maxQueueSize: QUEUE, maxExportBatchSize: BATCH, scheduledDelayMillis: 60_000 };
    this.spans = new BatchSpanProcessor(new OTLPTraceExporter(at("traces")), queue);
    this.logs = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(at("logs")), ...queue });
    this.ids = { generateTraceId: () => random.hex(32), generateSpanId: () => random.hex(16) };
    this.metrics = at("metrics");
    this.sent = { spans: 0, logs: 0 };
  }

  #provider(service, { environment, version, pod, resource: given }) {
    const name = `${service} ${environment} ${version} ${pod}`;
    let found = this.#providers.get(name);
    if (!found) {
      const resource = resourceFromAttributes(given ?? resourceOf(service, environment, version, pod));
      const tracing = new BasicTracerProvider({ resource, spanProcessors: [this.spans], idGenerator: this.ids });
      const logging = new LoggerProvider({ resource, processors: [this.logs] });
      found = { tracer: tracing.getTracer(`shop.${service}`, version), logger: logging.getLogger(`shop.${service}`, version) };
      this.#providers.set(name, found);
    }
    return found;
  }

  /** Emits a tree that was laid out in time; `place(service, at)` says in which version and pod. Answers its trace id. */
  emit(node, place, parent = ROOT_CONTEXT) {
    const where = place(node.service, node.start);
    const { tracer, logger } = this.#provider(node.service, where);
    const span = tracer.startSpan(node.name, { kind: KINDS[node.kind], attributes: node.attributes, startTime: hr(node.start) }, parent);
    const context = trace.setSpan(parent, span);
    if (node.error) span.setStatus({ code: SpanStatusCode.ERROR, message: node.error });
    for (const event of node.events) span.addEvent(event.name, event.attributes, hr(node.end - 0.1));
    for (const child of node.children) this.emit(child, place, context);
    const step = (node.end - node.start) / (node.logs.length + 1);
    if (where.logs) {
      node.logs.forEach((record, index) => {
        const at = hr(node.start + step * (index + 1));
        logger.emit({ timestamp: at, observedTimestamp: at, severityNumber: SeverityNumber[record.severity], severityText: record.severity, body: record.body, attributes: record.attributes, context });
        this.sent.logs += 1;
      });
    }
    span.end(hr(node.end));
    this.sent.spans += 1;
    this.#waiting += 1;
    return span.spanContext().traceId;
  }

  /** Sends what waits, when it is much or must be. */
  async flush(all = true) {
    if (!all && this.#waiting < BATCH) return;
    this.#waiting = 0;
    await Promise.all([this.spans.forceFlush(), this.logs.forceFlush()]);
    if (this.#errors.length > 0) throw new Error(`the SDK could not send: ${this.#errors.splice(0).slice(0, 3).join("; ")}`);
  }

  /** Counters and histograms of one service as they are now; its past cannot be told by a SDK. */
  async measure(service, environment, version, record) {
    const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(this.metrics), exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ resource: resourceFromAttributes(resourceOf(service, environment, version, 0)), readers: [reader] });
    record(provider.getMeter(`shop.${service}`, version));
    await provider.forceFlush();
    await provider.shutdown();
  }
}
