// The details of a message: what was understood and why, the session, the deliveries, the webhook.

import * as api from "./api.js";
import { inWords } from "./bubble.js";
import { card, json, raw } from "./card.js";
import { clockTime, counted, element, icon } from "./dom.js";
import { answers, deliveriesOf } from "./deliveries.js";
import { understood } from "./understood.js";

/** Everything about a message. `close` is called where somebody wants it to go. */
export function details(model, item, close) {
  const turn = model.turnOf(item);
  const parts = [head(model, item, close)];
  if (turn) parts.push(understood(model, item, turn), lookups(turn), flow(model, item, turn), session(turn), deliveriesOf(model, item, turn));
  else if (model.state.has_panel) parts.push(waiting(item));
  parts.push(item.side === "user" ? webhook(item) : answers(item));
  if (model.state.has_panel) parts.push(store(model.chats.get(item.chat)));
  return parts.filter(Boolean);
}

export function blank(model) {
  const words = model.state.has_panel
    ? "Choose one to see what your bot understood and why, what it remembers, and how its answer travelled."
    : "Choose one to see its webhook and how it was answered. Under “botkit run --dev” you also see what the bot made of it.";
  return element("div", { class: "details-blank" }, element("h2", {}, "Why this answer?"),
    element("p", {}, "Every message has a line below it with its time. ", words),
    element("p", {}, "With the keyboard: Tab to the messages, arrow keys from one to the next, Enter for its details."));
}

function head(model, item, close) {
  const who = item.side === "user" ? "What the user sent" : "What the bot sent";
  const words = inWords(item, model.gestures.get(item.id));
  const button = element("button", { class: "icon-button", type: "button", "aria-label": "Close details", onclick: close }, icon("close"));
  return element("div", {}, element("div", { class: "details-head" }, element("h2", {}, who), button),
    element("p", { class: item.kind === "text" ? "quote" : "", dir: "auto" }, item.kind === "text" ? words : element("b", {}, words)));
}

function waiting(item) {
  const words = item.side === "user" ? "The bot has not handled this yet." : "No turn of a bot is known that sent this.";
  return card("What was understood", element("p", { class: "sentence" }, words));
}

function session(turn) {
  const { before, after } = turn.session;
  const lines = [];
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])]) {
    const [old, now] = [before, after].map((one) => (key in one ? JSON.stringify(one[key]) : undefined));
    if (old === now) lines.push(element("li", {}, `  ${key}: ${now}`));
    if (old !== now && old !== undefined) lines.push(change("gone", "Before", `− ${key}: ${old}`));
    if (old !== now && now !== undefined) lines.push(change("new", "After", `+ ${key}: ${now}`));
  }
  if (!lines.length) return card("Session, before and after", element("p", { class: "sentence" }, "Empty, as it was before."));
  return card("Session, before and after", element("ul", { class: "session" }, lines));
}

/** What the bot asked other services for its answer. */
function lookups(turn) {
  if (!turn.lookups?.length) return null;
  const lines = turn.lookups.map((one) => element("li", { class: one.why === null ? "good" : "bad" },
    element("span", {}, one.url), one.why === null ? raw("What was found", one.value) : element("p", { class: "sentence" }, `Nothing was found: ${one.why}.`)));
  return card("What was looked up", element("ul", { class: "steps" }, lines));
}

/** The conversation that is under way after a message: what waits for an answer, the innermost last. */
function flow(model, item, turn) {
  if (!turn.flows) return null;
  if (!turn.flows.length) return card("Conversation", element("p", { class: "sentence" }, "Over: no question is open."));
  const timeZone = model.zoneOf(item);
  const until = (one) => (one.due_at ? `, until ${new Date(one.due_at).toLocaleString([], { timeZone, dateStyle: "medium", timeStyle: "short" })}` : "");
  const lines = turn.flows.map((one) => element("li", {}, element("b", {}, one.name),
    one.question ? ` waits at ${one.question}${until(one)}; ` : " goes on; ", counted(one.answers, "answer or result", "answers and results"), " so far"));
  return card("Conversation", element("ul", { class: "session" }, lines));
}

const change = (kind, when, words) => element("li", { class: kind }, element("span", { class: "unseen" }, `${when}: `), words);

function webhook(item) {
  const tries = item.tries.map((one) => {
    const good = one.answer === 200;
    const words = one.answer === null ? "no answer" : `answered ${one.answer}`;
    return element("li", { class: good ? "good" : "late" }, `Try ${one.attempt}: ${words}`, element("time", {}, clockTime(one.at)));
  });
  const list = tries.length ? element("ul", { class: "steps" }, tries) : element("p", { class: "sentence" }, "The weather holds this webhook back: it comes later, or after the next one.");
  return card("The webhook", list, item.raw ? raw("As it was sent", item.raw) : null);
}

function store(chat) {
  const holder = element("div", {});
  const section = element("details", { class: "raw" }, element("summary", {}, "Session, choices and deliveries now"), holder);
  section.addEventListener("toggle", async () => {
    if (!section.open) return;
    try {
      holder.replaceChildren(json(await api.kept(chat.page, chat.user)));
    } catch (error) {
      holder.replaceChildren(element("p", { class: "error" }, error.message));
    }
  });
  return card("In the store", section);
}
