"""The command line. Standard output carries results only; everything else goes to standard error."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot import garbage  # Before the rest: it makes a start quick.
from bot.logs import configure_logging
from bot.settings import AnySettings, CallingSettings, DatabaseSettings, Settings, SettingsError, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.deps import Deps
    from db.session import Sessions

DONE, REFUSED, WRONG_USE = 0, 1, 2

app = typer.Typer(
    help="cxidea: a Slack bot with which every employee owns customer experience.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def begin(context: typer.Context) -> None:
    """cxidea: a Slack bot with which every employee owns customer experience."""
    if context.invoked_subcommand != "run":  # It collects once it serves.
        garbage.collect_from_now()


outbox_app = typer.Typer(help="Messages that Slack does not show yet, or never will.")
app.add_typer(outbox_app, name="outbox")


class AuditFormat(StrEnum):
    """In what `audit` writes."""

    LINES = "lines"
    JSON = "json"


class ExportFormat(StrEnum):
    """In what `export` writes."""

    JSON = "json"
    CSV = "csv"


class ExportSheet(StrEnum):
    """What `export` writes."""

    IDEAS = "ideas"
    VOTES = "votes"
    HISTORY = "history"
    PEOPLE = "people"


@app.command()
def run() -> None:
    """Serve Slack until told to stop."""
    settings = _settings(Settings)
    with _database(settings) as sessions, _alone(sessions):
        from bot.runtime import Runtime

        try:
            runtime = Runtime(settings, sessions)
        except OSError as error:
            reason = str(error.strerror).split(" (", 1)[0]
            _refuse(
                f"Cannot listen on {settings.host}, port {settings.http_port}: {reason}. Set PORT or HOST.", REFUSED
            )
        runtime.run()


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page of the workspace is.")] = 8300,
    journal: Annotated[Path | None, typer.Option(help="A new file into which to write all that happens.")] = None,
    replay: Annotated[Path | None, typer.Option(help="A journal; what people did in it is done again.")] = None,
) -> None:
    """Run the bot against a Slack workspace in a box, with a page to try it in."""
    from bot.demo import run_demo

    raise typer.Exit(run_demo(port, journal, replay))


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration; may be repeated."""
    from bot.migrations import migrate as migrate_database
    from db.copies import NotCopied
    from db.schema import HEAD

    settings = _settings(DatabaseSettings)
    with _told_of_database(settings):
        try:
            revision = migrate_database(settings.database_url.get_secret_value(), _say)
        except NotCopied as error:
            _refuse(
                f"Nothing was migrated, since no copy could be kept at {error}. Make room, or the folder writable.",
                REFUSED,
            )
    if revision > HEAD:
        _say(f"A newer release has migrated the database ({revision}); this one ({HEAD}) runs on it. Nothing to do.")
    else:
        _say("The database is at its newest migration.")


@app.command()
def move(
    to: Annotated[str, typer.Option("--to", help="An empty PostgreSQL database: postgresql://user@host/cxidea")],
) -> None:
    """Copy a SQLite database to PostgreSQL, and compare both; may be repeated."""
    from bot.move_command import Refused, moved

    settings = _settings(DatabaseSettings)
    with _database(settings, is_patient=True) as sessions, _alone(sessions):
        try:
            for line in moved(sessions, to):
                typer.echo(line)
        except Refused as refusal:
            _refuse(str(refusal), WRONG_USE if refusal.is_wrong_use else REFUSED)


@app.command()
def doctor() -> None:
    """Check the settings, Slack and the database, and say what to do."""
    from bot.doctor import checks

    found = checks(_settings(Settings))
    for check in found:
        typer.echo(f"{'ok  ' if check.ok else 'fix '} {check.name}: {check.text}")
    raise typer.Exit(DONE if all(check.ok for check in found) else REFUSED)


@app.command()
def manifest(
    http: Annotated[str | None, typer.Option(help="Where Slack reaches the bot; unset: Socket Mode.")] = None,
) -> None:
    """Print the manifest from which a workspace admin creates the Slack app."""
    from bot.manifest import is_address
    from bot.manifest import manifest as app_manifest

    if http is not None and not is_address(http):
        _refuse(
            "--http needs the address at which Slack reaches the bot. Example: https://ideas.example.com", WRONG_USE
        )
    typer.echo(json.dumps(app_manifest(http), indent=2))


@app.command()
def digest(
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Print the digest and change nothing.")] = False,
    post: Annotated[bool, typer.Option("--post", help="Post the digest, once.")] = False,
    week: Annotated[
        str | None, typer.Option(help="A week like 2026-W47, or a month like 2026-M11; unset: the last whole one.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="One leadership channel; unset: all of them.")] = None,
) -> None:
    """Preview or post the weekly digest."""
    from bot import digest_command
    from bot.deps import Deps

    if preview == post:
        _refuse("Say either --preview or --post.", WRONG_USE)
    settings = _settings(CallingSettings)
    with _database(settings) as sessions:
        try:
            wanted = digest_command.wanted_digests(Deps.build(settings, sessions), week, channel)
        except ValueError as error:
            _refuse(str(error), WRONG_USE)
        except digest_command.NoSuchChannel:
            _refuse(f"{channel} gets no digest; `cxidea doctor` names the channels that do.", WRONG_USE)
        if preview:
            shown = digest_command.previews(Deps.build(settings, sessions), wanted)
            typer.echo(json.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False))
            return
        outcomes = list(digest_command.post(settings, sessions, wanted))
    for _, line in outcomes:
        typer.echo(line)
    raise typer.Exit(DONE if all(is_posted for is_posted, _ in outcomes) else REFUSED)


@app.command()
def export(
    format_: Annotated[ExportFormat, typer.Option("--format", help="In what to write.")] = ExportFormat.JSON,
    of: Annotated[ExportSheet, typer.Option(help="What to write.")] = ExportSheet.IDEAS,
) -> None:
    """Write all ideas, votes, changes or people to standard output."""
    from bot.export import export_csv, export_json

    with _database(_settings(DatabaseSettings), is_patient=True) as sessions:  # Whoever reads it may be slow.
        write = export_json if format_ is ExportFormat.JSON else export_csv
        write(sessions, sys.stdout, of)


@app.command()
def audit(
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many entries, the newest.")] = 100,
    subject: Annotated[str | None, typer.Option(help="Of what alone: an idea like CX-12, or a setting.")] = None,
    format_: Annotated[AuditFormat, typer.Option("--format", help="In what to write.")] = AuditFormat.LINES,
) -> None:
    """Write who changed what, and when; the newest comes last."""
    from bot.audit_command import lines, listing
    from db.audit_queries import audit_lines

    with _database(_settings(DatabaseSettings)) as sessions, sessions.reading() as session:
        entries = audit_lines(session, limit, subject)
    if format_ is AuditFormat.JSON:
        typer.echo(listing(entries))
    else:
        for line in lines(entries):
            typer.echo(line)


@outbox_app.callback(invoke_without_command=True)
def outbox(context: typer.Context) -> None:
    """List the messages that Slack does not show yet, or never will, and what to do about each."""
    from bot.outbox_command import lines
    from bot.services.waiting import waiting_messages

    if context.invoked_subcommand:
        return
    with _database(_settings(DatabaseSettings)) as sessions, sessions.reading() as session:
        for line in lines(waiting_messages(session)):
            typer.echo(line)


@outbox_app.command()
def retry(key: Annotated[str, typer.Argument(help="The message's key, as the list names it.")]) -> None:
    """Send a message now, without looking whether Slack shows it already."""
    from bot.services import waiting

    _decide(waiting.retry, key, "goes out as soon as the bot runs")


@outbox_app.command()
def drop(key: Annotated[str, typer.Argument(help="The message's key, as the list names it.")]) -> None:
    """Never send a message."""
    from bot.services import waiting

    _decide(waiting.drop, key, "is never sent")


def _decide(decide: "Callable[[Session, str, datetime], None]", key: str, outcome: str) -> None:
    from bot import clock
    from bot.services.waiting import NotWaiting

    with _database(_settings(DatabaseSettings)) as sessions:
        try:
            with sessions.begin() as session:
                decide(session, key, clock.now())
        except NotWaiting:
            _refuse(f"No message {key} waits or is given up. The list: cxidea outbox", REFUSED)
    typer.echo(f"{key} {outcome}")


@app.command()
def reconcile() -> None:
    """Compare the cards' reactions with Slack, and repair what differs."""
    from bot.deps import Deps

    settings = _settings(CallingSettings)
    with _database(settings) as sessions, _told_of_slack():
        line = _compared(Deps.build(settings, sessions))
    typer.echo(line)


@app.command()
def restored() -> None:
    """Settle a database that was restored from a backup, before the bot starts on it: nothing is posted twice."""
    from bot.deps import Deps
    from bot.restoration import settle_restored

    settings = _settings(CallingSettings)
    with _database(settings) as sessions, _alone(sessions), _told_of_slack():
        deps = Deps.build(settings, sessions)
        for line in settle_restored(deps):
            typer.echo(line)
        typer.echo(_compared(deps))


def main() -> None:
    """Run the command line; what it promises on standard output is UTF-8, whatever the terminal's encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    app()


def _settings(cls: type[AnySettings]) -> AnySettings:
    try:
        settings = load(cls)
    except SettingsError as error:
        for line in error.lines:
            _say(line)
        raise typer.Exit(WRONG_USE) from None
    configure_logging(settings.log_format)
    return settings


@contextmanager
def _database(settings: DatabaseSettings, *, is_patient: bool = False) -> Iterator["Sessions"]:
    """Yield sessions on a migrated database, or end with a line that says what to do."""
    from db.schema import absent_file, is_current
    from db.session import open_database

    if file := absent_file(address := settings.database_url.get_secret_value()):
        _refuse(f"There is no database {file} yet. Correct DATABASE_URL, or run: cxidea migrate", REFUSED)
    sessions = open_database(address, is_patient=is_patient)
    try:
        with _told_of_database(settings):
            if not is_current(sessions):
                _refuse("The database is not at its newest migration. Run: cxidea migrate", REFUSED)
        yield sessions
    finally:
        sessions.dispose()


def _compared(deps: "Deps") -> str:
    from bot import clock, directory
    from bot.reconciliation import reconcile as compare

    deps.identity.learn(deps.reads, clock.now())
    directory.learn_aliases(deps)
    result = compare(deps)
    directory.look_up_all(deps, seconds=60)
    return f"compared {result.compared} cards, repaired {result.repaired} reactions"


@contextmanager
def _told_of_slack() -> Iterator[None]:
    from slack_sdk.errors import SlackClientError

    from bot.outcomes import failure_of

    try:
        yield
    except (SlackClientError, OSError) as error:
        _refuse(f"Slack did not answer: {failure_of(error).error}. `cxidea doctor` says more.", REFUSED)


@contextmanager
def _alone(sessions: "Sessions") -> Iterator[None]:
    """Be the only one that serves Slack from a SQLite file, or end with a line that says what to do."""
    from db.sole import InUse, sole_use

    with ExitStack() as held:
        try:
            held.enter_context(sole_use(sessions))
        except InUse as error:
            line = f"Another `cxidea run` serves Slack from {error.path}. Stop that one first; several need PostgreSQL."
            _refuse(line, REFUSED)
        except OSError as error:
            _refuse(f"Cannot lock the database: {error.strerror} ({error.filename}). Make it writable.", REFUSED)
        yield


@contextmanager
def _told_of_database(settings: DatabaseSettings) -> Iterator[None]:
    from sqlalchemy.exc import SQLAlchemyError

    from db.schema import obstacle

    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        reason = obstacle(settings.database_url.get_secret_value()) or said
        if reason == "database or disk is full":
            _refuse("The disk of the database is full; nothing was changed. Make room, and try again.", REFUSED)
        _refuse(f"The database does not answer: {reason}. Check DATABASE_URL.", REFUSED)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _refuse(line: str, code: int) -> NoReturn:
    _say(line)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
