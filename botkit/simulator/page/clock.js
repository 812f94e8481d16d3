// The clock that the bots see: how do they answer on Christmas Eve? Shown and set in the time zone of the first bot.

import * as api from "./api.js";
import { byId, element, icon } from "./dom.js";
import { zoneNamed } from "./zones.js";

const DAY = 86_400_000;
const PRESETS = [
  ["Now", null],
  ["In an hour", () => Date.now() + 3_600_000],
  ["Tomorrow, 9:00", () => at(dayOf(Date.now()) + DAY, 9)],
  ["Next Sunday, 10:00", () => at(nextSunday(), 10)],
  ["Christmas Eve, 18:00", () => at(coming(11, 24), 18)],
  ["New Year, 0:05", () => at(coming(0, 1), 0, 5)],
];

let zone = "UTC";
let offset = 0;
let timer;

export function clock() {
  byId("clock-button").querySelector(".tool-icon").append(icon("clock"));
  byId("clock-presets").append(...PRESETS.map(([name, when]) =>
    element("button", { type: "button", onclick: () => move(when ? when() - Date.now() : 0) }, name)));
  for (const id of ["clock-day", "clock-time"]) byId(id).addEventListener("input", slid);
  setInterval(() => document.hidden || draw(), 20_000);
}

export function drawClock(state) {
  const isShown = state.offset_seconds !== null;
  byId("clock-button").hidden = !isShown;
  if (!isShown) return;
  zone = zoneNamed(state.pages[0]?.timezone ?? "UTC");
  if (timer === undefined) offset = state.offset_seconds * 1000;
  draw();
}

function draw() {
  const now = Date.now() + offset;
  const shown = new Date(now).toLocaleString([], { timeZone: zone, weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const short = new Date(now).toLocaleString([], { timeZone: zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  byId("clock-shown").textContent = shown;
  byId("clock-zone").textContent = `${zone}, ${offset ? "moved" : "the real time"}`;
  byId("clock-value").textContent = offset ? short : "now";
  byId("clock-button").classList.toggle("tool-on", offset !== 0);
  const wall = wallOf(now);
  const days = Math.round((dayOf(now) - dayOf(Date.now())) / DAY);
  slide("clock-day", days, new Date(wall).toLocaleDateString([], { timeZone: "UTC", dateStyle: "full" }));
  slide("clock-time", Math.floor((wall - dayOf(now)) / 60_000), short.split(", ").at(-1));
}

function slide(id, value, told) {
  byId(id).value = value;
  byId(id).setAttribute("aria-valuetext", told);
}

function slid() {
  const day = dayOf(Date.now()) + Number(byId("clock-day").value) * DAY;
  move(utcOf(day + Number(byId("clock-time").value) * 60_000) - Date.now());
}

/** Show the new time at once, and tell the server when the slider rests. */
function move(milliseconds) {
  offset = milliseconds;
  draw();
  clearTimeout(timer);
  timer = setTimeout(() => { timer = undefined; api.shiftClock(offset / 1000); }, 120);
}

// The wall clock of the bot's zone as if it were UTC, and back: a browser can only do the first by itself.

function wallOf(moment) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(moment);
  const [year, month, day, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map((type) => Number(parts.find((part) => part.type === type).value));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function utcOf(wall) {
  const first = wall - (wallOf(wall) - wall);
  return wall - (wallOf(first) - first);
}

const dayOf = (moment) => Math.floor(wallOf(moment) / DAY) * DAY;
const at = (day, hour, minute = 0) => utcOf(day + (hour * 60 + minute) * 60_000);

function nextSunday() {
  const today = dayOf(Date.now());
  return today + (7 - new Date(today).getUTCDay()) * DAY;
}

function coming(month, day) {
  const today = dayOf(Date.now());
  const year = new Date(today).getUTCFullYear();
  const thisYear = Date.UTC(year, month, day);
  return thisYear >= today ? thisYear : Date.UTC(year + 1, month, day);
}
