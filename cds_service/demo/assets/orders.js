// Drafts: a FHIR resource each, shown as a form. The resource is the truth; the form rewrites its dosage.

import { element } from "./markdown.js";

const UCUM = "http://unitsofmeasure.org";
const DAYS = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };
const TIMINGS = {
  weekly: ["once a week", { frequency: 1, period: 1, periodUnit: "wk" }],
  daily: ["once a day", { frequency: 1, period: 1, periodUnit: "d" }],
  twice: ["twice a day", { frequency: 2, period: 1, periodUnit: "d" }],
  thrice: ["three times a day", { frequency: 3, period: 1, periodUnit: "d" }],
  twiceWeekly: ["twice a week", { frequency: 2, period: 1, periodUnit: "wk" }],
  fortnightly: ["every 2 weeks", { frequency: 1, period: 2, periodUnit: "wk" }],
  needed: ["as needed", {}],
  words: ["only in the words below", {}],
};
const UNITS = { mg: ["mg", "mg"], tablet: ["tablets", "{tbl}"], mL: ["mL", "mL"], g: ["g", "g"] };
const ROUTES = {
  "": ["not stated", null],
  oral: ["by mouth", ["26643006", "Oral route"]],
  subcutaneous: ["under the skin", ["34206005", "Subcutaneous route"]],
  intravenous: ["into a vein", ["47625008", "Intravenous route"]],
};

let counter = 0;

export function fromBundle(bundle) {
  const resources = (bundle?.entry ?? []).map((entry) => entry.resource);
  const medications = resources.filter((resource) => resource.resourceType === "Medication");
  return resources
    .filter((resource) => resource.resourceType !== "Medication")
    .map((resource) => draftOf(resource, medications.filter((each) => resource.medicationReference?.reference === `Medication/${each.id}`)));
}

export function draftOf(resource, companions = []) {
  counter += 1;
  return { key: `order-${counter}`, resource: { ...resource, id: resource.id ?? `draft-${counter}` }, companions };
}

export function blank(patientId, drug) {
  return draftOf({
    resourceType: "MedicationRequest", id: `new-${counter + 1}`, status: "draft", intent: "order",
    medicationCodeableConcept: { coding: [drug.coding], text: drug.name },
    subject: { reference: `Patient/${patientId}` },
    dosageInstruction: [],
  });
}

export function nameOf(resource) {
  const concept = resource.medicationCodeableConcept ?? resource.code;
  return concept?.text || concept?.coding?.[0]?.display || resource.medicationReference?.display || resource.resourceType;
}

export function dosageText(resource) {
  return (resource.dosageInstruction ?? resource.dosage ?? []).map((row) => row.text || structure(row)).join("; then ") || "no dosage stated";
}

function structure(row) {
  const { dose, unit, timing, days } = read(row);
  const weekdays = days.map((day) => DAYS[day]).join(", ");
  return [dose && `${dose} ${unit}`, TIMINGS[timing]?.[0], weekdays].filter(Boolean).join(", ");
}

function read(row = {}) {
  const rows = row.doseAndRate ?? [];
  const chosen = rows.find((each) => each.type?.coding?.[0]?.code === "ordered") ?? rows[0];
  const quantity = chosen?.doseQuantity ?? chosen?.doseRange?.high ?? {};
  const repeat = row.timing?.repeat;
  const same = ([, wanted]) => repeat && ["frequency", "period", "periodUnit"].every((key) => repeat[key] === wanted[key]);
  const timing = row.asNeededBoolean ? "needed" : Object.entries(TIMINGS).find(([, each]) => each[1].period && same(each))?.[0];
  return {
    dose: quantity.value ?? "", unit: quantity.code === "{tbl}" ? "tablet" : quantity.unit ?? "mg",
    timing: timing ?? (repeat?.dayOfWeek ? "weekly" : "words"), days: repeat?.dayOfWeek ?? [], text: row.text ?? "",
    route: Object.entries(ROUTES).find(([, [, code]]) => code && row.route?.coding?.some((each) => each.code === code[0]))?.[0] ?? "",
  };
}

function write(values) {
  const [, repeat] = TIMINGS[values.timing];
  const days = values.day && values.timing === "weekly" ? { dayOfWeek: [values.day] } : {};
  const row = {};
  if (values.text) row.text = values.text;
  if (values.timing === "needed") row.asNeededBoolean = true;
  else if (values.timing !== "words") row.timing = { repeat: { ...repeat, ...days } };
  const route = ROUTES[values.route][1];
  if (route) row.route = { coding: [{ system: "http://snomed.info/sct", code: route[0], display: route[1] }] };
  if (values.dose && values.timing !== "words") {
    const [unit, code] = UNITS[values.unit];
    row.doseAndRate = [{ doseQuantity: { value: Number(values.dose), unit, system: UCUM, code } }];
  }
  return row;
}

// A sig as an EHR prints it from the fields, so that words and structure agree until someone edits one of them.
function sig(values) {
  const day = values.timing === "weekly" && values.day ? `on ${DAYS[values.day]}s` : "";
  const [route] = ROUTES[values.route];
  return [values.dose && `${values.dose} ${UNITS[values.unit][0]}`, TIMINGS[values.timing][0], day, values.route && route].filter(Boolean).join(" ");
}

export function form(draft, drugs, changed, remove) {
  const { resource, key } = draft;
  const title = element("h3", [nameOf(resource)]);
  const removal = element("button", ["Remove"], { type: "button", class: "plain", "aria-label": `Remove ${nameOf(resource)}` });
  removal.addEventListener("click", () => remove(draft));
  const box = element("article", [element("div", [title, removal], { class: "order-head" })], { class: "order" });
  if (resource.resourceType !== "MedicationRequest") return box;
  const rows = resource.dosageInstruction ?? [];
  if (rows.length > 1) {
    box.append(element("p", ["Several steps, as written:"]), element("ol", rows.map((row) => element("li", [row.text || structure(row)]))));
    return box;
  }
  box.append(...fields(draft, key, drugs, read(rows[0]), changed));
  return box;
}

function fields(draft, key, drugs, values, changed) {
  const drug = choice(`${key}-drug`, "Drug", Object.fromEntries([["", nameOf(draft.resource)], ...drugs.map((each, place) => [place, each.name])]), "");
  const dose = field(`${key}-dose`, "Dose", values.dose, { inputmode: "decimal", size: 6 });
  const unit = choice(`${key}-unit`, "Unit", label(UNITS), values.unit);
  const timing = choice(`${key}-timing`, "How often", label(TIMINGS), values.timing);
  const day = choice(`${key}-day`, "Day", { "": "no day", ...DAYS }, values.days[0] ?? "");
  const route = choice(`${key}-route`, "Route", label(ROUTES), values.route);
  const text = field(`${key}-text`, "Words for the patient (sig)", values.text, { class: "long" });
  const now = () => ({ dose: dose.control.value.trim(), unit: unit.control.value, timing: timing.control.value, day: day.control.value, route: route.control.value, text: text.control.value.trim() });
  const store = () => { draft.resource = { ...draft.resource, dosageInstruction: [write(now())] }; changed(draft); };
  for (const each of [dose, unit, timing, day, route]) {
    each.control.addEventListener("change", () => {
      if (timing.control.value !== "words") text.control.value = sig(now());
      day.wrap.hidden = timing.control.value !== "weekly";
      store();
    });
  }
  text.control.addEventListener("change", store);
  drug.control.addEventListener("change", () => {
    const chosen = drugs[Number(drug.control.value)];
    if (!chosen || drug.control.value === "") return;
    const { medicationReference, ...rest } = draft.resource;
    draft.resource = { ...rest, medicationCodeableConcept: { coding: [chosen.coding], text: chosen.name } };
    draft.companions = [];
    changed(draft, true);
  });
  day.wrap.hidden = values.timing !== "weekly";
  return [drug.wrap, element("div", [dose.wrap, unit.wrap, timing.wrap, day.wrap, route.wrap], { class: "row" }), text.wrap];
}

const label = (table) => Object.fromEntries(Object.entries(table).map(([key, [words]]) => [key, words]));

function field(id, words, value, attributes = {}) {
  const control = element("input", [], { id, type: "text", autocomplete: "off", ...attributes });
  control.value = value;
  return { control, wrap: element("div", [element("label", [words], { for: id }), control], { class: "field" }) };
}

function choice(id, words, options, value) {
  const listed = Object.entries(options).map(([key, text]) => element("option", [text], { value: key }));
  const control = element("select", listed, { id });
  control.value = String(value);
  return { control, wrap: element("div", [element("label", [words], { for: id }), control], { class: "field" }) };
}
