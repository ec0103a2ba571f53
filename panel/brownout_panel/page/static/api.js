// The panel's HTTP API, relative to the page.

const base = new URL("api/", document.baseURI);
const SLOW_MS = 15_000;

/** A refusal: the message is its problem document's sentence, `code` is what to decide by. */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || document.title || `the panel answered ${status}`);
    this.status = status;
    this.code = document.code ?? "";
  }
}

async function ask(method, path, body, timeout = SLOW_MS) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-Brownout-By"] = "page";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(new URL(path, base), {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    const why = error.name === "TimeoutError" ? `did not answer within ${timeout / 1000} s` : "can’t be reached";
    throw new Problem(0, { detail: `The panel ${why}. Nothing is known of what became of this.` });
  }
  const document = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, document);
  return document;
}

export const streamUrl = (last) => new URL(`stream?last=${encodeURIComponent(last)}`, base);
export const state = (timeout) => ask("GET", "state", undefined, timeout);
export const history = () => ask("GET", "history?seconds=7200");
export const faultKinds = () => ask("GET", "faults/kinds");
export const putFaults = (document) => ask("PUT", "faults", document);
export const clearFaults = () => ask("DELETE", "faults");
export const policyFields = () => ask("GET", "policy/fields");
export const putPolicy = (document) => ask("PUT", "policy", document);
export const loadShapes = () => ask("GET", "load/shapes");
export const putLoad = (document) => ask("PUT", "load", document);
export const stopLoad = () => ask("DELETE", "load");
export const kill = (name, evenLast) => ask("POST", `replicas/${encodeURIComponent(name)}/kill`, { even_last: evenLast });
export const mark = (document) => ask("POST", "marks", document);
export const experiments = () => ask("GET", "experiments", undefined, 60_000);
export const startExperiment = (file) => ask("POST", "experiments", { file }, 60_000);
export const stopExperiment = () => ask("DELETE", "experiments", undefined, 60_000);
export const makeReport = () => ask("POST", "reports", {}, 150_000);
export const stopEverything = () => ask("POST", "stop-everything", {}, 60_000);
export const release = () => ask("POST", "release", {});
