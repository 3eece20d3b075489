// GraphQL over HTTP: named documents only, with three ways to fail that the till tells apart.

const WAIT_MS = 15_000; // a sale waits up to 8 s for its sign
const AWAY = new Set([429, 500, 502, 503, 504]);

export const settings = JSON.parse(document.getElementById("settings").textContent);

/** Nobody knows whether the request arrived. */
export class Away extends Error {}
/** The session is over: somebody must sign in. */
export class SignedOut extends Error {}
/** The server would not do it, and nothing was done; `message` is for people. */
export class Declined extends Error {
  constructor({ code, message, nextAction, field }) {
    super(message);
    Object.assign(this, { code, nextAction, field });
  }
}

/** Whether the server knows what this needs: add-ons may be missing. */
export function can(name) {
  return name in settings.documents;
}

/** Data of a document. Raises Away, SignedOut or Declined. */
export async function ask(name, variables, { token = null, language = "ru" } = {}) {
  const headers = { "content-type": "application/json", "accept-language": language };
  if (token) headers.authorization = `Bearer ${token}`;
  let response, body;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers,
      credentials: "omit",
      body: JSON.stringify({ query: settings.documents[name], variables }),
      signal: AbortSignal.timeout(WAIT_MS),
    });
    body = await response.json();
  } catch (error) {
    throw new Away(String(error));
  }
  if (response.status === 401) throw new SignedOut();
  const error = body.errors?.[0];
  if (error) {
    const code = error.extensions?.code ?? "";
    if (code === "UNAUTHENTICATED") throw new SignedOut();
    if (AWAY.has(response.status) || ["INTERNAL_SERVER_ERROR", "UNAVAILABLE", "DATABASE_UNAVAILABLE"].includes(code)) {
      throw new Away(error.message);
    }
    throw new Declined({ code, message: error.message });
  }
  if (!body.data) throw new Away(`HTTP ${response.status}`);
  return body.data;
}

/** The `answer` of a mutation that may be refused. */
export async function tell(name, variables, options) {
  const { answer } = await ask(name, variables, options);
  if (answer.__typename === "Refused") throw new Declined(answer);
  return answer;
}
