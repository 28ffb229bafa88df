// The page: a patient, orders, a moment, cards.

import { buildCall, loadEhr, send, services } from "./ehr.js";
import { chart } from "./chart.js";
import { show, unjudged } from "./cards.js";
import { blank, draftOf, form, fromBundle } from "./orders.js";
import { element } from "./markdown.js";

const byId = (id) => document.getElementById(id);
const MOMENTS = { "patient-view": "on opening the chart", "order-select": "while the orders are being written", "order-sign": "on signing" };
const state = { ehr: null, offered: {}, patient: null, drafts: [], asked: 0, hook: null };

function drawOrders() {
  const drugs = state.ehr.drugs;
  const forms = state.drafts.map((draft) => form(draft, drugs, changed, remove));
  byId("orders").replaceChildren(...(forms.length ? forms : [element("p", ["No order yet."], { class: "none" })]));
}

function changed(_, redraw = false) {
  if (redraw) drawOrders();
  stale();
}

function remove(draft) {
  state.drafts = state.drafts.filter((each) => each !== draft);
  drawOrders();
  stale();
}

// An answer about an order that has since been changed must not look current.
function stale() {
  if (!byId("cards").childElementCount) return;
  byId("cards").classList.add("stale");
  byId("moment").textContent = "The orders have changed since this answer. Ask again.";
}

async function choose(scenario) {
  state.patient = state.ehr.patients.find((each) => each.scenario === scenario);
  const { context } = state.patient.request;
  state.drafts = fromBundle(context.draftOrders ?? context.medications);
  byId("story").textContent = state.patient.story;
  for (const id of ["cards", "unjudged", "chart"]) byId(id).replaceChildren();
  byId("raw").hidden = true;
  byId("moment").textContent = "Choose a moment on the left: open the chart, check while writing, or sign.";
  drawOrders();
  byId("chart").replaceChildren(...(await chart(state.patient)));
}

async function ask(hook) {
  const service = state.offered[hook];
  const asked = ++state.asked;
  state.hook = hook;
  if (!service) { byId("moment").textContent = `The service offers nothing for ${hook}.`; return; }
  byId("moment").textContent = "Asking the service \u2026";
  const way = document.querySelector("input[name=way]:checked").value;
  const call = await buildCall(service, state.patient, state.drafts, way);
  const started = performance.now();
  const answer = await send(service, call);
  if (asked === state.asked) draw(hook, call, answer, Math.round(performance.now() - started));
}

function draw(hook, call, answer, took) {
  const count = answer.body.cards?.length ?? 0;
  byId("moment").textContent = `Asked ${MOMENTS[hook]}: ${count === 1 ? "1 card" : `${count} cards`}, ${took} ms.`;
  byId("cards").classList.remove("stale");
  byId("cards").replaceChildren(...show(answer, accept));
  byId("unjudged").replaceChildren(...unjudged(answer));
  byId("raw").hidden = false;
  byId("raw-call").textContent = JSON.stringify(call, null, 2);
  byId("raw-answer").textContent = JSON.stringify(answer.body, null, 2);
}

// Accepting changes the orders on this page only; then the service is asked again, as an EHR would.
function accept(suggestion) {
  for (const action of suggestion.actions ?? []) apply(action);
  drawOrders();
  ask(state.hook === "patient-view" ? "order-sign" : state.hook);
}

function apply({ type, resource, resourceId }) {
  if (type === "delete") {
    const id = String([resourceId].flat()[0]).split("/").pop();
    state.drafts = state.drafts.filter((draft) => draft.resource.id !== id);
  } else if (type === "update") {
    const place = state.drafts.findIndex((draft) => draft.resource.id === resource.id);
    if (place >= 0) state.drafts[place] = { ...state.drafts[place], resource };
    else state.drafts.push(draftOf(resource));
  } else if (type === "create") {
    state.drafts.push(draftOf(resource));
  }
}

async function start() {
  [state.ehr, state.offered] = await Promise.all([loadEhr(), services()]);
  const options = state.ehr.patients.map((each) => element("option", [each.title], { value: each.scenario }));
  byId("patient").replaceChildren(...options);
  byId("patient").addEventListener("change", (event) => choose(event.target.value));
  byId("add").addEventListener("click", () => {
    state.drafts.push(blank(state.patient.request.context.patientId, state.ehr.drugs[0]));
    drawOrders();
    stale();
    byId("orders").lastElementChild.querySelector("input")?.focus();
  });
  for (const hook of Object.keys(MOMENTS)) byId(hook).addEventListener("click", () => ask(hook));
  const wanted = new URLSearchParams(location.search).get("patient") ?? "methotrexate-daily";
  const first = state.ehr.patients.some((each) => each.scenario === wanted) ? wanted : state.ehr.patients[0].scenario;
  byId("patient").value = first;
  await choose(first);
  document.documentElement.dataset.ready = "yes";
}

start();
