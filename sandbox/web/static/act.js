// Sends what people do to the server, and opens menus.
import { arrive, go } from "./live.js";

const $ = (id) => document.getElementById(id);
const menu = $("menu");
const REFUSALS = {
  invalid_name: "There is no emoji with that name.",
  not_in_channel: "You are not in this channel. Join it first.",
  is_archived: "This channel has been archived.",
  message_not_found: "That message is gone.",
};

export function say(words) {
  $("status").textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => ($("status").textContent = ""), 6000);
}

export const closeMenu = () => menu.matches(":popover-open") && menu.hidePopover();

// What an action is about stands on the control and around it, as data-p-* attributes; the nearest one counts.
function about(element) {
  const found = {};
  for (let node = element; node; node = node.parentElement)
    for (const { name, value } of node.attributes ?? [])
      if (name.startsWith("data-p-")) found[name.slice(7).replaceAll("-", "_")] ??= value;
  return found;
}

async function act(element, extra = {}) {
  if (element.dataset.confirmTitle !== undefined && !(await confirmed(element))) return false;
  const body = { user: document.body.dataset.user, do: element.dataset.do, ...about(element), ...extra };
  // As in Slack, what is filled in so far goes along with a button in a form.
  if (body.do === "press" && element.closest("#modal-form")) body.values = valuesOf($("modal-form"));
  return post("/do/act", body, element);
}

async function post(path, body, element) {
  element.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (!result.ok) say(REFUSALS[result.error] || result.error);
    else if (result.acked === false && body.do !== "command") say(result.trouble || "The app did not answer. Try again?");
    return result.ok;
  } catch {
    say("That did not reach the workspace. Try again.");
    return false;
  } finally {
    element.removeAttribute("aria-busy");
  }
}

function confirmed(element) {
  const dialog = $("confirm");
  const words = element.dataset;
  $("confirm-title").textContent = words.confirmTitle;
  $("confirm-text").textContent = words.confirmText ?? "";
  $("confirm-yes").textContent = words.confirmConfirm || "Yes";
  $("confirm-yes").className = `button ${words.confirmStyle || "primary"}`;
  $("confirm-no").textContent = words.confirmDeny || "No";
  closeMenu();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

function valuesOf(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || !field.closest(".field-block")) continue;
    if (field.type === "checkbox") (found[field.name] ??= []).push(...(field.checked ? [field.value] : []));
    else if (field.type !== "radio") found[field.name] = field.value;
    else if (field.checked) found[field.name] = field.value;
  }
  return found;
}

async function speak(form) {
  const field = form.elements.text;
  const text = field.value;
  if (!text.trim()) return;
  const isCommand = text.startsWith("/");
  if (isCommand && form.id === "thread-composer") {
    say(`${text.split(/\s/, 1)[0]} is not supported in threads. Sorry!`);
    return;
  }
  form.dataset.do = isCommand ? "command" : "say";
  field.value = "";
  remember(field);
  if (!(await act(form, { text })) && !field.value) field.value = text;
  remember(field);
}

function remember(field) {
  sessionStorage.setItem(field.dataset.draft, field.value);
  if (field.id !== "composer-text") return;
  const first = field.value.split(/\s/, 1)[0];
  const rows = [...$("command-hints").children];
  for (const row of rows) row.hidden = !row.dataset.fill.startsWith(first);
  $("command-hints").hidden = !first.startsWith("/") || rows.every((row) => row.hidden);
}

async function openMenu(button) {
  const isOwn = menu.matches(":popover-open") && menu.dataset.opener === button.id;
  closeMenu();
  if (isOwn) return;
  const html = button.dataset.menu === "beside" ? button.nextElementSibling.innerHTML : await (await fetch(button.dataset.menu)).text();
  for (const { name } of [...menu.attributes]) if (name.startsWith("data-p-")) menu.removeAttribute(name);
  for (const [name, value] of Object.entries(about(button))) menu.setAttribute(`data-p-${name}`, value);
  menu.innerHTML = html;
  menu.dataset.opener = button.id;
  (button.closest("dialog") || document.body).append(menu);
  menu.showPopover();
  const [box, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - size.width - 8))}px`;
  menu.style.top = `${box.bottom + size.height + 8 < innerHeight ? box.bottom + 4 : Math.max(8, box.top - size.height - 4)}px`;
  menu.querySelector("button, a, input")?.focus();
}

function fill(text) {
  const field = $("composer-text");
  if (!field) return;
  field.value = text;
  field.focus();
  remember(field);
}

function follow(event, link) {
  const url = new URL(link.href);
  const isSame = url.searchParams.get("as") === document.body.dataset.user;
  if (url.origin !== location.origin || link.target || event.metaKey || event.ctrlKey || event.shiftKey || !isSame) return;
  event.preventDefault();
  closeMenu();
  document.body.classList.remove("show-side");
  go(url.href, link.dataset.focus);
}

document.addEventListener("click", async (event) => {
  const target = event.target.closest("button, a, summary");
  if (!target) return;
  if (target.tagName === "A" && !target.dataset.do && target.href) follow(event, target);
  else if (target.dataset.menu) openMenu(target);
  else if (target.dataset.fill) fill(target.dataset.fill);
  else if (target.dataset.toggle) target.setAttribute("aria-expanded", String(document.body.classList.toggle(target.dataset.toggle)));
  else if (target.dataset.dismiss) {
    localStorage.setItem(target.dataset.dismiss, "gone");
    document.documentElement.classList.add(`no-${target.dataset.dismiss}`);
    $("composer-text")?.focus();
  } else if (target.dataset.control) post("/do/control", JSON.parse(target.dataset.control), target);
  else if (target.dataset.do) {
    if (menu.contains(target)) $(menu.dataset.opener)?.focus();
    if (target.dataset.confirmTitle === undefined) closeMenu();
    act(target);
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.do) return;
  event.preventDefault();
  if (form.elements.text?.dataset.draft) speak(form);
  else if (form.dataset.do === "submit") act(form, { values: valuesOf(form) });
  else if (await act(form, { name: form.elements.name.value.trim().replaceAll(":", "") })) closeMenu();
});

document.addEventListener("change", (event) => {
  const group = event.target.closest("[data-do='press']");
  if (!group || event.target.matches("input:is([type='text'], [type='email'], [type='url'])")) return;
  const chosen = [...(group.elements ?? [])].filter((box) => box.checked).map((box) => box.value);
  act(group, { value: group.dataset.kind === "checkbox" ? chosen : event.target.value });
});

document.addEventListener("input", ({ target }) => {
  if (target.dataset.draft) remember(target);
  if (!target.dataset.max) return;
  const counter = $(`${target.id}-count`);
  counter.textContent = `${target.value.length}/${target.dataset.max}`;
  counter.classList.toggle("over", target.value.length > Number(target.dataset.max));
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Enter" && field.dataset.draft && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (event.key === "Tab" && field.id === "composer-text" && /^\/\S*$/.test(field.value)) {
    const row = [...$("command-hints").children].find((one) => !one.hidden);
    if (row && row.dataset.fill.trim() !== field.value) event.preventDefault(), fill(row.dataset.fill);
  } else if (/^Arrow(Up|Down)$/.test(event.key) && menu.contains(field) && field.type !== "text") {
    const items = [...menu.querySelectorAll("button, a")];
    event.preventDefault();
    items.at((items.indexOf(field) + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
  } else if (event.key === "Escape" && document.body.classList.contains("show-side")) $("drawer")?.click();
});

// Escape asks the app's view to close; the dialog goes when the server says so.
$("dialog").addEventListener("cancel", (event) => {
  if (event.target !== $("dialog")) return;
  event.preventDefault();
  $("modal-close")?.click();
});
addEventListener("popstate", () => arrive());
document.addEventListener(
  "scroll",
  ({ target }) => {
    const older = target.scrollTop < 200 && target.querySelector?.("#older[data-older]");
    if (!older) return;
    delete older.dataset.older;
    const url = new URL(location.href);
    url.searchParams.set("limit", String(target.querySelectorAll(".message").length + 100));
    history.replaceState(null, "", url);
    arrive();
  },
  { capture: true, passive: true },
);
