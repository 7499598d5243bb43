// The field in which people write: sending, drafts, and the hints for commands and names.
import { act, say } from "./act.js";

const $ = (id) => document.getElementById(id);

export async function speak(form) {
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

export function fill(text) {
  const field = $("composer-text");
  if (!field) return;
  field.value = text;
  field.focus();
  remember(field);
}

// The names that fit what is typed after an @.
const people = {};
const BEGUN = /(^|\s)@([\w.]*)$/;

async function suggest(field) {
  const list = field.form?.querySelector(".mentions");
  const begun = BEGUN.exec(field.value.slice(0, field.selectionStart));
  if (!list) return;
  list.hidden = !begun;
  if (!begun) return;
  const address = list.dataset.people;
  const names = await (people[address] ??= fetch(address).then((answer) => answer.text()));
  if (!list.firstElementChild) list.innerHTML = names;
  const wanted = begun[2].toLowerCase();
  let shown = 0;
  for (const row of list.querySelectorAll("button")) {
    const words = `${row.dataset.mention} ${row.textContent.toLowerCase()}`.split(/[\s.]/);
    row.hidden = shown >= 6 || !(row.dataset.mention.startsWith(wanted) || words.some((word) => word.startsWith(wanted)));
    shown += !row.hidden;
  }
  list.hidden = !shown || !BEGUN.test(field.value.slice(0, field.selectionStart));
}

function complete(field, name) {
  const typed = field.value.slice(0, field.selectionStart).replace(BEGUN, `$1@${name} `);
  field.setRangeText(typed, 0, field.selectionStart, "end");
  field.form.querySelector(".mentions").hidden = true;
  field.focus();
  remember(field);
}

document.addEventListener("click", ({ target }) => {
  const row = target.closest("[data-mention]");
  if (row) complete(row.closest("form").elements.text, row.dataset.mention);
});

document.addEventListener("input", ({ target }) => {
  if (target.dataset.draft) remember(target);
  if (target.dataset.draft) suggest(target);
  if (!target.dataset.max) return;
  const counter = $(`${target.id}-count`);
  counter.textContent = `${target.value.length}/${target.dataset.max}`;
  counter.classList.toggle("over", target.value.length > Number(target.dataset.max));
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  const names = field.dataset.draft && field.form.querySelector(".mentions:not([hidden])");
  if (names && ["Enter", "Tab"].includes(event.key)) {
    event.preventDefault();
    complete(field, names.querySelector("button:not([hidden])").dataset.mention);
  } else if (names && event.key === "Escape") {
    names.hidden = true;
  } else if (event.key === "Enter" && field.dataset.draft && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (event.key === "Tab" && field.id === "composer-text" && /^\/\S*$/.test(field.value)) {
    const row = [...$("command-hints").children].find((one) => !one.hidden);
    if (!row || row.dataset.fill.trim() === field.value) return;
    event.preventDefault();
    fill(row.dataset.fill);
  }
});
