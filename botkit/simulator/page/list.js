// The list of chats, and beginning a new one.

import { inWords } from "./bubble.js";
import { avatar, byId, clockTime, element, icon } from "./dom.js";
import { keyOf } from "./model.js";

const NAMES = ["ann", "ben", "cleo", "dan", "eve", "finn", "gwen", "hugo", "ida", "jon"];

export function drawList(model, openKeys, { show, beside }) {
  const chats = [...model.chats.values()].sort((one, other) => newest(other) - newest(one));
  const focused = document.activeElement?.getAttribute?.("data-focus");
  byId("list-items").replaceChildren(...chats.map((chat) => row(model, chat, openKeys, show, beside)));
  if (focused) byId("list-items").querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

const newest = (chat) => chat.items.at(-1)?.number ?? Number.MAX_SAFE_INTEGER;

function row(model, chat, openKeys, show, beside) {
  const isOpen = openKeys.includes(chat.key);
  const last = chat.items.filter((item) => item.side !== "weather").at(-1);
  const words = last ? inWords(last, model.gestures.get(last.id)) : "Nothing said yet";
  const unread = chat.unread ? element("span", { class: "badge" }, String(chat.unread), element("span", { class: "unseen" }, " unread")) : null;
  const name = element("span", { class: "list-name" }, element("span", { class: "list-user" }, chat.user), last ? element("time", {}, clockTime(last.at)) : null);
  const main = element("button", { class: "list-main", type: "button", "aria-current": isOpen ? "true" : null,
    "data-focus": `show ${chat.key}`, onclick: () => show(chat.key) },
    avatar(chat.user), element("span", { class: "list-words" }, name,
      element("span", { class: "list-last" }, model.state.pages.length > 1 ? `${model.pageName(chat.page)} · ${words}` : words)), unread);
  const pin = element("button", { class: "icon-button list-beside not-phone", type: "button", "aria-pressed": String(isOpen),
    "aria-label": `Show ${chat.user} and ${model.pageName(chat.page)} side by side with others`, "data-focus": `beside ${chat.key}`,
    onclick: () => beside(chat.key) }, icon("beside"));
  return element("li", { class: isOpen ? "list-item list-open" : "list-item" }, main, pin);
}

/** Offer the pages that can be written to. */
export function offerPages(pages) {
  const before = byId("new-page").value;
  byId("new-page").replaceChildren(...pages.map((page) => element("option", { value: page.id }, `${page.name} (page ${page.id})`)));
  if (pages.some((page) => page.id === before)) byId("new-page").value = before;
}

/** Ask who writes to which page; `open` is called with the answer. */
export function askForChat(model, open) {
  const dialog = byId("new-chat-dialog");
  const pages = model.state.pages;
  byId("new-user").value = NAMES.find((name) => !pages.some((page) => model.chats.has(keyOf(page.id, name)))) ?? `user-${model.chats.size + 1}`;
  byId("new-cancel").onclick = () => dialog.close();
  // A dialog gives the focus back when it has closed: the chat takes it after that.
  dialog.onclose = () => {
    const user = byId("new-user").value.trim();
    if (dialog.returnValue === "open" && user) open(byId("new-page").value, user, byId("new-beside").checked);
  };
  dialog.returnValue = "";
  dialog.showModal();
  byId("new-user").select();
}
