// How answers travelled: each delivery's tries, and the statuses that came back.

import { errorWords } from "./bubble.js";
import { clockTime, counted, element } from "./dom.js";
import { card, raw } from "./card.js";

const GOOD = ["sent", "delivered", "read", "submitted"];
const BAD = ["dead", "rejected", "undeliverable"];

export function deliveriesOf(model, item, turn) {
  if (!turn.deliveries.length) return card("The answer", element("p", { class: "sentence" }, "The bot stayed silent."));
  const shown = turn.deliveries.map((one) => delivery(model, one, one.id === item.delivery));
  return card(`The answer: ${counted(shown.length, "delivery", "deliveries")}`, ...shown);
}

function delivery(model, one, isThis) {
  const moves = model.moves.get(one.id) ?? [];
  const message = model.messages.get(model.messageOfDelivery.get(one.id));
  const steps = moves.map((move) => step(move.state, words(move), move.at));
  if (message) steps.push(...message.tries.map(statusStep));
  if (!steps.length) steps.push(step("queued", "waits in the outbox", null));
  const title = one.kind === "text" ? one.text : `[${one.kind}]`;
  return element("div", { class: "delivery" },
    element("p", { class: "delivery-text", dir: "auto" }, isThis ? element("b", {}, title) : title),
    element("ul", { class: "steps" }, steps));
}

function words(move) {
  const reason = move.reason ? ` (${move.reason})` : "";
  const took = move.state === "sent" ? `, ${Math.max(1, Math.round(move.seconds * 1000))} ms` : "";
  return `Try ${move.attempts}: ${move.state.replace("_", " ")}${reason}${took}`;
}

function step(state, told, at) {
  const kind = GOOD.includes(state) ? "good" : BAD.includes(state) ? "bad" : "late";
  return element("li", { class: kind }, told, at ? element("time", {}, clockTime(at)) : null);
}

function statusStep(one) {
  const error = one.error ? errorWords(one.error) : "";
  const taken = one.answer === 200 ? "" : `, which the bot answered with ${one.answer ?? "silence"}`;
  return step(one.state, `Status ${one.state}${error ? ` (${error})` : ""}${taken}`, one.at);
}

/** The statuses of what a bot sent, and the request that sent it. */
export function answers(item) {
  const steps = item.tries.map(statusStep);
  const list = steps.length ? element("ul", { class: "steps" }, steps) : element("p", { class: "sentence" }, "No status was sent back yet.");
  return card("At the Messages API", list, item.raw ? raw(`The request, as ${item.api}`, item.raw) : null);
}
