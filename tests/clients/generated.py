"""Generated blocks: valid ones of every kind that the sandbox draws, and the same broken in one place."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Json = dict[str, Any]
Strategy = st.SearchStrategy[Any]

ids = st.sampled_from(["U0LINDQV02", "W012A3CDE"])
channels = st.sampled_from(["C0CXIDEAS1", "D012A3CDE"])
urls = st.sampled_from(["https://example.com/", "https://example.com/?a=1&b=<2>"])
dates = st.dates().map(str)
flags = st.booleans()


def texts(most: int) -> Strategy:
    """Texts up to a length, often the longest."""
    return st.sampled_from(["a", " Zoë & <b> *x* 🔥", "x" * most]).map(lambda text: text[:most])


def plain(most: int = 3000) -> Strategy:
    """Plain text objects."""
    return record(type="plain_text", text=texts(most), maybe={"emoji": flags})


def mrkdwn(most: int = 3000) -> Strategy:
    """Text objects with markup."""
    return record(type="mrkdwn", text=texts(most), maybe={"verbatim": flags})


def record(type: str | None = None, maybe: dict[str, Strategy] | None = None, **always: Strategy) -> Strategy:  # noqa: A002 - Slack's name
    """Objects with these fields, and with any of the fields in `maybe`."""
    kind = {"type": st.just(type)} if type else {}
    return st.fixed_dictionaries(kind | always, optional=maybe or {})


def lists(items: Strategy, most: int, least: int = 1) -> Strategy:
    """Lists that are short, as most are, or as long as they may be."""
    longest = items.map(lambda item: [copy.deepcopy(item) for _ in range(most)])
    return st.lists(items, min_size=least, max_size=min(most, least + 2)) | longest


def numbered(values: list[Json], key: str) -> list[Json]:
    """Return the objects with a different value each under a key."""
    return [value | {key: f"{key}-{number}"} for number, value in enumerate(values)]


def options(most: int, *, markup: bool = False) -> Strategy:
    """Lists of options with values of their own."""
    text = plain(75) | mrkdwn(75) if markup else plain(75)
    option = record(text=text, value=st.just(""), maybe={"description": plain(75)})
    return lists(option, most).map(lambda values: numbered(values, "value"))


def with_initial(element: Strategy, *, many: bool) -> Strategy:
    """Elements with options, in some of which the first option is chosen."""

    def choose(drawn: tuple[Json, bool]) -> Json:
        element, chosen = drawn
        if not chosen or "options" not in element:
            return element
        first = copy.deepcopy(element["options"][0])
        return element | ({"initial_options": [first]} if many else {"initial_option": first})

    return st.tuples(element, flags).map(choose)


confirms = record(
    title=plain(100),
    text=plain(300) | mrkdwn(300),
    confirm=plain(30),
    deny=plain(30),
    maybe={"style": st.sampled_from(["primary", "danger"])},
)
common: dict[str, Strategy] = {"confirm": confirms, "focus_on_load": flags}
chosen = common | {"placeholder": plain(150)}
several = chosen | {"max_selected_items": st.integers(1, 100)}
action = st.just("act")
filters = record(
    include=st.lists(st.sampled_from(["im", "mpim", "private", "public"]), min_size=1, max_size=4, unique=True),
    maybe={"exclude_bot_users": flags, "exclude_external_shared_channels": flags},
)
groups = lists(record(label=plain(75), options=options(100)), 3)

buttons = record(
    "button",
    text=plain(75),
    action_id=action,
    maybe={
        "confirm": confirms,
        "value": texts(2000),
        "url": urls,
        "style": st.sampled_from(["primary", "danger"]),
        "accessibility_label": texts(75),
    },
)
images = record("image", image_url=urls, alt_text=texts(2000))
pressed = [
    record("overflow", action_id=action, options=options(5), maybe={"confirm": confirms}),
    with_initial(record("static_select", action_id=action, options=options(100), maybe=chosen), many=False),
    record("static_select", action_id=action, option_groups=groups, maybe=chosen),
    with_initial(record("multi_static_select", action_id=action, options=options(100), maybe=several), many=True),
    record("users_select", action_id=action, maybe=chosen | {"initial_user": ids}),
    record("multi_users_select", action_id=action, maybe=several | {"initial_users": st.lists(ids, max_size=2)}),
    record(
        "conversations_select",
        action_id=action,
        maybe=chosen | {"initial_conversation": channels, "default_to_current_conversation": flags, "filter": filters},
    ),
    record(
        "multi_conversations_select",
        action_id=action,
        maybe=several | {"initial_conversations": st.lists(channels, max_size=2), "filter": filters},
    ),
    with_initial(record("checkboxes", action_id=action, options=options(10, markup=True), maybe=common), many=True),
    with_initial(record("radio_buttons", action_id=action, options=options(10, markup=True), maybe=common), many=False),
    record("datepicker", action_id=action, maybe=chosen | {"initial_date": dates}),
]
dispatching = record(
    trigger_actions_on=st.lists(
        st.sampled_from(["on_enter_pressed", "on_character_entered"]), min_size=1, max_size=2, unique=True
    )
)
text_inputs = record(
    "plain_text_input",
    action_id=action,
    maybe={
        "placeholder": plain(150),
        "initial_value": texts(10),
        "multiline": flags,
        "min_length": st.integers(0, 10),
        "max_length": st.integers(20, 3000),
        "dispatch_action_config": dispatching,
        "focus_on_load": flags,
    },
)
in_inputs = st.one_of(text_inputs, *(element for element in pressed[1:]))

styles = record(maybe={"bold": flags, "italic": flags, "strike": flags})
rich_words = record("text", text=texts(3000), maybe={"style": styles}) | record(
    "link", url=urls, maybe={"text": texts(100), "style": styles}
)
rich_elements = st.one_of(
    rich_words,
    record("user", user_id=ids, maybe={"style": styles}),
    record("channel", channel_id=channels),
    record("usergroup", usergroup_id=st.just("S0LEADERS1")),
    record("emoji", name=st.just("tada")),
)
rich_sections = record("rich_text_section", elements=st.lists(rich_elements, min_size=1, max_size=3))
rich_lists = record(
    "rich_text_list",
    style=st.sampled_from(["bullet", "ordered"]),
    elements=st.lists(rich_sections, min_size=1, max_size=3),
    maybe={"indent": st.integers(0, 8), "offset": st.integers(0, 5), "border": st.integers(0, 1)},
)
rich_objects = st.one_of(
    rich_sections,
    rich_lists,
    record("rich_text_quote", elements=st.lists(rich_elements, min_size=1, max_size=2)),
    record("rich_text_preformatted", elements=st.lists(rich_words, min_size=1, max_size=2)),
)
rich_blocks = record("rich_text", elements=st.lists(rich_objects, min_size=1, max_size=3))
short_sections = record("rich_text_section", elements=st.lists(record("text", text=texts(10)), min_size=1, max_size=3))
cells = record("raw_text", text=texts(10)) | record("rich_text", elements=st.tuples(short_sections).map(list))
columns = record(maybe={"align": st.sampled_from(["left", "center", "right"]), "is_wrapped": flags})


def tables() -> Strategy:
    """Tables whose rows have the same number of cells."""
    rows = st.integers(1, 3).flatmap(lambda wide: lists(st.lists(cells, min_size=wide, max_size=wide), 100))
    return record("table", rows=rows, maybe={"column_settings": st.lists(columns, min_size=1, max_size=20)})


labels = st.lists(texts(20), min_size=1, max_size=3, unique=True)
values = st.integers(-1000, 1000) | st.floats(-1000, 1000)
above_zero = st.integers(1, 1000)


@st.composite
def charts(draw: st.DrawFn) -> Json:
    """Charts, each series of which has a value for each category."""
    kind = draw(st.sampled_from(["pie", "bar", "line", "area"]))
    categories = draw(labels)
    if kind == "pie":
        return {"type": kind, "segments": [{"label": label, "value": draw(above_zero)} for label in categories]}
    names = draw(labels)
    series = [{"name": name, "data": [{"label": one, "value": draw(values)} for one in categories]} for name in names]
    axis = draw(record(categories=st.just(categories), maybe={"x_label": texts(50), "y_label": texts(50)}))
    return {"type": kind, "series": series, "axis_config": axis}


elements_in_a_row = lists(buttons | st.one_of(pressed), 25).map(lambda values: numbered(values, "action_id"))
in_blocks: dict[str, Strategy] = {"block_id": texts(255)}
BLOCKS: dict[str, Strategy] = {
    "section": record(
        "section", text=plain() | mrkdwn(), maybe=in_blocks | {"accessory": buttons | images | st.one_of(pressed)}
    ),
    "fields": record("section", fields=lists(plain(2000) | mrkdwn(2000), 10), maybe=in_blocks),
    "header": record("header", text=plain(150), maybe=in_blocks),
    "divider": record("divider", maybe=in_blocks),
    "context": record("context", elements=lists(plain() | mrkdwn() | images, 10), maybe=in_blocks),
    "actions": record("actions", elements=elements_in_a_row, maybe=in_blocks),
    "input": record(
        "input",
        label=plain(2000),
        element=in_inputs,
        maybe=in_blocks | {"hint": plain(2000), "optional": flags, "dispatch_action": flags},
    ),
    "image": record("image", image_url=urls, alt_text=texts(2000), maybe=in_blocks | {"title": plain(2000)}),
    "rich_text": rich_blocks,
    "markdown": record("markdown", text=texts(12_000), maybe=in_blocks),
    "table": tables(),
    "data_visualization": record("data_visualization", title=texts(50), chart=charts(), maybe=in_blocks),
}
blocks = st.one_of(list(BLOCKS.values()))


def some_blocks(number: int) -> list[Json]:
    """Return that many valid blocks of each kind, and around each kind of element."""
    kinds = [*BLOCKS.values()]
    kinds += [record("section", text=mrkdwn(), accessory=element) for element in (buttons, images, *pressed)]
    kinds += [record("input", label=plain(), element=text_inputs)]
    found: list[Json] = []
    fixed = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    for kind in kinds:

        @settings(fixed, max_examples=number)
        @given(kind)
        def collect(block: Json) -> None:
            found.append(block)

        collect()
    return found


WRONG: list[Any] = [
    None, 0, -1, 9, 4000, True, 1.5, "", "nope", [], {}, [[]], [{}], {"type": "nope"},
    *("x" * length for length in (21, 31, 51, 76, 101, 151, 256, 301, 2001, 3001, 12_001)),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to everything inside a block; of lists, to the first two items."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))[:2]
    inner = [(key, value[key]) for key in keys]
    found = [(*path, key) for key, _ in inner]
    for key, child in inner:
        if isinstance(child, dict | list):
            found += places(child, (*path, key))
    return found


@st.composite
def broken(draw: st.DrawFn) -> Json:
    """Blocks with one place taken out, replaced, repeated or added to; some of them are valid still."""
    block: Json = copy.deepcopy(draw(blocks))
    *path, last = draw(st.sampled_from(places(block)))
    holder: Any = block
    for key in path:
        holder = holder[key]
    change = draw(st.sampled_from(["remove", "replace", "repeat", "add"]))
    if change == "remove":
        del holder[last]
    elif change == "repeat" and isinstance(holder[last], list):
        holder[last] = holder[last] * draw(st.sampled_from([0, 2, 30, 101]))
    elif change == "add" and isinstance(holder[last], dict):
        holder[last]["hologram"] = 1
    else:
        holder[last] = draw(st.sampled_from(WRONG))
    return block


def lengthened(block: Json) -> Iterator[Json]:
    """Yield the same block with one more character or item, in each place in turn that may be full."""
    for *path, last in places(block):
        holder: Any = block
        for key in path:
            holder = holder[key]
        value = holder[last]
        if isinstance(value, str) and set(value) == {"x"}:
            holder[last] = value + "x"
        elif isinstance(value, list) and len(value) > 4:
            holder[last] = [*value, value[-1]]
        else:
            continue
        yield block
        holder[last] = value
