// Cards as a clinician reads them: how urgent, what, why, what can be done, where it comes from.

import { element, markdown } from "./markdown.js";

const OWN = "org.dermatomyositis-cds";
const URGENCY = {
  critical: ["STOP", "Act before signing, or today"],
  warning: ["!", "Warning"],
  info: ["i", "For information"],
};

export function show(answer, accept) {
  if (answer.status !== 200) return [refusal(answer)];
  const cards = answer.body.cards ?? [];
  return cards.length ? cards.map((card) => cardBox(card, accept)) : [element("p", ["No card: among the checks that are built and could be made, nothing to say."], { class: "calm" })];
}

function refusal(answer) {
  const issues = (answer.body.issue ?? []).map((issue) => element("li", [issue.diagnostics ?? issue.code]));
  return element("article", [element("h3", [`The service refused the call (${answer.status})`]), element("ul", issues)], { class: "card refused" });
}

function cardBox(card, accept) {
  const [sign, words] = URGENCY[card.indicator] ?? URGENCY.info;
  const box = element("article", [
    element("p", [element("span", [sign], { "aria-hidden": "true" }), ` ${words}`], { class: "urgency" }),
    element("h3", [card.summary]),
    element("div", markdown(card.detail ?? ""), { class: "detail" }),
  ], { class: `card ${card.indicator}` });
  if (card.suggestions?.length) box.append(offers(card, accept));
  box.append(provenance(card));
  return box;
}

function offers(card, accept) {
  const buttons = card.suggestions.map((suggestion) => {
    const button = element("button", [suggestion.label], { type: "button" });
    button.addEventListener("click", () => accept(suggestion));
    return button;
  });
  return element("div", buttons, { class: "offers", role: "group", "aria-label": "What you can do" });
}

function provenance(card) {
  const rules = card.extension?.[OWN]?.rules ?? [];
  const rows = rules.map((rule) => element("li", [`${rule.rule}: ${rule.indicator}, evidence ${rule.evidence ?? "not graded"}`]));
  const reasons = (card.overrideReasons ?? []).map((reason) => element("li", [reason.display ?? reason.code]));
  const source = card.source?.url?.startsWith("https://")
    ? element("a", [card.source.label], { href: card.source.url, rel: "noopener noreferrer", target: "_blank" })
    : card.source?.label ?? "";
  return element("details", [
    element("summary", ["Why, and from where"]),
    element("p", ["Source: ", source]),
    ...(rows.length ? [element("p", ["Rules behind this card:"]), element("ul", rows)] : []),
    ...(reasons.length ? [element("p", ["Reasons to override it:"]), element("ul", reasons)] : []),
  ]);
}

// What was not checked: what could not be read, and what nobody has built yet. Silence may only mean "checked".
export function unjudged(answer) {
  const rows = answer.body?.extension?.[OWN]?.notEvaluated ?? [];
  if (!rows.length) return [];
  const notBuilt = rows.filter((row) => (row.missing ?? []).some(isNotBuilt));
  const lacking = rows.filter((row) => !notBuilt.includes(row));
  return [
    ...(lacking.length ? [fold(`Could not be checked (${lacking.length})`, lacking.map((row) => `${row.rule}: lacks ${(row.missing ?? []).join(", ") || "data"}`), true)] : []),
    ...(notBuilt.length ? [fold(`Not built yet, so not checked (${notBuilt.length})`, notBuilt.map((row) => row.rule), false)] : []),
  ];
}

const isNotBuilt = (missing) => /not[ -]built|pending|not[ -]implemented/i.test(missing);

function fold(title, lines, open) {
  const list = element("ul", lines.map((line) => element("li", [line])));
  return element("details", [element("summary", [title]), list], { class: "unjudged", ...(open ? { open: "" } : {}) });
}
