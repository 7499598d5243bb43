"""Texts of all kinds as the page draws them: markup is read, everything else stays text."""

from __future__ import annotations

from datetime import UTC, datetime

import htpy as h
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.models import Channel, User
from sandbox.web import emojis
from sandbox.web.dates import relative, slack_date
from sandbox.web.markdown import markdown
from sandbox.web.mrkdwn import mrkdwn, plain
from sandbox.web.richtext import rich_text
from sandbox.web.scene import Scene

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC).timestamp()
SCENE = Scene(
    "U1",
    {
        "U1": User("U1", "maja", "Maja Lindqvist", "Agent", tz="UTC"),
        "U2": User("U2", "bo", "Bo <b>", "Guard", tz="UTC"),
    },
    {"C1": Channel("C1", "cx-ideas", 0)},
    {"S1": "leaders"},
    NOW,
)


def html(node: h.Node) -> str:
    """The markup of any node."""
    return str(h.fragment[node])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _it_ ~no~", "<strong>bold</strong> <em>it</em> <s>no</s>"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("2*3*4 snake_case_name a~b~c", "2*3*4 snake_case_name a~b~c"),
        ("`*code* &amp; &lt;b&gt;`", "<code>*code* &amp; &lt;b&gt;</code>"),
        ("```a\n*b*```", '<pre class="code">a\n*b*</pre>'),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("one\ntwo", "one<br>two"),
        ("a &amp; b &lt;!channel&gt;", "a &amp; b &lt;!channel&gt;"),
        ("&amp;lt;", "&amp;lt;"),
        ("10:30:45", "10:30:45"),
        ("<!here> <!subteam^S1>", '<span class="mention me">@here</span> <span class="mention">@leaders</span>'),
        (
            "<#C1> <#C9|secret>",
            '<a class="mention" href="/c/C1?as=U1">#cx-ideas</a> <span class="mention">#secret</span>',
        ),
        ("<@U1> <@U2>", '<span class="mention me">@Maja Lindqvist</span> <span class="mention">@Bo &lt;b&gt;</span>'),
    ],
)
def test_mrkdwn_is_read_as_slack_reads_it(text: str, expected: str) -> None:
    """Styles need word boundaries, code and entities stay literal, mentions have names."""
    assert html(mrkdwn(text, SCENE)) == expected


def test_links_keep_their_addresses() -> None:
    """An address with underscores inside italics is a link whole; a bare one is linked too."""
    shown = html(mrkdwn("_see <https://example.com/a_b_c?x=1&amp;y=2|the page>_ or https://example.org/x.", SCENE))
    assert shown.startswith('<em>see <a href="https://example.com/a_b_c?x=1&amp;y=2" target="_blank"')
    assert ">the page</a></em>" in shown
    assert 'href="https://example.org/x"' in shown


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "JavaScript:alert(1)", "http://[bad"])
def test_dangerous_addresses_are_no_links(address: str) -> None:
    """Only web, mail and telephone addresses can be followed, in every kind of text."""
    element = {"type": "rich_text_section", "elements": [{"type": "link", "url": address, "text": "x"}]}
    shown = [
        html(mrkdwn(f"<{address}|x>", SCENE)),
        html(markdown(f"[x]({address})")),
        html(rich_text({"elements": [element]}, SCENE)),
    ]
    assert [one for one in shown if "href" in one and not address.startswith("http")] == []


def test_a_link_to_an_apps_home_leads_to_home_here() -> None:
    """The address by which Slack's clients open an app's Home opens it in this page, for the same person."""
    shown = html(mrkdwn("<slack://app?team=T1&amp;id=A1&amp;tab=home|App Home>", SCENE))
    assert 'href="/home?as=' in shown
    assert "href" not in html(mrkdwn("<slack://app?team=T1&amp;id=A1|App>", SCENE))


def test_permalinks_stay_in_the_page() -> None:
    """A link to a message of this workspace leads to it in the page, as the same viewer."""
    shown = html(mrkdwn("<https://x.slack.com/archives/C1/p1764000000000100|here>", SCENE))
    assert shown == '<a href="/c/C1?as=U1&amp;at=1764000000.000100">here</a>'


@given(st.text(alphabet=st.sampled_from("<>&*_~`:|!@#^ \n\"'abc\ue000\ue0010"), max_size=80))
def test_no_text_becomes_markup_of_its_own(text: str) -> None:
    """Whatever is typed and escaped as Slack does it, no tag or attribute of the typist's comes out."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for shown in (html(mrkdwn(escaped, SCENE)), html(markdown(text)), html(plain({"text": text}))):
        assert "<script" not in shown
        assert "<abc" not in shown
        assert shown.count("<") == shown.count(">")


@given(st.text(max_size=200))
def test_rich_text_is_never_parsed(text: str) -> None:
    """A rich_text element's text comes out exactly as it went in."""
    block = {"elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]}
    assert html(rich_text(block, SCENE)) == (f'<div class="rich-text"><div class="rt-section">{html(text)}</div></div>')


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{date_num}", "2026-11-25"),
        ("{date}", "November 25th"),
        ("{date_short} at {time}", "Nov 25 at 9:05 AM"),
        ("{date_long}", "Wednesday, November 25th"),
        ("{date_short_pretty}", "Nov 25"),
        ("{ago}", "in 1 day"),
        ("{nonsense}", "{nonsense}"),
    ],
)
def test_dates_are_worded_as_slack_words_them(template: str, expected: str) -> None:
    """Each format of a date token gives Slack's words, in the viewer's time zone."""
    moment = datetime(2026, 11, 25, 9, 5, tzinfo=UTC).timestamp()
    assert slack_date(moment, template, SCENE) == expected


def test_near_days_have_names() -> None:
    """The pretty formats say today, yesterday and tomorrow; far ones have their year."""
    day = 86_400
    words = [slack_date(NOW + shift * day, "{date_pretty}", SCENE) for shift in (-1, 0, 1)]
    assert words == ["yesterday", "today", "tomorrow"]
    assert slack_date(NOW - 300 * day, "{date_short}", SCENE) == "Jan 27, 2026"
    assert relative(NOW, NOW) == "just now"


def test_a_date_without_a_time_shows_its_fallback() -> None:
    """A broken date token shows the words that it brought along."""
    assert html(mrkdwn("<!date^soon^{date}|by Friday>", SCENE)) == "by Friday"


def test_emoji_have_characters_names_and_tones() -> None:
    """Slack's names are drawn, with skin tones; an unknown one stays as typed."""
    assert emojis.character("+1") == "👍"
    assert emojis.character("+1::skin-tone-6") == "👍🏿"
    assert emojis.character("no_such") is None
    assert [name for name in emojis.COMMON if emojis.character(name) is None] == []
    assert html(emojis.with_pictures("x :no_such: y")) == 'x <span class="emoji-unknown">:no_such:</span> y'


def test_markdown_is_a_safe_small_part() -> None:
    """Headings, lists, code and styles are drawn; raw HTML is text."""
    shown = html(markdown("# Title\n\n1. **a**\n2. `b`\n\n> q\n\n```\n<i>\n```\n<script>x</script>"))
    for expected in ("<h3>Title</h3>", "<li><strong>a</strong></li>", "<code>b</code>", "<blockquote>q", "&lt;i&gt;"):
        assert expected in shown
    assert "<script>" not in shown
