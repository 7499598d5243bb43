"""The people, groups and channels of the workspace when it starts, and the app that is installed in it."""

from sandbox.clock import Clock
from sandbox.models import Channel, SlackApp, User, UserGroup
from sandbox.workspace import Workspace

APP_ID = "A0CXIDEA01"
BOT_USER_ID = "U0CXIDEA01"
IDEAS_CHANNEL = "C0CXIDEAS1"
DIGEST_CHANNEL = "C0CXLEADS1"
GENERAL_CHANNEL = "C0GENERAL1"
RANDOM_CHANNEL = "C0RANDOM01"
PRIVATE_CHANNEL = "C0SECRETS1"
PARTNER_TEAM = "T0PARTNER1"
LEADERS_GROUP = "S0LEADERS1"
TEAM_FIELD = "Xf0TEAM0001"

SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "reactions:read",
        "reactions:write",
        "channels:history",
        "channels:read",
        "channels:join",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "users:read",
        "users.profile:read",
        "usergroups:read",
        "emoji:read",
        "team:read",
    }
)
EVENTS = frozenset({"reaction_added", "reaction_removed", "app_home_opened"})
COMMANDS = (
    {
        "command": "/cxidea",
        "description": "Share an idea that makes it better for customers",
        "usage_hint": "[your idea in a line] | top | mine | search | show | digest | help",
    },
)
SHORTCUTS = (
    {
        "name": "Share a CX idea",
        "type": "global",
        "callback_id": "idea.share",
        "description": "Write down what would make it better for customers",
    },
    {
        "name": "Turn into a CX idea",
        "type": "message",
        "callback_id": "idea.from_message",
        "description": "File this message as an idea",
    },
)

# id, name, real name, title, role, team
STAFF = (
    ("U0OTIENO01", "brian.otieno", "Brian Otieno", "Security guard", "employee", "Branch North"),
    ("U0LINDQV02", "maja.lindqvist", "Maja Lindqvist", "Contact-centre agent", "employee", "Contact centre"),
    ("U0HADDAD03", "samir.haddad", "Samir Haddad", "Branch clerk", "employee", "Branch North"),
    ("U0NAKAMU04", "yuki.nakamura", "Yuki Nakamura", "Engineer", "employee", "App"),
    ("U0FERREI05", "ana.ferreira", "Ana Ferreira", "Product manager, app", "employee", "App"),
    ("U0KOWALS06", "piotr.kowalski", "Piotr Kowalski", "Delivery driver", "employee", "Delivery"),
    ("U0OKAFOR07", "chidi.okafor", "Chidi Okafor", "Billing specialist", "employee", "Contact centre"),
    ("U0IYER0008", "lakshmi.iyer", "Lakshmi Iyer", "Marketing writer", "employee", "Marketing"),
    ("U0NOVAKO09", "tereza.novakova", "Tereza Nováková", "UX researcher", "employee", "App"),
    ("U0MBEKI010", "thandi.mbeki", "Thandi Mbeki", "VP of customer experience", "leader", "Head office"),
    ("U0LARSEN11", "erik.larsen", "Erik Larsen", "Head of operations", "leader", "Head office"),
    ("U0GARCIA12", "lucia.garcia", "Lucía García", "Workplace admin", "admin", "Head office"),
)
GUEST_ID = "U0DUPONT13"
OTHER_BOT_ID = "U0STANDU14"
EXTERNAL_ID = "U0PETROV15"
DEACTIVATED_ID = "U0MORRIS16"
VISITORS = (
    User(GUEST_ID, "claire.dupont", "Claire Dupont", "Agency designer", "guest", is_restricted=True),
    User(
        OTHER_BOT_ID, "standup", "Standup", "Bot of another app", "bot",
        is_bot=True, bot_id="B0STANDUP1", app_id="A0STANDUP1",
    ),
    User(
        EXTERNAL_ID, "ivan.petrov", "Ivan Petrov", "Partner at Fastlane Couriers", "external",
        team_id=PARTNER_TEAM, is_stranger=True,
    ),
    User(DEACTIVATED_ID, "dan.morris", "Dan Morris", "Former branch clerk", "deactivated", deleted=True),
)  # fmt: skip


def build_app() -> SlackApp:
    """Return the app under development, with every scope, event, command and shortcut that it may ask for."""
    return SlackApp(
        id=APP_ID,
        name="CX ideas",
        bot_id="B0CXIDEA01",
        bot_user_id=BOT_USER_ID,
        bot_token="xoxb-sandbox-0123456789-bot",  # noqa: S106 - opens nothing but a workspace on loopback
        app_token="xapp-1-A0CXIDEA01-0123456789-sandbox",  # noqa: S106 - as above
        signing_secret="5a9db0c5e1f2435d8a1c6f7e3b2d4c90",  # noqa: S106 - as above
        verification_token="sandbox-verification",  # noqa: S106 - as above
        scopes=set(SCOPES),
        events=set(EVENTS),
        commands=[dict(command) for command in COMMANDS],
        shortcuts=[dict(shortcut) for shortcut in SHORTCUTS],
    )


def build_workspace(clock: Clock, seed: int = 1) -> Workspace:
    """Return a workspace with its people and channels, and no message yet."""
    workspace = Workspace(clock, build_app(), seed)
    _add_people(workspace)
    _add_channels(workspace)
    workspace.custom_emoji = {"northwind": "https://emoji.example/northwind.png", "yes": "alias:+1"}
    return workspace


def _add_people(workspace: Workspace) -> None:
    for user_id, name, real_name, title, role, team in STAFF:
        fields = {TEAM_FIELD: team}
        workspace.add_user(User(user_id, name, real_name, title, role, is_admin=role == "admin", fields=fields))
    for user in VISITORS:
        workspace.add_user(_copy(user))
    app = workspace.app
    bot = User(app.bot_user_id, "cx_ideas", app.name, "This app", "bot", is_bot=True, bot_id=app.bot_id, app_id=app.id)
    workspace.add_user(bot)
    workspace.add_user(User("USLACKBOT", "slackbot", "Slackbot", "Slack", "bot"))
    leaders = [user.id for user in workspace.users.values() if user.role == "leader"]
    workspace.user_groups[LEADERS_GROUP] = UserGroup(LEADERS_GROUP, "cx-leaders", "CX leaders", leaders)


def _copy(user: User) -> User:
    # One process may run many workspaces, and people change.
    return User(**{name: getattr(user, name) for name in User.__dataclass_fields__})


def _add_channels(workspace: Workspace) -> None:
    staff = [row[0] for row in STAFF]
    leaders = [user.id for user in workspace.users.values() if user.role in {"leader", "admin"}]
    visitors = [GUEST_ID, OTHER_BOT_ID, EXTERNAL_ID]
    created = int(workspace.clock.now()) - 86_400
    owner = staff[-1]
    for channel_id, name, purpose, members in (
        (IDEAS_CHANNEL, "cx-ideas", "Every idea, and who stands behind it", [*staff, *visitors, BOT_USER_ID]),
        (DIGEST_CHANNEL, "cx-leadership", "What customers need from us, week by week", [*leaders, BOT_USER_ID]),
        (GENERAL_CHANNEL, "general", "For everybody", [*staff, GUEST_ID]),
        (RANDOM_CHANNEL, "random", "For everything else", list(staff)),
        (PRIVATE_CHANNEL, "branch-managers", "Not for everybody", [staff[2], *leaders]),
    ):
        channel = Channel(channel_id, name, created, owner, purpose=purpose, members=members)
        channel.is_private = channel_id == PRIVATE_CHANNEL
        channel.is_ext_shared = EXTERNAL_ID in members
        workspace.add_channel(channel)
