// Shows what the server sends over the window's one WebSocket: parts of the page, swapped by their ids.
import { say } from "./act.js";
import { closeMenu } from "./menus.js";

const $ = (id) => document.getElementById(id);
let socket;
let wait = 200;
let opener = "";

export function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
  socket.onopen = () => {
    if (document.body.classList.contains("offline")) say("Connected again.");
    wait = 200;
    document.body.classList.remove("offline");
    arrive();
  };
  socket.onmessage = (event) => apply(JSON.parse(event.data));
  socket.onclose = () => {
    document.body.classList.add("offline");
    say("The connection is lost. Trying again.");
    setTimeout(connect, (wait = Math.min(wait * 2, 4000)));
  };
}

// Tells the server where this window is and which version of each part it shows; the answer is the difference.
export function arrive() {
  const known = {};
  for (const element of document.querySelectorAll("[data-v]")) known[element.id] = element.dataset.v;
  const query = Object.fromEntries(new URLSearchParams(location.search));
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ path: location.pathname, query, known }));
}

export function go(href, focus) {
  history.pushState(null, "", href);
  document.body.dataset.focus = focus || "";
  arrive();
}

function apply({ ops, path }) {
  const active = document.activeElement;
  const held = { id: active?.id, start: active?.selectionStart, log: active?.closest(".message") && active.closest(".scroller") };
  const places = [...document.querySelectorAll(".scroller")].map((element) => [element, distance(element)]);
  for (const [kind, id, html, into, after] of ops) {
    const old = $(id);
    if (kind === "del") old?.remove();
    else swap(old, parse(html), into, after);
  }
  if (path && path !== location.pathname) history.replaceState(null, "", path + location.search);
  for (const [element, left] of places) if (element.isConnected) rescroll(element, left);
  restoreDrafts();
  syncDialog();
  refocus(held);
  if (path) land();
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function swap(old, fresh, into, after) {
  if (old) {
    keepTyped(old, fresh);
    old.replaceWith(fresh);
  } else if (into) {
    const before = after && $(after);
    if (before) before.after(fresh);
    else $(into)?.prepend(fresh);
  }
}

// What a person typed or chose in a form is theirs: it goes over into the new element of the same id.
function keepTyped(old, fresh) {
  for (const field of old.querySelectorAll("form [name][id], details > summary[id]")) {
    const twin = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (!twin || twin.dataset.draft !== field.dataset.draft) continue;
    if (field.tagName === "SUMMARY") twin.parentElement.open = field.parentElement.open;
    else if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked !== field.defaultChecked) twin.checked = field.checked;
    } else if (field.tagName === "SELECT") {
      if (!field.selectedOptions[0]?.defaultSelected) twin.value = field.value;
    } else if (field.value !== field.defaultValue) twin.value = field.value;
    twin.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const distance = (element) => element.scrollHeight - element.scrollTop - element.clientHeight;

// A log stays at its end when it was there; else what the person reads stays in place, also when older ones come.
function rescroll(element, left) {
  if ("stick" in element.dataset && left < 60) element.scrollTop = element.scrollHeight;
  else if (element.scrollTop < 150 && "stick" in element.dataset) element.scrollTop += distance(element) - left;
}

function restoreDrafts() {
  for (const field of document.querySelectorAll("textarea[data-draft]"))
    if (!field.value) field.value = sessionStorage.getItem(field.dataset.draft) || "";
}

function syncDialog() {
  const [dialog, content] = [$("dialog"), $("modal")];
  const view = content.dataset.open || "";
  if (view && !dialog.open) {
    opener = document.activeElement?.id || opener;
    closeMenu();
    dialog.showModal();
  }
  if (view && dialog.dataset.shown !== view)
    (content.querySelector(".modal-body :is(input, textarea, select, summary)") || $("modal-submit"))?.focus();
  if (!view && dialog.open) {
    dialog.close();
    ($(opener) || $("composer-text"))?.focus();
  }
  dialog.dataset.shown = view;
}

// The same control again; when its message is gone, the log in which it stood.
function refocus({ id, start, log }) {
  if (document.activeElement && document.activeElement !== document.body) return;
  const element = (id && $(id)) || (log?.isConnected && log);
  if (element) element.focus({ preventScroll: true });
  if (element && start != null && element.setSelectionRange && /text/.test(element.type)) element.setSelectionRange(start, start);
}

// After a step to another place: logs at their end, the linked message in sight, the focus where the link said.
function land() {
  for (const element of document.querySelectorAll(".scroller[data-stick]:not([data-seen])")) {
    element.dataset.seen = "";
    element.scrollTop = element.scrollHeight;
  }
  const at = new URLSearchParams(location.search).get("at");
  const linked = at && ($(`m-${at}`) || $(`t-${at}`));
  if (linked && !linked.classList.contains("linked")) {
    linked.classList.add("linked");
    linked.scrollIntoView({ block: "center" });
  }
  if (document.body.dataset.focus) $(document.body.dataset.focus)?.focus();
  document.body.dataset.focus = "";
}

restoreDrafts();
land();
connect();
