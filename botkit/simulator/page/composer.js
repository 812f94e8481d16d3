// Writing, and sending what is no text: each arrives at the bot as the Messages API would send it.

import * as api from "./api.js";
import { byId, element, icon } from "./dom.js";

const SAMPLE = { image: "page/sample.png", audio: "page/sample.mp3" };
const CHOICES = [
  ["thumb", "Thumbs up", (send) => send({ kind: "thumbs_up" })],
  ["sticker", "Sticker", (send) => send({ kind: "sticker" })],
  ["picture", "Picture", (send) => send({ kind: "image", url: sample("image") })],
  ["voice", "Voice message", (send) => send({ kind: "audio", url: sample("audio") })],
  ["file", "Something unsupported", (send) => send({ kind: "unsupported" })],
  ["link", "By its address …", (send) => askForAddress(send)],
];

const sample = (kind) => new URL(SAMPLE[kind], location.href).href;

export function composer(chat, page) {
  const failed = element("p", { class: "failed", role: "alert", hidden: true });
  const send = async (message) => {
    failed.hidden = true;
    try {
      await api.send({ page: chat.page, user: chat.user, ...message });
    } catch (error) {
      failed.textContent = `Not sent: ${error.message}`;
      failed.hidden = false;
      return false;
    }
    return true;
  };
  const text = element("textarea", { rows: 1, dir: "auto", "aria-label": `Message from ${chat.user} to ${page}`, placeholder: "Aa" });
  const submit = async () => {
    const said = text.value;
    if (!said.trim()) return;
    text.value = "";
    if (!(await send({ kind: "text", text: said })) && !text.value) text.value = said;
  };
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  const form = element("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); submit(); } },
    attachments(send), text,
    element("button", { class: "icon-button composer-thumb", type: "button", "aria-label": "Send a thumbs up", onclick: () => send({ kind: "thumbs_up" }) }, icon("thumb")),
    element("button", { class: "icon-button composer-send", type: "submit", "aria-label": "Send" }, icon("send")));
  return { node: element("div", {}, failed, form), text };
}

function attachments(send) {
  const open = element("button", { class: "icon-button", type: "button", "aria-label": "Send something else",
    "aria-haspopup": "menu", "aria-expanded": "false" }, icon("plus"));
  const menu = element("div", { class: "attach", role: "menu", "aria-label": "Send something else", hidden: true });
  const show = (shown) => {
    menu.hidden = !shown;
    open.setAttribute("aria-expanded", String(shown));
    if (shown) menu.firstElementChild.focus();
  };
  for (const [drawing, name, act] of CHOICES) {
    const choose = () => { show(false); open.focus(); act(send); };
    menu.append(element("button", { type: "button", role: "menuitem", tabIndex: -1, onclick: choose }, icon(drawing), name));
  }
  open.addEventListener("click", () => show(menu.hidden));
  const around = element("div", {}, open, menu);
  around.addEventListener("keydown", (event) => walk(event, menu, () => { show(false); open.focus(); }));
  around.addEventListener("focusout", (event) => around.contains(event.relatedTarget) || show(false));
  return around;
}

function walk(event, menu, leave) {
  if (menu.hidden) return;
  const buttons = [...menu.children];
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") leave();
  if (to === undefined) return;
  event.preventDefault();
  buttons.at(to % buttons.length).focus();
}

function askForAddress(send) {
  const dialog = byId("media-dialog");
  byId("media-form").onsubmit = () => send({ kind: byId("media-kind").value, url: byId("media-url").value });
  byId("media-cancel").onclick = () => dialog.close();
  dialog.showModal();
  byId("media-url").focus();
}
