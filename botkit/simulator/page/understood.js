// What was understood, and why: the router's explanation of one message.

import { element, icon } from "./dom.js";

const HOWS = {
  exact: "It is one of the intent's phrases, word for word. ",
  template: "It fits one of the intent's templates. ",
  choice: "It takes a choice of the last reply. ",
  kind: "A handler waits for messages of this kind. ",
  fallback: "It is no intent's, so the fallback answers. ",
  status: "A handler listens to this status. ",
  likeness: "It is like what the intent's phrases say. ",
  muted: "It is kept and not answered: the conversation was handed over to a person. ",
  resumed: "The user calls the bot back. ",
  suggestion: "It may be one of several intents', so they are offered. ",
  regex: "It fits one of the intent's regular expressions. ",
  language: "The user asks for another language. ",
  flow: "It answers the question that was open. ",
};

/** Ways in which a message is taken before any intent is asked: what the intents make of it is another story. */
const UNASKED = ["flow", "muted", "resumed", "language"];

export function understood(model, item, turn) {
  const parts = [element("h3", {}, "What was understood"), verdict(turn), sentence(turn, model.zoneOf(item))];
  if (model.state.has_gaps && ["fallback", "suggestion"].includes(turn.how)) parts.push(element("p", { class: "sentence" }, element("a", { href: "#gaps" }, "What else was not understood")));
  if (turn.error) parts.push(failure(turn));
  const explained = turn.explanation;
  if (explained?.failure) parts.push(element("p", { class: "error" }, "Likeness has failed, so that only phrases are understood. ", explained.failure));
  const slots = Object.entries(explained?.slots ?? {});
  const why = [];
  if (slots.length) why.push(element("h3", {}, "Slots"), facts(slots));
  if (explained?.candidates?.length) why.push(element("h3", {}, "Why"), ...candidates(explained));
  if (explained?.likeness && (!turn.intent || turn.how === "likeness")) why.push(element("h3", {}, "Likeness"), ...likeness(explained.likeness));
  if (UNASKED.includes(turn.how) && why.length) parts.push(element("details", { class: "raw" }, element("summary", {}, "What it would be as a question of its own"), ...why));
  else parts.push(...why);
  return element("section", { class: "card" }, parts);
}

function likeness(told) {
  const list = told.candidates.slice(0, 5).map((one, number) => {
    const won = told.answers && number === 0;
    return element("li", { class: won ? "candidate won" : "candidate" }, icon(won ? "check" : "cross"),
      element("span", { class: "unseen" }, won ? "answers: " : "does not answer: "), element("b", {}, one.intent),
      ` ${one.score.toFixed(2)} of ${told.threshold.toFixed(2)}`);
  });
  const words = told.words.map((one) => [one.said, one.read === null ? "in no phrase"
    : `${one.read === one.said ? "" : `read as ${one.read}, `}${one.weight.toFixed(2)}`]);
  return [element("p", {}, `${told.why}.`), element("ul", {}, list), facts(words)];
}

function verdict(turn) {
  const chips = [];
  if (turn.intent) chips.push(element("span", { class: "chip chip-strong" }, turn.intent));
  const how = turn.how === "fallback" ? "chip chip-warn" : "chip";
  if (turn.how) chips.push(element("span", { class: how }, turn.how));
  if (turn.score !== null && turn.intent) chips.push(element("span", { class: "chip" }, `score ${turn.score}`));
  if (turn.language) chips.push(element("span", { class: "chip", title: "The language of the conversation" }, turn.language));
  if (turn.error) chips.push(element("span", { class: "chip chip-bad" }, "failed"));
  if (turn.claims > 1) chips.push(element("span", { class: "chip chip-warn" }, `run ${turn.claims} times`));
  if (!chips.length) chips.push(element("span", { class: "chip" }, "not routed"));
  return element("p", { class: "verdict" }, chips);
}

function sentence(turn, timeZone) {
  const words = [];
  if (turn.how) words.push(HOWS[turn.how] ?? `Understood as ${turn.how}. `);
  if (turn.handler) words.push("Answered by ", element("b", {}, turn.handler), ". ");
  const compared = turn.explanation?.words;
  if (compared) words.push("Compared as: ", element("b", {}, compared.join(" ") || "nothing"), ". ");
  if (turn.explanation?.choice) words.push("It takes the choice ", element("b", {}, turn.explanation.choice), ". ");
  words.push("For the bot it was ", element("b", {}, new Date(turn.now).toLocaleString([], { timeZone, dateStyle: "medium", timeStyle: "short" })), ` (${timeZone}).`);
  return element("p", { class: "sentence" }, words);
}

function failure(turn) {
  const next = turn.again ? ` It is run again at ${new Date(turn.again).toLocaleTimeString()}.` : " It is set aside as a dead letter.";
  const told = /[.!?]$/.test(turn.error) ? turn.error : `${turn.error}.`;
  return element("p", { class: "error" }, told, next);
}

function facts(pairs) {
  return element("dl", { class: "facts" }, pairs.map(([name, value]) => [
    element("dt", {}, name), element("dd", {}, typeof value === "string" ? value : JSON.stringify(value)),
  ]).flat());
}

function candidates(explained) {
  const shown = explained.candidates.map((one) => {
    const drawing = one.won ? "check" : one.matched ? "almost" : "cross";
    const kind = one.won ? "candidate won" : "candidate";
    const why = one.place ? `${one.why} (${one.place})` : one.why;
    const state = one.won ? "won" : one.matched ? "matches" : "does not match";
    return element("li", { class: kind }, icon(drawing), element("span", { class: "unseen" }, `${state}: `),
      element("b", {}, one.intent), " ", element("span", { class: "phrase" }, one.phrase), element("p", {}, why));
  });
  const near = explained.candidates.filter((one) => one.won || one.matched || one.reached > 0).length;
  const first = Math.min(5, Math.max(near, explained.intent ? 1 : 3));
  const list = element("ul", {}, shown.slice(0, first));
  const rest = shown.slice(first);
  if (!rest.length) return [list];
  const left = explained.more ? `${rest.length} more, and ${explained.more} that fit less` : `${rest.length} more`;
  return [list, element("details", { class: "raw" }, element("summary", {}, left), element("ul", {}, rest))];
}
