// The part of GitHub Markdown that cards use, as DOM nodes. Text only ever becomes text: no HTML is parsed,
// so nothing a card says can run, and only https links are links.

const ESCAPED = /\\([!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~])/;
const INLINE = [
  [ESCAPED, (match) => document.createTextNode(match[1])],
  [/`([^`]+)`/, (match) => element("code", [document.createTextNode(match[1])])],
  [/\*\*(.+?)\*\*/, (match) => element("strong", inline(match[1]))],
  [/\*([^*]+?)\*/, (match) => element("em", inline(match[1]))],
  [/\[([^\]]+)\]\((https:\/\/[^)\s]+)\)/, (match) => link(match[1], match[2])],
];

export function element(name, children = [], attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function link(text, address) {
  return element("a", inline(text), { href: address, rel: "noopener noreferrer", target: "_blank" });
}

export function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, make };
  }
  if (!first) return [document.createTextNode(text.replace(/&(lt|gt|amp|quot);/g, entity))];
  const { match, make } = first;
  return [...inline(text.slice(0, match.index)), make(match), ...inline(text.slice(match.index + match[0].length))];
}

function entity(_, name) {
  return { lt: "<", gt: ">", amp: "&", quot: '"' }[name];
}

export function markdown(source) {
  const blocks = source.replace(/\r/g, "").split(/\n{2,}/).filter((block) => block.trim());
  return blocks.flatMap(block);
}

function block(text) {
  const lines = text.split("\n");
  const heading = /^#{1,6} +(.*)$/.exec(lines[0]);
  if (heading) return [element("h4", inline(heading[1])), ...(lines.length > 1 ? block(lines.slice(1).join("\n")) : [])];
  if (lines.length > 1 && /^\|?[\s:|-]+\|[\s:|-]*$/.test(lines[1])) return [table(lines)];
  const start = lines.findIndex((line) => /^\s*(?:[-*]|\d+\.) /.test(line));
  if (start < 0) return [element("p", inline(lines.join(" ")))];
  const before = start ? [element("p", inline(lines.slice(0, start).join(" ")))] : [];
  return [...before, list(lines.slice(start))];
}

function list(lines) {
  const items = [];
  for (const line of lines) {
    const item = /^\s*(?:[-*]|\d+\.) +(.*)$/.exec(line);
    if (item) items.push(item[1]);
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return element(/^\s*\d/.test(lines[0]) ? "ol" : "ul", items.map((item) => element("li", inline(item))));
}

function table(lines) {
  const cells = (line) => line.replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
  const row = (line, kind) => element("tr", cells(line).map((cell) => element(kind, inline(cell))));
  return element("table", [
    element("thead", [row(lines[0], "th")]),
    element("tbody", lines.slice(2).map((line) => row(line, "td"))),
  ]);
}
