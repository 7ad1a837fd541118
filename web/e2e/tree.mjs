// A place as a screen reader has it, short enough to be reviewed: what it is made of and how its parts are named. Data is left out: of
// the rows of a list one stands for all, numbers, times and ids are signs.

/** What is deeper is a part of a part. */
const MOST_DEPTH = 5;
/** What they say is data; that there are some is not. */
const DATA = new Set(["row", "listitem", "option", "article", "definition", "img", "time"]);
const SIGNS = [
  [/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?/g, "DATE"],
  [/\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?\b/g, "TIME"],
  [/\btdm_\w+/g, "TOKEN"],
  [/\b[0-9a-f]{12,}\b/g, "ID"],
  [/\b127\.0\.0\.1:\d+/g, "ADDRESS"],
  [/\bv?\d+\.\d+\.\d+(?:[-+.\w]*)?/g, "VERSION"],
  [/(?:[\d,.]*\d)(?: ?(?:ns|µs|ms|s|m|h|d|w|y|%|B|kB|MB|GB|KiB|MiB|GiB)\b)?/g, "N"],
];
/** With signs for data, but for what roles are like: `[level=2]`. One and several are told alike, and how much was read
 * is told where there was something to read. */
const signed = (told) => told.split(/( \[[a-z]+(?:=\w+)?\])/).map((part, at) => (at % 2 ? part : SIGNS.reduce((left, [pattern, sign]) => left.replace(pattern, sign), part).replace(/\bN (\p{L}+?)s\b/gu, "N $1").replace(/, N read\b/g, ""))).join("");

/** Lines of YAML as a tree: each with its role, what is said of it, and what is in it. */
function parse(text) {
  const root = { children: [] };
  const open = [root];
  for (const line of text.split("\n")) {
    const found = /^( *)- (.*)$/.exec(line);
    if (!found) continue;
    const [, indent, told] = found;
    const node = { role: /^'?([\w/]+)/.exec(told)?.[1] ?? "", told, children: [] };
    open.length = indent.length / 2 + 1;
    open.at(-1).children.push(node);
    open.push(node);
  }
  return root.children;
}

/** A heading of a table is no data. */
const heads = (node) => node.role === "row" && node.children.some(({ role }) => role === "columnheader");

function lines(nodes, depth) {
  const told = [];
  for (const node of nodes) {
    if (node.role.startsWith("/") || depth >= MOST_DEPTH) continue;
    const isData = DATA.has(node.role) && !heads(node);
    const text = isData ? node.role : signed(node.told.replace(/:$/, ""));
    const within = isData ? [] : lines(node.children, depth + 1);
    told.push([`${"  ".repeat(depth)}- ${text}`, ...within].join("\n"));
  }
  // The same again and again is said once.
  return told.filter((one, at) => one !== told[at - 1]);
}

/** The outline of an accessibility tree. */
export const outline = (tree) => `${lines(parse(tree), 0).join("\n")}\n`;
