// The places of the page: what is looked at by screenshots and by the tests that hold for every place.

/**
 * `path` may be a function of what is asked of the server, for places that are about something: it answers null when the
 * server has nothing of it.
 * @type {{name: string, path: string | ((api: import("./world/api.mjs").Api) => Promise<string | null>)}[]}
 */
export const PLACES = [
  { name: "home", path: "/" },
  { name: "explore", path: "/explore" },
  { name: "explore-search", path: "/explore?query=service%3Acheckout%20level%3Aerror" },
  { name: "explore-traces", path: "/explore?tab=traces" },
  { name: "trace", path: async (api) => first(await api.post("/api/v1/sql", { sql: "SELECT trace_id FROM spans WHERE service_name = 'checkout' ORDER BY duration_ns DESC LIMIT 1" }), ([id]) => `/explore?tab=traces&trace=${id}`) },
  { name: "explore-metrics", path: "/explore?tab=metrics&metric=system.cpu.utilization&by=host.name&query=cpu.mode%3Auser&from=now-6h" },
  { name: "explore-sql", path: `/explore?tab=sql&sql=${encodeURIComponent("SELECT service_name, count(*) AS rows FROM logs GROUP BY 1 ORDER BY 2 DESC")}` },
  { name: "alerts", path: "/alerts" },
  { name: "alert", path: async (api) => first(await api.get("/api/v1/alerts?order=level&limit=1"), (row) => `/alerts/${row.id}`) },
  { name: "incident", path: async (api) => first(await api.get("/api/v1/incidents?order=level&limit=1"), (row) => `/incidents/${row.id}`) },
  { name: "services", path: "/services" },
  { name: "service", path: async (api) => known(api, "service:checkout") },
  { name: "findings", path: "/findings" },
  { name: "controls", path: "/controls" },
  { name: "control", path: "/controls/fixed-before-release" },
  { name: "readiness", path: "/readiness" },
  { name: "planning", path: "/planning" },
  { name: "dashboards", path: "/dashboards" },
  ...["host", "service", "log-ins", "web-traffic", "kubernetes", "tandem"].map((name) => ({ name: `dashboard-${name}`, path: `/dashboards/${name}` })),
  { name: "settings", path: "/settings" },
];

const first = ({ rows }, path) => (rows.length > 0 ? path(rows[0]) : null);

async function known(api, entity) {
  const { rows } = await api.get("/api/v1/inventory/running?kind=service");
  return rows.some((row) => `service:${row.name}` === entity) ? `/services/${encodeURIComponent(entity)}` : null;
}

/** The address of a place on a server, or null. */
export const pathOf = (place, api) => (typeof place.path === "string" ? place.path : place.path(api));
