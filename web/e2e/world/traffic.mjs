// Seven days of requests: a few each hour of the past, many in the last one, with the errors and the slow search of today.

import { Customers, busy, lay } from "./requests.mjs";
import { DAY, ENVIRONMENTS, HOUR, MINUTE, SECOND, SERVICES, versionAt } from "./shop.mjs";

/** Requests a minute in the last hour: the error budget of a service is judged from 500 of its requests on. */
const NOW_A_MINUTE = 46;
/** Requests of an hour of the past, at the busiest time. */
const PAST_AN_HOUR = 34;

const pods = (random, environment) => random.int(ENVIRONMENTS[environment].pods);

export class Traffic {
  constructor({ random, now, sdk }) {
    Object.assign(this, { random, now, sdk, customers: new Customers(random.fork("customers"), now) });
  }

  /** One request at a time; answers what it was. */
  send(at, environment) {
    const node = this.customers.request(at, environment);
    lay(node, at);
    const place = (service, when) => ({ environment, version: versionAt(service, environment, when, this.now), pod: pods(this.random, environment), logs: SERVICES[service].logs !== false });
    return { node, trace: this.sdk.emit(node, place) };
  }

  async past(days) {
    for (let hour = this.now - days * DAY; hour < this.now - HOUR; hour += HOUR) {
      for (const [environment, { share }] of Object.entries(ENVIRONMENTS)) {
        const count = Math.max(1, Math.round(PAST_AN_HOUR * busy(hour) * share));
        const times = Array.from({ length: count }, () => hour + this.random.between(0, HOUR)).sort((a, b) => a - b);
        for (const at of times) this.send(at, environment);
      }
      await this.sdk.flush(false);
    }
  }

  /** The last hour up to now. */
  async lately() {
    for (let minute = this.now - HOUR; minute < this.now; minute += MINUTE) {
      await this.minute(minute, Math.min(minute + MINUTE, this.now - 2 * SECOND), NOW_A_MINUTE);
    }
    await this.sdk.flush();
  }

  async minute(from, until, count) {
    for (const [environment, { share }] of Object.entries(ENVIRONMENTS)) {
      const many = Math.max(1, Math.round(count * share));
      for (let number = 0; number < many; number++) this.send(this.random.between(from, until), environment);
    }
    await this.sdk.flush(false);
  }

  /** What the SDK counts by itself: now, for each service. */
  async counted() {
    for (const service of Object.keys(SERVICES)) {
      const version = versionAt(service, "production", this.now, this.now);
      await this.sdk.measure(service, "production", version, (meter) => {
        const duration = meter.createHistogram("http.server.request.duration", { unit: "s", advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] } });
        const active = meter.createUpDownCounter("http.server.active_requests", { unit: "{request}" });
        for (let number = 0; number < 40; number++) duration.record(this.random.duration(0.03), { "http.request.method": "GET", "http.response.status_code": this.random.chance(0.98) ? 200 : 500 });
        active.add(this.random.int(12));
      });
    }
  }
}
