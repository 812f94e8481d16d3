// The boxes that the details of a message are made of.

import { element } from "./dom.js";

export const json = (value) => element("pre", { class: "json" }, JSON.stringify(value, null, 2));

export function card(title, ...children) {
  return element("section", { class: "card" }, element("h3", {}, title), ...children);
}

export function raw(title, value) {
  return element("details", { class: "raw" }, element("summary", {}, title), json(value));
}
