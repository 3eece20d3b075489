// Hears that there are news of the catalogue, over graphql-transport-ws; what they are is asked for elsewhere.

import { can, settings } from "./api.js";

const FIRST_PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 30_000;

/** Call `onHead({seq, orderedAt})` as long as the connection stands, again and again; returns what ends it. */
export function follow(token, onHead) {
  if (!can("Head")) return () => null;
  let socket = null;
  let timer = null;
  let pause = FIRST_PAUSE_MS;
  let isOver = false;

  function open() {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => say({ type: "connection_init", payload: { Authorization: `Bearer ${token}` } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "connection_ack") say({ id: "head", type: "subscribe", payload: { query: settings.documents.Head } });
      else if (message.type === "ping") say({ type: "pong" });
      else if (message.type === "next" && message.payload.data) {
        pause = FIRST_PAUSE_MS;
        onHead(message.payload.data.catalogHead);
      }
    };
    socket.onclose = () => {
      if (isOver) return;
      timer = setTimeout(open, pause);
      pause = Math.min(2 * pause, PAUSE_MAX_MS);
    };
  }

  open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket.close();
  };
}
