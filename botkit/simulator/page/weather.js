// The weather: what goes wrong on the way, asked for with a button.

import * as api from "./api.js";
import { byId, element, icon } from "./dom.js";

const IN = [
  ["Arrives twice", { mood: "duplicate" }],
  ["3 s late", { mood: "late", seconds: 3 }],
  ["After the next one", { mood: "hold_back" }],
  ["Without signature", { mood: "unsigned" }],
  ["Wrong signature", { mood: "wrong_secret" }],
];
const OUT = [
  ["429 too many", { mood: "answer", status: 429, retry_after_seconds: 2 }],
  ["500 error", { mood: "answer", status: 500 }],
  ["503 unavailable", { mood: "answer", status: 503 }],
  ["Time-out", { mood: "hang" }],
  ["Taken, but time-out", { mood: "accept_and_hang" }],
  ["Connection breaks", { mood: "reset" }],
  ["Answered 3 s late", { mood: "slow", seconds: 3 }],
  ["Status before the answer", { mood: "status_first" }],
  ["Rejected: 24 hours over", { mood: "statuses", statuses: ["submitted", "rejected:1340"] }],
];

export function weather() {
  byId("weather-button").querySelector(".tool-icon").append(icon("weather"));
  byId("moods-in").append(...IN.map(button));
  byId("moods-out").append(...OUT.map(button));
  byId("fair").addEventListener("click", () => api.clearWeather());
}

const button = ([name, wanted]) => element("button", { type: "button", onclick: () => api.changeWeather(wanted) }, name);

const nameOf = (one) => [...IN, ...OUT].find(([, wanted]) => wanted.mood === one.mood && (one.mood !== "answer" || wanted.status === one.status))?.[0] ?? one.mood;

export function drawWeather(coming) {
  const words = coming.map((one) => (one.times > 1 ? `${nameOf(one)} × ${one.times}` : nameOf(one)));
  byId("coming").replaceChildren(...(words.length ? words : ["Nothing: fair weather"]).map((told) =>
    element("li", { class: words.length ? "chip chip-warn" : "chip" }, told)));
  byId("weather-value").textContent = words.length ? `${words.length} to come` : "fair";
  byId("weather-button").classList.toggle("tool-on", words.length > 0);
  byId("fair").hidden = !words.length;
}
