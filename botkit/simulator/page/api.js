// Talking to the server: what happens comes as server-sent events, what its user does goes as POSTs.

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text.trim() || `The server answered ${answer.status}.`);
  return text ? JSON.parse(text) : null;
}

export const send = (message) => ask("POST", "send", message);
export const read = (page, user) => ask("POST", "read", { page, user });
export const shiftClock = (seconds) => ask("POST", "clock", { offset_seconds: seconds });
export const changeWeather = (weather) => ask("POST", "weather", weather);
export const clearWeather = () => ask("DELETE", "weather");
export const kept = (page, user) => ask("GET", `kept?${new URLSearchParams({ page, user })}`);

export const gaps = () => ask("GET", "gaps");

export const transcript = (page, user) => `transcript?${new URLSearchParams({ page, user })}`;

/** Follow what happens; after a break the server tells everything again, and `hello` says so. */
export function follow({ hello, state, entries, ready, lost }) {
  const stream = new EventSource("events");
  const on = (name, act) => stream.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("hello", hello);
  on("state", state);
  on("entries", entries);
  on("ready", ready);
  stream.addEventListener("error", () => {
    lost();
    // A browser gives up for good where a restarting server answered with an error; we do not.
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(() => follow({ hello, state, entries, ready, lost }), 1000);
    }
  });
}
