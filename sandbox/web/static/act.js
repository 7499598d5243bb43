// Sends what people do to the server.
import { speak } from "./composer.js";
import { closeMenu } from "./menus.js";

const $ = (id) => document.getElementById(id);
// Of fast clicks, the later ones ask for what is so already: nothing to tell.
const QUIET = ["already_reacted", "no_reaction"];
const REFUSALS = {
  too_many_emoji: "This message has as many different emoji as it may.",
  too_many_reactions: "You have reacted to this message as often as you may.",
  invalid_name: "There is no emoji with that name.",
  not_in_channel: "You are not in this channel. Join it first.",
  is_archived: "This channel has been archived.",
  no_text: "There is nothing to send.",
  channel_not_found: "That channel is gone.",
  restricted_action_read_only_channel: "Only admins can write in this channel.",
  message_not_found: "That message is gone.",
};

export function say(words) {
  $("status").textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => ($("status").textContent = ""), 6000);
}

// What an action is about stands on the control and around it, as data-p-* attributes; the nearest one counts.
export function about(element) {
  const found = {};
  for (let node = element; node; node = node.parentElement)
    for (const { name, value } of node.attributes ?? [])
      if (name.startsWith("data-p-")) found[name.slice(7).replaceAll("-", "_")] ??= value;
  return found;
}

// In the picker, an emoji that has skin tones is meant in the chosen one.
function toned(element) {
  const tone = "tones" in element.dataset && element.closest(".picker-menu").querySelector("#skin-tone").value;
  if (!tone) return {};
  return { name: `${element.dataset.pName}::skin-tone-${tone}`, do: element.dataset.mine.split(" ").includes(tone) ? "unreact" : "react" };
}

export async function act(element, extra = {}) {
  if (element.dataset.confirmTitle !== undefined && !(await confirmed(element))) return false;
  const body = { user: document.body.dataset.user, do: element.dataset.do, ...about(element), ...toned(element), ...extra };
  // As in Slack, what is filled in so far goes along with a button in a form.
  if (body.do === "press" && element.closest("#modal-form")) body.values = valuesOf($("modal-form"));
  return post("/do/act", body, element);
}

export async function post(path, body, element) {
  element.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const result = await answer.json();
    if (QUIET.includes(result.error)) return false;
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

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.do) return;
  event.preventDefault();
  if (form.elements.text?.dataset.draft) speak(form);
  else if (form.dataset.do === "submit") act(form, { values: valuesOf(form) });
  else if (await act(form, { name: form.elements.name.value.trim().replace(/^:+|:+$/g, "") })) closeMenu();
});

// The picker shows each emoji as it will be sent, and whether it is one's own already.
document.addEventListener("change", ({ target }) => {
  if (target.id !== "skin-tone") return;
  for (const button of target.closest(".picker-menu").querySelectorAll("[data-tones]")) {
    const [first, ...rest] = button.dataset.plain;
    const tone = target.value && target.selectedOptions[0].textContent.match(/\p{Emoji_Modifier}/u)[0];
    button.textContent = tone ? first + tone + rest.join("").replace(/^\ufe0f/, "") : button.dataset.plain;
    button.setAttribute("aria-pressed", String(button.dataset.mine.split(" ").includes(target.value || "none")));
  }
});

document.addEventListener("change", (event) => {
  const group = event.target.closest("[data-do='press']");
  if (!group || event.target.matches("input:is([type='text'], [type='email'], [type='url'])")) return;
  const chosen = [...(group.elements ?? [])].filter((box) => box.checked).map((box) => box.value);
  act(group, { value: group.dataset.kind === "checkbox" ? chosen : event.target.value });
});
