// What customers do, as trees of spans with the logs that are written on the way. Nothing is sent here.

import { DAY, MINUTE, SERVICES, STORES } from "./shop.mjs";

/** Since when the search is slow, and the new checkout fails, in milliseconds before now. */
export const SLOW_SINCE = 22 * MINUTE;
export const BROKEN_SINCE = SERVICES.checkout.versions.at(-1)[1];
/** Share of the checkouts that the new version fails. */
const BROKEN_SHARE = 0.24;

const WORDS = ["lamp", "kettle", "desk", "chair", "bicycle", "tent", "backpack", "headphones", "notebook", "umbrella", "scarf", "coffee grinder"];
const BROWSERS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36",
];

const log = (severity, body, attributes = {}) => ({ severity, body, attributes });

/** A span: `self` is what it takes beside its children, in milliseconds. */
const span = (service, name, kind, self, attributes = {}, children = [], logs = []) =>
  ({ service, name, kind, self, attributes, children, logs, error: null, events: [] });

function fail(node, type, message, trace) {
  const exception = { "exception.type": type, "exception.message": message, "exception.stacktrace": [`${type}: ${message}`, ...trace].join("\n") };
  node.error = message;
  node.events.push({ name: "exception", attributes: exception });
  node.logs.push(log("ERROR", message, exception));
  return node;
}

function serve(service, method, route, path, status, self, children = [], logs = []) {
  const attributes = { "http.request.method": method, "http.route": route, "url.path": path, "url.scheme": "https", "http.response.status_code": status };
  return span(service, `${method} ${route}`, "server", self, attributes, children, logs);
}

/** The caller's side of a request to another service. */
function call(from, node) {
  const attributes = { "http.request.method": node.attributes["http.request.method"], "server.address": `${node.service}.shop.svc`, "server.port": 8080, "http.response.status_code": node.attributes["http.response.status_code"] };
  const client = span(from, node.attributes["http.request.method"], "client", 0.8, attributes, [node]);
  if (node.attributes["http.response.status_code"] >= 500) client.error = `${node.attributes["http.response.status_code"]}`;
  return client;
}

function query(random, service, store, operation, target, median) {
  const { system } = STORES[store];
  const attributes = { "db.system.name": system, "db.operation.name": operation, "db.collection.name": target, "server.address": `${store}.shop.svc` };
  return span(service, `${operation} ${target}`, "client", random.duration(median), attributes);
}

export class Customers {
  constructor(random, now) {
    this.random = random;
    this.now = now;
  }

  /** A request at a time; `environment` decides whether the story of the day is in it. */
  request(at, environment) {
    const { random } = this;
    const client = { "client.address": this.address(), "user_agent.original": random.pick(BROWSERS) };
    const make = random.weighted([["browse", 34], ["search", 22], ["add", 14], ["buy", 22], ["login", 8]]);
    const production = environment === "production";
    const inner = this[make]({ ago: production ? this.now - at : Infinity });
    const { attributes } = inner;
    const edge = serve("gateway", attributes["http.request.method"], attributes["http.route"], attributes["url.path"], attributes["http.response.status_code"], random.duration(1.2), [call("gateway", inner)]);
    Object.assign(edge.attributes, client);
    const status = attributes["http.response.status_code"];
    if (status >= 500) {
      edge.error = "upstream failed";
      edge.logs.push(log("WARN", `upstream ${inner.service} answered ${status} for ${attributes["http.request.method"]} ${attributes["url.path"]}`, { "http.response.status_code": status, "server.address": `${inner.service}.shop.svc` }));
    }
    return edge;
  }

  address() {
    const { random } = this;
    return `${random.pick(["192.0.2", "198.51.100", "203.0.113"])}.${random.int(200) + 1}`;
  }

  browse() {
    const { random } = this;
    const product = 1000 + random.int(400);
    const found = query(random, "catalog", "catalog-db", "SELECT", "products", 3);
    const detail = serve("catalog", "GET", "/v1/products/{id}", `/v1/products/${product}`, 200, random.duration(4), [found], [log("INFO", `product ${product} read`, { "product.id": product })]);
    const others = serve("recommendations", "GET", "/v1/similar/{id}", `/v1/similar/${product}`, 200, random.duration(22), [], random.chance(0.05) ? [log("WARN", `model is 26 hours old, similar products of ${product} may be gone`, { "model.age_hours": 26 })] : []);
    const logs = random.chance(0.3) ? [log("DEBUG", `rendered /p/${product} from ${random.chance(0.8) ? "cache" : "source"}`, { "product.id": product })] : [];
    return serve("storefront", "GET", "/p/{id}", `/p/${product}`, 200, random.duration(14), [call("storefront", detail), call("storefront", others)], logs);
  }

  search({ ago }) {
    const { random } = this;
    const words = `${random.pick(WORDS)}${random.chance(0.3) ? ` ${random.pick(["red", "small", "used", "4 pieces"])}` : ""}`;
    const slow = ago < SLOW_SINCE;
    const took = slow ? random.duration(1450, 0.35) : random.duration(38);
    const logs = [log("INFO", `search for "${words}" found ${random.int(240)} products in ${took.toFixed(0)} ms`, { "search.terms": words, "search.duration_ms": Math.round(took) })];
    if (slow && random.chance(0.4)) logs.push(log("WARN", `query cache is off, segment ${random.int(16)} read from disk`, { "cache.enabled": false }));
    const inner = serve("search", "GET", "/v1/search", "/v1/search", 200, took, [], logs);
    inner.attributes["url.query"] = `q=${encodeURIComponent(words)}`;
    return serve("storefront", "GET", "/search", "/search", 200, random.duration(18), [call("storefront", inner)]);
  }

  add() {
    const { random } = this;
    const cart = `c-${random.hex(8)}`;
    const keep = query(random, "cart", "cart-cache", "HSET", "carts", 0.7);
    const inner = serve("cart", "POST", "/v1/carts/{id}/items", `/v1/carts/${cart}/items`, 201, random.duration(3), [keep], [log("INFO", `item added to cart ${cart}`, { "cart.id": cart, "cart.items": 1 + random.int(6) })]);
    return serve("storefront", "POST", "/cart", "/cart", 201, random.duration(9), [call("storefront", inner)]);
  }

  login() {
    const { random } = this;
    const wrong = random.chance(0.07);
    const user = `u-${random.int(5000)}`;
    const read = query(random, "accounts", "accounts-db", "SELECT", "accounts", 2);
    const said = wrong ? log("WARN", `log-in of ${user} refused: wrong password`, { "enduser.pseudo.id": user, outcome: "refused" }) : log("INFO", `log-in of ${user}`, { "enduser.pseudo.id": user, outcome: "accepted" });
    return serve("accounts", "POST", "/login", "/login", wrong ? 401 : 200, random.duration(140, 0.2), [read], [said]);
  }

  buy({ ago }) {
    const { random } = this;
    const order = `o-${random.hex(10)}`;
    const carts = serve("cart", "GET", "/v1/carts/{id}", `/v1/carts/c-${random.hex(8)}`, 200, random.duration(2), [query(random, "cart", "cart-cache", "HGETALL", "carts", 0.6)]);
    const stock = serve("stock", "POST", "/v1/reservations", "/v1/reservations", 201, random.duration(5), [query(random, "stock", "stock-db", "UPDATE", "reservations", 4)]);
    const children = [call("checkout", carts), call("checkout", stock)];
    const start = serve("checkout", "POST", "/checkout", "/checkout", 201, random.duration(16), children, [log("INFO", `checkout of order ${order} begins`, { "order.id": order })]);
    if (ago < BROKEN_SINCE && random.chance(BROKEN_SHARE)) return this.#broken(start, order);
    const pay = this.#pay(order, ago);
    children.push(call("checkout", pay));
    const status = pay.attributes["http.response.status_code"];
    if (status >= 500) {
      start.attributes["http.response.status_code"] = 502;
      start.error = "payment failed";
      start.logs.push(log("ERROR", `order ${order} could not be paid: payments answered ${status}`, { "order.id": order, "http.response.status_code": status }));
      return start;
    }
    if (status === 402) {
      start.attributes["http.response.status_code"] = 402;
      return start;
    }
    children.push(query(random, "checkout", "orders-db", "INSERT", "orders", 5), this.#send(order));
    start.logs.push(log("INFO", `order ${order} placed`, { "order.id": order, "order.total": Number(random.between(5, 400).toFixed(2)), "order.currency": random.weighted([["EUR", 8], ["USD", 2], ["CHF", 1]]) }));
    return start;
  }

  #broken(start, order) {
    start.attributes["http.response.status_code"] = 500;
    const line = 80 + this.random.int(3) * 14;
    fail(start, "java.lang.NullPointerException", `Cannot invoke "Voucher.currency()" because "voucher" is null`, [
      `\tat org.example.shop.checkout.Totals.withVoucher(Totals.java:${line})`,
      "\tat org.example.shop.checkout.Totals.of(Totals.java:41)",
      "\tat org.example.shop.checkout.CheckoutResource.place(CheckoutResource.java:118)",
      "\tat org.example.shop.http.Router.handle(Router.java:63)",
    ]);
    start.logs.at(-1).attributes["order.id"] = order;
    return start;
  }

  #pay(order) {
    const { random } = this;
    const score = random.next();
    const rated = serve("fraud", "POST", "/v1/score", "/v1/score", 200, random.duration(30), [], score > 0.97 ? [log("WARN", `order ${order} looks odd: score ${score.toFixed(2)}`, { "order.id": order, "fraud.score": Number(score.toFixed(2)) })] : []);
    const provider = span("payments", "POST", "client", random.duration(180), { "http.request.method": "POST", "server.address": "api.psp.example", "server.port": 443, "http.response.status_code": 200 });
    const write = query(random, "payments", "payments-db", "INSERT", "payments", 4);
    const pay = serve("payments", "POST", "/v1/payments", "/v1/payments", 201, random.duration(9), [call("payments", rated), provider, write], [log("INFO", `payment for order ${order} authorised`, { "order.id": order, "payment.provider": "psp.example" })]);
    if (random.chance(0.004)) {
      provider.self = 3000;
      provider.error = "deadline exceeded";
      provider.attributes["error.type"] = "timeout";
      delete provider.attributes["http.response.status_code"];
      pay.attributes["http.response.status_code"] = 504;
      pay.logs = [];
      return fail(pay, "java.net.http.HttpTimeoutException", "request to api.psp.example timed out after 3000 ms", ["\tat org.example.shop.payments.Provider.authorise(Provider.java:77)"]);
    }
    if (random.chance(0.02)) {
      pay.attributes["http.response.status_code"] = 402;
      pay.logs = [log("WARN", `payment for order ${order} declined: ${random.pick(["insufficient funds", "card expired", "limit reached"])}`, { "order.id": order })];
    }
    return pay;
  }

  /** What happens after the order, through a queue. */
  #send(order) {
    const { random } = this;
    const parcel = serve("shipping", "POST", "/v1/parcels", "/v1/parcels", 201, random.duration(26), [], [log("INFO", `parcel for order ${order} announced`, { "order.id": order, "parcel.carrier": random.pick(["north", "post", "bike"]) })]);
    const mail = span("mailer", "process orders", "consumer", random.duration(60), { "messaging.system": "kafka", "messaging.destination.name": "orders", "messaging.operation.type": "process" }, [], [log("INFO", `mail for order ${order} handed over`, { "order.id": order, template: "order-placed" })]);
    return span("checkout", "publish orders", "producer", random.duration(2), { "messaging.system": "kafka", "messaging.destination.name": "orders", "messaging.operation.type": "send" }, [call("checkout", parcel), mail]);
  }
}

/** Gives a tree its times: children follow one another, after a third of what the parent does itself. */
export function lay(node, start) {
  node.start = start;
  let at = start + node.self / 3;
  for (const child of node.children) at = lay(child, at + 0.3) + 0.2;
  node.end = at + (node.self * 2) / 3;
  return node.kind === "producer" ? start + node.self : node.end;
}

/** How busy the shop is at a time of day, 0.25 to 1, in UTC. */
export function busy(at) {
  const hour = (at % DAY) / DAY * 24;
  return 0.625 - 0.375 * Math.cos(((hour - 3) / 24) * 2 * Math.PI);
}
