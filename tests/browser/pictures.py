"""`make pictures`: the README's pictures, taken of the demo with a small life in it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from sandbox.web.backstage import next_monday
from tests.browser.conftest import ARGUMENTS, BRIAN, IDEAS, LEADERS, MAJA, THANDI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parents[2] / "docs" / "images"
PORT = 8397
PAGE = f"http://127.0.0.1:{PORT}"
Json = dict[str, Any]
LIFE: Json = {"ideas": 42, "votes": 640, "seed": 15}
PIOTR, SAMIR, TEREZA, LAKSHMI, ERIK, YUKI, CHIDI = (
    "U0KOWALS06", "U0HADDAD03", "U0NOVAKO09", "U0IYER0008", "U0LARSEN11", "U0NAKAMU04", "U0OKAFOR07",
)  # fmt: skip
IDEA = {
    "title": "Let customers reschedule deliveries online",
    "description": "Today they must phone between 9 and 5. Half of them give up and are not at home.",
    "stage": "use",
    "touchpoint": "delivery",
}
VOTES = {
    "+1": (MAJA, PIOTR, SAMIR, TEREZA, LAKSHMI, ERIK),
    "fire": (PIOTR, YUKI),
    "heart": (CHIDI, TEREZA, MAJA),
    "raised_hands": (THANDI,),
}
ANSWER, DECISION = "answer.write", "We try it in the app in January, with the two branches that asked for it first."
FROM_COLLEAGUES = ("+1", "fire", "+1", "heart", "+1", "+1", "100", "raised_hands", "+1", "fire") * 2 + ("+1",) * 5
REPLIES = (
    (MAJA, "Eleven calls yesterday, all about tomorrow's parcel."),
    (PIOTR, "I drive past nine closed doors a day. Gladly."),
    (YUKI, "The planning service can do it already. It needs a button."),
)
FRAME = """<!DOCTYPE html><style>
body {
  margin: 0; width: max-content; padding: 24px; background: #3b1a4a;
  display: flex; align-items: flex-start; gap: 20px;
}
img { border-radius: 10px; }
</style>"""


def ask(path: str, body: Json | None = None) -> Json:
    """Ask the workspace for something, or tell it to do something."""
    content = json.dumps(body).encode() if body is not None else None
    with urlopen(Request(f"{PAGE}{path}", content, {"Content-Type": "application/json"}), timeout=20) as answer:  # noqa: S310
        found: Json = json.load(answer)
    return found


def act(user: str, do: str, **keys: Any) -> Json:
    """Let somebody do something."""
    return ask("/act", {"user": user, "do": do, **keys})


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what `look` finds, as soon as it finds something; raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    raise TimeoutError("The demo did not do its part.")


def last_message(channel_id: str, words: str) -> Json | None:
    """The newest message of a channel in which these words stand, as Thandi sees it."""
    channels = {channel["id"]: channel for channel in ask(f"/state?user={THANDI}")["channels"]}
    found = [item for item in channels[channel_id]["messages"] if words in json.dumps(item, ensure_ascii=False)]
    return found[-1] if found else None


@contextmanager
def running_demo() -> Iterator[None]:
    """Run `cxidea demo`, and end it."""
    command = [str(Path(sys.executable).parent / "cxidea"), "demo", "--port", str(PORT)]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(_is_there)
        yield
    finally:
        demo.terminate()
        demo.wait(20)


def _is_there() -> bool:
    try:
        return any(entry["outcome"] == "1 open" for entry in ask("/traffic")["entries"])
    except OSError:
        return False


def live_three_months() -> None:
    """Fill the workspace with a small story."""
    ask("/control", {"do": "seed", **LIFE})
    eventually(lambda: ask("/control", {"do": "seeding"})["state"] == "done", 300)


def share_the_idea() -> str:
    """Let Brian share an idea, and the others stand behind it; return its card's ts."""
    view = act(BRIAN, "command", channel=IDEAS, text="")["view"]
    act(BRIAN, "submit", view_id=view["id"], values=IDEA)
    act(BRIAN, "close", view_id=view["id"])
    ts = str(eventually(lambda: last_message(IDEAS, IDEA["title"]))["ts"])
    for name, people in VOTES.items():
        for user in people:
            act(user, "react", channel=IDEAS, ts=ts, name=name)
    for number, name in enumerate(FROM_COLLEAGUES):
        act(f"U1STORY{13 + number:03d}", "react", channel=IDEAS, ts=ts, name=name)
    for user, words in REPLIES:
        act(user, "say", channel=IDEAS, thread_ts=ts, text=words)
    tally = f"{len(set().union(*VOTES.values())) + len(FROM_COLLEAGUES)} votes"
    eventually(lambda: tally in json.dumps(last_message(IDEAS, IDEA["title"])))
    return ts


def wait_for_monday() -> str:
    """Put the clock to the hour of the digest; return the digest's ts."""
    now = ask(f"/state?user={THANDI}")["now"]
    ask("/control", {"do": "jump_to", "time": _monday_after(now)})
    return str(eventually(lambda: last_message(LEADERS, "What moved people"))["ts"])


def answer_in_the_digest(ts: str) -> None:
    """Let Thandi answer the second of the ideas that moved people, by its button in the digest."""
    digest = last_message(LEADERS, "What moved people")
    blocks = digest["blocks"] if digest else []
    buttons = [each for block in blocks for each in block.get("elements", ()) if each.get("action_id") == ANSWER]
    where = {"channel": LEADERS, "ts": ts, "action_id": ANSWER, "value": buttons[1]["value"]}
    view = act(THANDI, "press", **where)["view"]
    said = act(THANDI, "submit", view_id=view["id"], values={"outcome": "planned", "text": DECISION})["view"]
    act(THANDI, "close", view_id=said["id"])
    eventually(lambda: last_message(LEADERS, "Planned, says"))


def _monday_after(now: str) -> str:
    return next_monday(datetime.fromisoformat(now).astimezone(ZoneInfo("Europe/Berlin"))).isoformat()


class Studio:
    """Takes pictures of windows."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def window(self, path: str, user: str, size: tuple[int, int], scheme: Any = "light") -> Page:
        """Open a window of somebody's, with the newcomer's hint gone."""
        width, height = size
        context = self._browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.add_init_script("localStorage.setItem('welcome', 'gone')")
        page = context.new_page()
        page.goto(f"{PAGE}{path}{'&' if '?' in path else '?'}as={user}")
        page.wait_for_timeout(700)
        return page

    def keep(self, name: str, picture: bytes) -> None:
        """Write a picture down, and say how large it is."""
        (FOLDER / name).write_bytes(picture)
        sys.stdout.write(f"docs/images/{name}: {len(picture) // 1000} kB\n")

    def digest(self, ts: str, size: tuple[int, int], scheme: str = "light", part: str = "start") -> bytes:
        """The leadership channel's column, the digest's start at its top or its end at the bottom."""
        page = self.window(f"/c/{LEADERS}", THANDI, (size[0] + 256, size[1] + 48), scheme)
        show(page, ts, part)
        return page.locator("#main").screenshot()

    def phone(self, ts: str, scheme: str, part: str) -> bytes:
        """The digest on a phone."""
        page = self.window(f"/c/{LEADERS}", THANDI, (390, 844), scheme)
        show(page, ts, part)
        return page.screenshot()

    def thread(self, ts: str, height: int) -> bytes:
        """A card with its votes and its thread."""
        page = self.window(f"/c/{IDEAS}?thread={ts}", SAMIR, (1440, height + 48))
        return page.locator("#thread").screenshot()

    def beside(self, *pictures: bytes) -> bytes:
        """Pictures side by side on a coloured ground."""
        page = self._browser.new_page(viewport={"width": 1190, "height": 400})
        sources = [f"data:image/png;base64,{base64.b64encode(picture).decode()}" for picture in pictures]
        page.set_content(FRAME + "".join(f'<img src="{source}">' for source in sources))
        page.wait_for_timeout(300)
        return page.locator("body").screenshot()


def show(page: Page, ts: str, part: str) -> None:
    """Scroll until a message's start stands at the top of its log, or its end at the bottom."""
    page.evaluate("([id, block]) => document.getElementById(id).scrollIntoView({ block })", [f"m-{ts}", part])
    page.mouse.move(2, 2)
    page.wait_for_timeout(200)


def take_pictures(studio: Studio) -> None:
    """Take all of them: before Monday those of the ideas channel, then those of the digest."""
    live_three_months()
    card = share_the_idea()
    act(MAJA, "say", channel="C0GENERAL1", text="Has anybody seen the label printer's manual?")
    studio.keep("channel.png", studio.window(f"/c/{IDEAS}?thread={card}", SAMIR, (1240, 780)).screenshot())
    studio.keep("phone.png", studio.window(f"/c/{IDEAS}", MAJA, (390, 844), "dark").screenshot())
    form = studio.window(f"/c/{IDEAS}", SAMIR, (1100, 800))
    form.fill("#composer-text", "/cxidea")
    form.press("#composer-text", "Enter")
    form.locator("#modal input").first.fill("Let customers fill in the customs form while they queue")
    form.locator("#modal textarea").fill("The paper form takes four minutes at my window, and half of them are wrong.")
    studio.keep("form.png", form.screenshot())
    form.keyboard.press("Escape")
    shown = studio.thread(card, 730)
    digest = wait_for_monday()
    answer_in_the_digest(digest)
    studio.keep("digest.png", studio.digest(digest, (760, 900)))
    studio.keep("digest-dark.png", studio.digest(digest, (760, 900), "dark", "end"))
    phones = studio.phone(digest, "light", "start"), studio.phone(digest, "dark", "end")
    studio.keep("digest-phone.png", studio.beside(*phones))
    studio.keep("cxidea.png", studio.beside(shown, studio.digest(digest, (680, 730))))
    studio.keep("panel.png", studio.window(f"/c/{LEADERS}?panel=1", THANDI, (1160, 720)).screenshot())


def main() -> None:
    """Take the pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with running_demo(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        take_pictures(Studio(browser))
        browser.close()


if __name__ == "__main__":
    main()
