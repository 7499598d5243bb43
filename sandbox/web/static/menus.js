// Menus, links inside the page, and everything else that a click or a key does.
import { about, act, post } from "./act.js";
import { fill } from "./composer.js";
import { arrive, go } from "./live.js";

const $ = (id) => document.getElementById(id);
const menu = $("menu");

export const closeMenu = () => menu.matches(":popover-open") && menu.hidePopover();

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
  if (document.body.classList.contains("show-side") && !event.target.closest("#side, #drawer")) $("drawer")?.click();
  if (!target) return;
  if (target.tagName === "A" && !target.dataset.do && target.href) follow(event, target);
  else if (target.dataset.menu) openMenu(target);
  else if (target.dataset.fill) fill(target.dataset.fill);
  else if (target.dataset.toggle) target.setAttribute("aria-expanded", String(document.body.classList.toggle(target.dataset.toggle)));
  else if (target.dataset.dismiss) {
    localStorage.setItem(target.dataset.dismiss, "gone");
    document.documentElement.classList.add(`no-${target.dataset.dismiss}`);
    $("composer-text")?.focus();
  } else if (target.dataset.control) {
    const request = JSON.parse(target.dataset.control);
    if (menu.contains(target)) {
      $(menu.dataset.opener)?.focus();
      closeMenu();
    }
    post("/do/control", request, target);
  } else if (target.dataset.do) {
    if (menu.contains(target)) $(menu.dataset.opener)?.focus();
    if (target.dataset.confirmTitle === undefined) closeMenu();
    act(target);
  }
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (/^Arrow(Up|Down)$/.test(event.key) && menu.contains(field) && !field.matches("input, select")) {
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
