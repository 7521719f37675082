// Starts GraphiQL: with the token from the address or from the page, and with the page's example tabs.

const place = document.getElementById("playground");
const note = document.getElementById("note");
const prefill = JSON.parse(place.dataset.prefill);
const ownToken = new URLSearchParams(location.hash.slice(1)).get("token");
const token = ownToken ?? prefill.token;

// Another link pasted into the same tab changes nothing but the fragment.
addEventListener("hashchange", () => location.reload());

const HINT = `# The playground of Roster's GraphQL API.
#
# To act as somebody, put their token below,
# into "Headers":
#     { "Authorization": "Bearer <token>" }
# or open this page as /graphiql#token=<token>
# (what follows the # stays in your browser).
#
# Ctrl-Space completes, Ctrl-Enter runs.
# The docs are behind the book icon.

query Hello {
  __typename
}
`;

/** Whom a token names. Read, not checked: it is only shown. */
function bearer(jwt) {
  try {
    const bytes = Uint8Array.from(
      atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")),
      (c) => c.charCodeAt(0),
    );
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return claims.email ?? claims.sub;
  } catch {
    return undefined;
  }
}

/** Says that the token is the address's, and offers the way back to the page's own. */
function showWhose() {
  const who = bearer(ownToken);
  note.textContent = `You use the token from this page's address${who ? `: ${who}` : ""}. `;
  if (prefill.token) {
    const back = Object.assign(document.createElement("a"), { href: "/graphiql", textContent: "Back to the default" });
    note.append(back);
  }
}

/** As GraphiQL itself names a tab. */
const nameOf = (query) => /^(?!#).*(?:query|subscription|mutation)\s+([a-zA-Z0-9_]+)/m.exec(query)?.[1] ?? null;

/**
 * Lays the example tabs where GraphiQL looks for the tabs of the last visit: its `defaultTabs` would lose the first
 * tab's variables, and would be ignored in a browser that was here before, whose tabs are of an earlier run. Within a
 * run, tabs stay as they were left.
 */
function layOutTabs({ run, tabs }) {
  if (!tabs?.length || localStorage.getItem("graphiql:rosterRun") === run) return;
  const laidOut = tabs.map(({ title, query, variables }) => {
    const comment = title ? title.split("\n").map((line) => `# ${line}\n`).join("") : "";
    return {
      id: crypto.getRandomValues(new Uint32Array(4)).join("-"),
      title: nameOf(query) ?? "<untitled>",
      operationName: nameOf(query),
      query: comment + query,
      variables: variables && JSON.stringify(variables, null, 2),
      headers: null,
      response: null,
    };
  });
  localStorage.setItem("graphiql:tabState", JSON.stringify({ activeTabIndex: 0, tabs: laidOut }));
  localStorage.setItem("graphiql:query", laidOut[0].query);
  localStorage.setItem("graphiql:variables", laidOut[0].variables ?? "");
  localStorage.removeItem("graphiql:operationName");
  localStorage.setItem("graphiql:rosterRun", run);
}

/** Sends a request, and wants the answer in this form. */
const post = (request, options, accept, signal) =>
  fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: accept, ...options?.headers },
    body: JSON.stringify(request),
    signal,
  });

async function readJson(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status}: ${text.slice(0, 500) || "nothing"}`);
  }
}

/** The answers of a stream of server-sent events, as they come. */
async function readEvents(response, next) {
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return next(await readJson(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (unread + value).split("\n\n");
    unread = blocks.pop();
    for (const block of blocks) {
      const [, data] = /^event: next\ndata: (.*)$/.exec(block) ?? [];
      if (data) next(JSON.parse(data));
    }
  }
}

/** What GraphiQL takes for a subscription: answers until it, or the server, ends them. */
const watch = (request, options) => ({
  subscribe({ next, error, complete }) {
    const stop = new AbortController();
    post(request, options, "text/event-stream", stop.signal)
      .then((response) => readEvents(response, next))
      .then(complete, (reason) => stop.signal.aborted || error(reason));
    return { unsubscribe: () => stop.abort() };
  },
});

const isSubscription = ({ operationName }, options) =>
  options?.documentAST?.definitions.some(
    ({ operation, name }) => operation === "subscription" && (!operationName || name?.value === operationName),
  );

const fetcher = async (request, options) =>
  isSubscription(request, options)
    ? watch(request, options)
    : readJson(await post(request, options, "application/json"));

if (typeof GraphiQL === "undefined") {
  place.firstElementChild.textContent =
    "The playground's files could not be loaded. Go online, or run `npm ci` in the folder `console` and restart the server.";
} else {
  if (ownToken) showWhose();
  layOutTabs(prefill);
  ReactDOM.createRoot(place).render(
    React.createElement(GraphiQL, {
      fetcher,
      // For new tabs, and for the first one where there are no examples.
      defaultQuery: prefill.tabs ? "" : HINT,
      // Fills every tab whose headers are not kept, which are all: a token must not outlive its run.
      defaultHeaders: token ? JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2) : undefined,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }),
  );
}
