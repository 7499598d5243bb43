// The field in which people write: sending, drafts, and the hints for commands.
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
    if (!row || row.dataset.fill.trim() === field.value) return;
    event.preventDefault();
    fill(row.dataset.fill);
  }
});
