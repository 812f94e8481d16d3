// One message as Messenger shows it, and below it how it fared.

import { clockTime, element, icon } from "./dom.js";

const NAMES = { image: "Picture", audio: "Voice message", video: "Film", file: "File", custom: "Template" };
const SYMBOLS = { image: "picture", audio: "voice", video: "video", file: "file", custom: "sticker" };
const REFUSALS = {
  hang: "A reply went unanswered: time-out",
  half_close: "A reply went unanswered: connection closed",
  reset: "A reply went unanswered: connection broken",
};
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u;

/** Whether pictures and sounds from elsewhere may be loaded: only where this was asked for in the address. */
const mayLoad = (url) => new URL(url, location.href).origin === location.origin || location.search === "?media=web";

export function bubble(item, gesture) {
  if (gesture === "thumbs_up") {
    return element("div", { class: "bubble bare thumb", role: "img", "aria-label": "Thumbs up" }, icon("thumb"));
  }
  if (gesture === "sticker") {
    return element("div", { class: "bubble bare sticker", role: "img", "aria-label": "Sticker" }, icon("sticker"));
  }
  if (item.kind === "text") {
    const emoji = ONLY_EMOJI.test(item.text) && /\p{Extended_Pictographic}/u.test(item.text);
    return element("div", { class: emoji ? "bubble emoji" : "bubble", dir: "auto" }, item.text);
  }
  if (item.kind in NAMES) return element("div", { class: "bubble bare" }, media(item));
  return element("div", { class: "bubble unsupported" }, "Something that the Messages API does not carry");
}

function media(item) {
  const url = safeUrl(item.url);
  if (url && mayLoad(url)) {
    if (item.kind === "image") return element("img", { class: "picture", src: url, alt: `Picture: ${fileName(url)}` });
    if (item.kind === "audio") return element("audio", { src: url, controls: true, preload: "metadata" });
    if (item.kind === "video") return element("video", { src: url, controls: true, preload: "metadata" });
  }
  const words = [element("b", {}, NAMES[item.kind]), element("span", {}, item.url ?? "as the bot wrote it")];
  if (url && ["image", "audio", "video"].includes(item.kind)) {
    words.push(element("a", { href: "?media=web", title: "And all other pictures and sounds" }, "Load from the web"));
  }
  return element("div", { class: "media" }, icon(SYMBOLS[item.kind]), element("div", {}, words));
}

/** The address if it is one of the web, else null: a bot may write anything. */
function safeUrl(url) {
  try {
    return /^https?:$/.test(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

/** The last part of an address, to be read; whoever wrote it may have written it badly. */
function fileName(url) {
  const name = new URL(url).pathname.split("/").pop() || url;
  try {
    return decodeURIComponent(name).slice(0, 80);
  } catch {
    return name.slice(0, 80);
  }
}

/** How a message fares, in a word: its drawing, its class, and what is said of it. */
export function fate(item) {
  return item.side === "user" ? fateOfSaid(item) : fateOfShown(item);
}

function fateOfSaid(item) {
  const last = item.tries.at(-1);
  if (!last) return { drawing: "held", kind: "late", words: "on its way" };
  const taken = item.tries.find((one) => one.answer === 200);
  const copies = item.tries.filter((one) => one.attempt === 1).length;
  if (taken) return { drawing: "check", kind: copies > 1 ? "late" : "", words: copies > 1 ? `came ${copies} times` : "taken" };
  const answer = last.answer === null ? "no answer" : `answered ${last.answer}`;
  const isFinal = last.answer !== null && last.answer !== 429 && last.answer < 500;
  if (isFinal) return { drawing: "cross", kind: "bad", words: `${answer}: lost` };
  return { drawing: "waiting", kind: "late", words: `${answer}, is sent again` };
}

function fateOfShown(item) {
  switch (item.state) {
    case "accepted": return { drawing: "waiting", kind: "", words: "accepted" };
    case "submitted": return { drawing: "check", kind: "", words: "submitted" };
    case "delivered": return { drawing: "checks", kind: "", words: "delivered" };
    case "read": return { drawing: "checks", kind: "read", words: "read" };
    default: return { drawing: "cross", kind: "bad", words: item.error ? `${item.state}: ${errorWords(item.error)}` : item.state };
  }
}

/** Why a message did not arrive: its code, and what the code means. */
export const errorWords = (error) => [error.title ?? error.code, error.detail ?? error.reason].filter(Boolean).join(", ");

/** The line below a bubble; `open` is called when somebody wants to know more. */
export function meta(item, what, open) {
  const { drawing, kind, words } = fate(item);
  const label = [element("span", { class: "unseen" }, `Details of “${what}”, `), clockTime(item.at), " "];
  // What is as it should be needs no words, but for those who cannot see the mark.
  const told = element("span", { class: kind === "" || kind === "read" ? "unseen" : kind }, words);
  const button = element("button", { class: "meta", type: "button", tabIndex: -1, onclick: open }, label);
  const mark = element("span", { class: kind }, icon(drawing));
  button.append(mark, told);
  return button;
}

export function weatherLine(item) {
  const words = item.status === null ? REFUSALS[item.mood] : `A reply was answered ${item.status}`;
  return element("li", { class: "aside-line" }, icon("storm"), words);
}

/** A message in few words, for lists and labels. */
export function inWords(item, gesture) {
  if (gesture === "thumbs_up") return "Thumbs up";
  if (gesture === "sticker") return "Sticker";
  if (item.kind === "text") return item.text;
  return NAMES[item.kind] ?? "Unsupported message";
}
