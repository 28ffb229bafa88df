// The patient's chart as the EHR shows it: problems, running drugs, the newest results.

import { read, search } from "./ehr.js";
import { dosageText, nameOf } from "./orders.js";
import { element } from "./markdown.js";

const SHOWN_RESULTS = 14;

export async function chart(patient) {
  const person = await read(patient);
  const kinds = ["Condition", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Observation"];
  const [problems, orders, statements, allergies, results] = await Promise.all(kinds.map((kind) => search(patient, kind)));
  const running = [...orders.filter((each) => each.status === "active"), ...statements.filter((each) => each.status === "active")];
  return [
    element("p", [who(person, patient.asOf)], { class: "who" }),
    element("p", [`Today in this demo: ${patient.asOf}.`]),
    part("Problems", problems.filter(isOpen).map((each) => `${nameOf(each)}${since(each.onsetDateTime)}`)),
    part("Takes", running.map((each) => `${nameOf(each)}: ${dosageText(each)}`)),
    part("Allergies", allergies.map(nameOf)),
    table(results.filter((each) => each.status !== "entered-in-error").sort(newestFirst).slice(0, SHOWN_RESULTS)),
  ];
}

// Whole years on the day: what a clinician reads as the age.
function who(person, today) {
  const name = [...(person?.name?.[0]?.given ?? []), person?.name?.[0]?.family].filter(Boolean).join(" ");
  const born = person?.birthDate ?? "";
  const years = Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0);
  return [name, person?.gender, born && `${years} years, born ${born}`].filter(Boolean).join(", ");
}

const since = (day) => (day ? ` (since ${day})` : "");
const newestFirst = (one, other) => (other.effectiveDateTime ?? "").localeCompare(one.effectiveDateTime ?? "");

function isOpen(problem) {
  const code = (concept) => concept?.coding?.[0]?.code;
  return code(problem.clinicalStatus) === "active" && !["refuted", "entered-in-error"].includes(code(problem.verificationStatus));
}

function part(title, lines) {
  const items = lines.length ? lines.map((line) => element("li", [line])) : [element("li", ["none recorded"], { class: "none" })];
  return element("section", [element("h3", [title]), element("ul", items)]);
}

function table(results) {
  const rows = results.map((result) => element("tr", [
    element("td", [nameOf(result)]), element("td", [value(result)], { class: "value" }), element("td", [(result.effectiveDateTime ?? "").slice(0, 10)], { class: "day" }),
  ]));
  const head = element("tr", ["Result", "Value", "Day"].map((title) => element("th", [title], { scope: "col" })));
  return element("section", [element("h3", ["Newest results"]), element("table", [element("thead", [head]), element("tbody", rows)])]);
}

function value(result) {
  const quantity = result.valueQuantity;
  if (quantity) return `${quantity.comparator ?? ""}${quantity.value} ${quantity.unit ?? ""}`;
  if (result.component) return result.component.map((each) => each.valueQuantity?.value).join("/");
  return result.valueString ?? result.valueCodeableConcept?.text ?? result.valueCodeableConcept?.coding?.[0]?.display ?? "";
}
