// Starts GraphiQL on this page: queries and mutations by POST, subscriptions by graphql-transport-ws, both with the
// headers of the "Headers" tab. A token may be handed over in the address after "#token=": it never reaches a server.
(function () {
  "use strict";

  const here = window.location;
  const handed = new URLSearchParams(here.hash.slice(1)).get("token");
  if (handed) history.replaceState(null, "", here.pathname + here.search);

  const example = [
    "# Docs: the book on the left.",
    "# Ctrl+Space completes, Ctrl+Enter runs.",
    "# Token: in the Headers tab below, as",
    "#   {\"Authorization\": \"Bearer …\"}",
    "",
    "query Hello {",
    "  __schema { queryType { fields { name description } } }",
    "}",
    "",
  ].join("\n");

  // By the text itself: the syntax tree GraphiQL hands over lags behind the typing.
  function isSubscription(params) {
    const text = params.query.replace(/#.*$/gm, "");
    const name = params.operationName;
    return name ? new RegExp("\\bsubscription\\s+" + name + "\\b").test(text) : /^\s*subscription\b/m.test(text);
  }

  async function post(params, headers) {
    const answer = await fetch(here.pathname, {
      method: "POST",
      credentials: "omit",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json, application/json;q=0.9",
        ...headers,
      },
      body: JSON.stringify(params),
    });
    return answer.json();
  }

  function follow(params, headers) {
    const address = here.protocol.replace("http", "ws") + "//" + here.host + here.pathname;
    const client = graphqlWs.createClient({ url: address, connectionParams: headers, retryAttempts: 0 });
    return client.iterate(params);
  }

  function fetcher(params, opts) {
    const headers = (opts && opts.headers) || {};
    return isSubscription(params) ? follow(params, headers) : post(params, headers);
  }

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher: fetcher,
      defaultEditorToolsVisibility: "headers",
      defaultQuery: example,
      headers: handed ? JSON.stringify({ Authorization: "Bearer " + handed }, null, 2) : undefined,
      shouldPersistHeaders: false,
    }),
  );
})();
