// What any CDS Hooks client does: discover, fill the prefetch templates from its own FHIR server, call.

async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : null;
}

export const loadEhr = () => json("ehr.json");

export function fhirBase(patient) {
  return `${location.origin}/demo/fhir/${encodeURIComponent(patient.scenario)}`;
}

export function read(patient) {
  return json(`${fhirBase(patient)}/Patient/${encodeURIComponent(patient.request.context.patientId)}`);
}

export async function search(patient, kind) {
  const bundle = await json(`${fhirBase(patient)}/${kind}?patient=${encodeURIComponent(patient.request.context.patientId)}`);
  return (bundle?.entry ?? []).map((entry) => entry.resource);
}

export async function services() {
  const discovery = await json("/cds-services");
  return Object.fromEntries((discovery?.services ?? []).map((service) => [service.hook, service]));
}

export async function buildCall(service, patient, drafts, way) {
  const context = { ...patient.request.context };
  for (const name of ["draftOrders", "selections", "medications"]) delete context[name];
  if (service.hook !== "patient-view") {
    const entry = drafts.flatMap((draft) => [draft.resource, ...draft.companions]).map((resource) => ({ resource }));
    context.draftOrders = { resourceType: "Bundle", type: "collection", entry };
    if (service.hook === "order-select") {
      context.selections = drafts.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
    }
  }
  const call = { hook: service.hook, hookInstance: crypto.randomUUID(), context };
  if (way === "fetch") {
    call.fhirServer = fhirBase(patient);
    call.fhirAuthorization = { access_token: "demo", token_type: "Bearer", expires_in: 300, scope: "patient/*.read", subject: "demo", patient: context.patientId };
  }
  if (way === "prefetch") call.prefetch = await prefetch(service, patient, context);
  return call;
}

async function prefetch(service, patient, context) {
  const entries = Object.entries(service.prefetch ?? {}).map(async ([key, template]) => {
    const query = template.replace(/\{\{context\.(\w+)\}\}/g, (_, name) => encodeURIComponent(context[name] ?? ""));
    return [key, await json(`${fhirBase(patient)}/${query}`)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

export async function send(service, call) {
  const answer = await fetch(`/cds-services/${service.id}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(call),
  });
  return { status: answer.status, body: await answer.json() };
}
