// The shop's code, as far as scanners look at it: small folders with what goes wrong in real ones, and what mends it.

/** Versions of libraries that are known to be weak, and what is known of them: facts of public advisories. */
export const ADVISORIES = [
  { id: "CVE-2021-23337", ecosystem: "npm", name: "lodash", fixed: "4.17.21", summary: "lodash runs commands that are put into templates", cvss: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" },
  { id: "CVE-2022-24999", ecosystem: "npm", name: "qs", introduced: "6.9.0", fixed: "6.9.7", summary: "qs hangs on a crafted query string", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
  { id: "CVE-2024-29041", ecosystem: "npm", name: "express", fixed: "4.19.2", summary: "express redirects to addresses that were not allowed", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N" },
  { id: "CVE-2023-30861", ecosystem: "PyPI", name: "flask", fixed: "2.2.5", summary: "flask may send a session to another client by way of a cache", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" },
  { id: "CVE-2020-14343", ecosystem: "PyPI", name: "pyyaml", fixed: "5.4", summary: "PyYAML runs code out of documents", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
  { id: "CVE-2022-21698", ecosystem: "Go", name: "github.com/prometheus/client_golang", fixed: "1.11.1", summary: "client_golang keeps a series for each method that is made up", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
  { id: "CVE-2023-44487", ecosystem: "Go", name: "golang.org/x/net", fixed: "0.17.0", summary: "HTTP/2 streams that are opened and reset exhaust a server", cvss: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
];

/** What CISA says is exploited, of those above. */
export const EXPLOITED = ["CVE-2023-44487"];

const lock = (versions) => JSON.stringify({
  name: "storefront", version: "1.0.0", lockfileVersion: 3, requires: true,
  packages: { "": { name: "storefront", version: "1.0.0", dependencies: Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, `^${version}`])) }, ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }])) },
}, null, 2);

const dockerfile = (good) => good
  ? "FROM debian:13-slim@sha256:0000000000000000000000000000000000000000000000000000000000000001\nRUN useradd --system shop\nCOPY app /app\nUSER shop\nENTRYPOINT [\"/app\"]\n"
  : "FROM debian:latest\nADD https://example.org/tools.tar.gz /opt/\nRUN apt-get update && apt-get install -y curl\nRUN curl -s https://example.org/install.sh | sh\nEXPOSE 22\nCMD /app\n";

const workload = (name, good) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop, labels: {app.kubernetes.io/name: ${name}}}
spec:
  replicas: 2
  selector: {matchLabels: {app.kubernetes.io/name: ${name}}}
  template:
    metadata: {labels: {app.kubernetes.io/name: ${name}}}
    spec:
      automountServiceAccountToken: ${good ? "false" : "true"}
      containers:
        - name: ${name}
          image: registry.example.org/shop/${name}:${good ? "2.3.0" : "latest"}
          securityContext:
            privileged: ${good ? "false" : "true"}
            allowPrivilegeEscalation: ${good ? "false" : "true"}
            runAsNonRoot: ${good ? "true" : "false"}
            readOnlyRootFilesystem: ${good ? "true" : "false"}
${good ? "            capabilities: {drop: [ALL]}\n            seccompProfile: {type: RuntimeDefault}\n          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}\n" : ""}`;

const workflow = (good) => `name: build
on: ${good ? "push" : "pull_request_target"}
${good ? "permissions: {contents: read}\n" : "permissions: write-all\n"}jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@${good ? "08c6903cd8c0fde910a37f88322edcfb5dd907a8" : "v4"}
${good ? "        with: {persist-credentials: false}\n" : "        with: {ref: \"${{ github.event.pull_request.head.sha }}\"}\n"}      - run: ${good ? "make build" : "echo \"building ${{ github.event.pull_request.title }}\" && make build"}
`;

const gateway = (good) => `events {}
http {
  server_tokens ${good ? "off" : "on"};
  server {
    listen 443 ssl;
    server_name shop.example;
    ssl_certificate /etc/tls/shop.pem;
    ssl_certificate_key /etc/tls/shop.key;
    ssl_protocols ${good ? "TLSv1.2 TLSv1.3" : "TLSv1 TLSv1.1 TLSv1.2"};
    location / { proxy_pass http://storefront:8080; }
${good ? "" : "    location /files { alias /srv/files/; autoindex on; }\n"}  }
}
`;

/** Each repository as it was, and as it is: what is in the second was committed later. */
export const REPOSITORIES = {
  shop: {
    before: {
      CODEOWNERS: "* @acme/shop\n/checkout/ @acme/shop\n/deploy/ @acme/platform\n/.github/ @acme/security\n",
      "storefront/package.json": "{\"name\": \"storefront\", \"version\": \"1.0.0\"}\n",
      "storefront/package-lock.json": lock({ lodash: "4.17.20", qs: "6.9.1", express: "4.18.1" }),
      "storefront/Dockerfile": dockerfile(false),
      "deploy/checkout.yaml": workload("checkout", false),
      "deploy/cart.yaml": workload("cart", false),
      ".github/workflows/build.yml": workflow(false),
    },
    after: { "storefront/package-lock.json": lock({ lodash: "4.17.20", qs: "6.9.7", express: "4.19.2" }), "deploy/cart.yaml": workload("cart", true), ".github/workflows/build.yml": workflow(true) },
  },
  payments: {
    before: {
      CODEOWNERS: "* @acme/payments\n/deploy/ @acme/platform\n",
      "fraud/requirements.txt": "flask==2.2.2\npyyaml==5.3.1\n",
      "fraud/Dockerfile": dockerfile(false),
      "deploy/payments.yaml": workload("payments", true),
    },
    after: { "fraud/requirements.txt": "flask==2.2.5\npyyaml==5.3.1\n", "deploy/fraud.yaml": workload("fraud", false) },
  },
  discovery: {
    before: {
      CODEOWNERS: "* @acme/discovery\n",
      "catalog/go.mod": "module example.org/shop/catalog\n\ngo 1.26\n\nrequire (\n\tgithub.com/prometheus/client_golang v1.11.0\n\tgolang.org/x/net v0.16.0\n)\n",
      "deploy/search.yaml": workload("search", true),
    },
    after: { "recommendations/Dockerfile": dockerfile(false) },
  },
  platform: {
    before: { CODEOWNERS: "* @acme/platform\n", "gateway/nginx.conf": gateway(false), "bastion/sshd_config": "PermitRootLogin yes\nPasswordAuthentication yes\nX11Forwarding yes\nMaxAuthTries 10\n" },
    after: { "gateway/nginx.conf": gateway(true) },
  },
  logistics: {
    before: { CODEOWNERS: "* @acme/logistics\n", "deploy/stock.yaml": workload("stock", false), "stock/Dockerfile": dockerfile(true) },
    after: { "deploy/stock.yaml": workload("stock", true) },
  },
};
