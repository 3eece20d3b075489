// A subscription over graphql-transport-ws that is made again by itself whenever it was cut.

import { settings } from "./api.js";

const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 30_000;

/** Call `onNews(data)` as long as the connection stands, and `onCut()` each time it does not. `token()` may be
 *  awaited and may raise: then it is tried again later. Returns what ends it. */
export function listen(name, variables, token, onNews, onCut = () => null) {
  let socket = null;
  let timer = null;
  let pause = FIRST_PAUSE_MS;
  let isOver = false;

  function cut() {
    if (isOver) return;
    onCut();
    timer = setTimeout(() => void open(), pause);
    pause = Math.min(2 * pause, PAUSE_MAX_MS);
  }

  async function open() {
    let bearer;
    try {
      bearer = await token();
    } catch {
      return cut();
    }
    if (isOver) return;
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => say({ type: "connection_init", payload: { Authorization: `Bearer ${bearer}` } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        say({ id: name, type: "subscribe", payload: { query: settings.documents[name], variables } });
      } else if (message.type === "ping") say({ type: "pong" });
      else if (message.type === "next" && message.payload.data) {
        pause = FIRST_PAUSE_MS;
        if (!isOver) onNews(message.payload.data);
      } else if (message.type === "error" || message.type === "complete") socket.close();
    };
    socket.onclose = cut;
  }

  void open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket?.close();
  };
}
