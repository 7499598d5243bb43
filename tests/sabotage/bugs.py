"""Each known bug as a change of one piece of the code, with the test that must notice it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """In `path`, `good` (which stands there once) becomes `bad`; `test` is a node id of pytest."""

    name: str
    path: str
    good: str
    bad: str
    test: str

    @property
    def arguments(self) -> list[str]:
        """What pytest is called with."""
        return self.test.split(" ")

    def put_into(self, code: str) -> str:
        """Return the code with the bug in it; raises ValueError where the good piece does not stand once."""
        if code.count(self.good) != 1:
            raise ValueError(f"{self.name}: {self.path} has the piece {code.count(self.good)} times, not once")
        return code.replace(self.good, self.bad)


_DELIVERY = "tests/scenarios/test_delivery.py"

BUGS = (
    Bug(
        "stock-retry-handlers",
        "bot/clients.py",
        "timeout=timeout,\n        retry_handlers=[],",
        "timeout=timeout,",
        f"{_DELIVERY}::test_a_post_whose_answer_is_lost_is_found_again",
    ),
    Bug(
        "ack-before-commit",
        "bot/app.py",
        "process_before_response=True,",
        "process_before_response=False,",
        "tests/scenarios/test_faults_of_requests.py::test_a_reaction_comes_again_after_the_database_failed",
    ),
    Bug(
        "no-look-before-repeat",
        "bot/sending.py",
        "if claim.is_uncertain and not self._is_surely_absent(claim, rendered):",
        "if False:",
        f"{_DELIVERY}::test_a_post_whose_answer_is_lost_is_found_again",
    ),
    Bug(
        "one-look-is-enough",
        "bot/sending.py",
        "return not found.copies and looks_before(claim) > 0",
        "return not found.copies",
        f"{_DELIVERY}::test_a_post_that_never_arrived_is_posted_once_after_two_looks",
    ),
    Bug(
        "a-hanging-call-holds-all",
        "bot/pace.py",
        "senders: int = 4",
        "senders: int = 1",
        f"{_DELIVERY}::test_a_call_that_hangs_holds_up_its_channel_only",
    ),
    Bug(
        "the-whole-app-is-one-channel",
        "bot/sending.py",
        "self.lanes.stop((Call.POST, Call.LETTER, Call.CHANGE, Call.PUBLISH), self.pace.blocked)",
        "pass",
        f"{_DELIVERY}::test_a_refused_app_is_asked_now_and_then_only",
    ),
    Bug(
        "retry-after-is-ignored",
        "bot/sending.py",
        "self.lanes.pause_posts(str(claim.channel_id), failure.retry_after)",
        "pass",
        f"{_DELIVERY}::test_slack_is_obeyed_when_it_asks_to_wait",
    ),
    Bug(
        "poison-stops-the-rest",
        "bot/records.py",
        "if failure.fate in {Fate.HOPELESS, Fate.GONE} or is_given_up:",
        "if is_given_up:",
        f"{_DELIVERY}::test_a_message_that_slack_will_never_take_stops_no_other",
    ),
    Bug(
        "charts-kill-the-digest",
        "bot/sending.py",
        "if rendered.message.has_charts and",
        "if False and",
        "tests/scenarios/test_charts.py::test_charts_that_are_refused_are_left_out_once_and_for_the_next_time",
    ),
    Bug(
        "given-up-while-slack-is-away",
        "bot/records.py",
        "is_given_up = failure.fate == Fate.TROUBLE and",
        "is_given_up =",
        f"{_DELIVERY}::test_slack_may_be_away_for_any_time",
    ),
    Bug(
        "every-start-tells-the-admins",
        "bot/services/notices.py",
        "{now.date()}",
        "{now}",
        f"{_DELIVERY}::test_a_restart_tells_admins_nothing_twice",
    ),
    Bug(
        "no-view-id-key",
        "bot/handlers/ideas.py",
        'filing = Filing(f"view:{form.view_id}", form.user_id',
        'filing = Filing(f"view:{clock.now()}", form.user_id',
        "tests/scenarios/test_submitting.py::test_a_form_sent_twice_is_one_idea",
    ),
    Bug(
        "no-inbox-key-for-presses",
        "bot/handlers/presses.py",
        'if inbox.is_new(session, f"press:{press.trigger_id}", now):',
        "if True:",
        "tests/scenarios/test_lists.py::test_a_press_that_comes_again_late_does_not_vote_again",
    ),
    Bug(
        "deltas-instead-of-sets",
        "bot/services/votes.py",
        "        where=ReactionRow.event_ts < statement.excluded.event_ts,\n",
        "",
        "tests/scenarios/test_votes.py::test_deliveries_repeated_late_and_out_of_order_change_nothing",
    ),
    Bug(
        "a-reaction-before-its-card-is-lost",
        "bot/records.py",
        "if is_ours and claim.idea_id is not None:",
        "if False:",
        "tests/scenarios/test_votes.py::test_a_reaction_before_the_card_is_known_counts_once_it_is",
    ),
    Bug(
        "authors-vote-for-themselves",
        "bot/services/votes.py",
        "return self.user_id != self.author_id and self.standing.may_vote",
        "return self.standing.may_vote",
        "tests/scenarios/test_votes.py::test_who_has_no_vote",
    ),
    Bug(
        "no-comparison-on-a-new-connection",
        "bot/socket_mode.py",
        "            self._on_connect()\n",
        "",
        "tests/scenarios/test_reconciliation.py::test_a_new_connection_finds_what_was_lost",
    ),
    Bug(
        "second-copies-stay",
        "bot/reconciliation.py",
        "    for message_ts in strays:\n",
        "    for message_ts in ():\n",
        "tests/scenarios/test_reconciliation.py::test_a_second_card_and_a_second_digest_are_removed",
    ),
    Bug(
        "a-short-list-removes-people",
        "bot/services/repairs.py",
        "return len(self.user_ids) >= self.count",
        "return True",
        "tests/scenarios/test_reconciliation.py::test_a_short_list_only_adds",
    ),
    Bug(
        "a-repair-beats-newer-events",
        "bot/reconciliation.py",
        "answered.timestamp() - 1 - elapsed",
        "answered.timestamp() + 60",
        "tests/scenarios/test_reconciliation.py::test_a_newer_event_wins",
    ),
    Bug(
        "a-deferred-begin",
        "db/session.py",
        'connection.exec_driver_sql("BEGIN IMMEDIATE")\n        return',
        'connection.exec_driver_sql("BEGIN DEFERRED")\n        return',
        "tests/db/test_vote_concurrency.py::test_many_vote_at_once",
    ),
    Bug(
        "an-insert-that-met-a-row-looks-new",
        "db/session.py",
        "return statement.execution_options(preserve_rowcount=True)",
        "return statement",
        "tests/db/test_upserts.py",
    ),
    Bug(
        "a-seven-day-digest-period",
        "bot/services/digest_facts.py",
        "start, end, until = week.start, week.end,",
        "start, end, until = now - timedelta(days=7), now,",
        "tests/scenarios/test_digest_schedule.py::test_the_figures",
    ),
    Bug(
        "a-digest-never-shows-its-answers",
        "bot/services/showing.py",
        "    for key in sorted(request_of(run).key for run in session.scalars(runs)):",
        "    for key in sorted(request_of(run).key for run in session.scalars(runs.limit(0))):",
        "tests/scenarios/test_digest_acts.py::test_an_answer_given_in_the_digest_stands_in_it",
    ),
    Bug(
        "a-digest-s-figures-move",
        "bot/digest_rendering.py",
        "facts_of(run) or read_facts",
        "read_facts",
        "tests/scenarios/test_digest_acts.py::test_the_figures_of_a_digest_stay",
    ),
    Bug(
        "the-same-ideas-each-week",
        "bot/services/movers.py",
        "if before is None or _has_news",
        "if True or _has_news",
        "tests/scenarios/test_digest_acts.py::test_an_idea_is_not_repeated_until_something_happens",
    ),
    Bug(
        "a-new-channel-gets-last-week",
        "bot/services/digests.py",
        "since=now, is_active=True",
        "since=now - timedelta(days=9), is_active=True",
        "tests/scenarios/test_digest_schedule.py::test_a_new_channel_expects_nothing_old",
    ),
    Bug(
        "a-missed-digest-is-forgotten",
        "bot/jobs.py",
        "for request in found.missed:",
        "for request in ():",
        "tests/scenarios/test_digest_schedule.py::test_a_skipped_digest_is_said",
    ),
    Bug(
        "another-schedule-skips-a-week",
        "bot/services/digests.py",
        "first_week = _first_week(row) if row is not None and goes_on else None",
        "first_week = None",
        "tests/scenarios/test_digest_schedule.py::test_another_schedule_skips_nothing",
    ),
    Bug(
        "set-up-by-a-wrong-clock",
        "bot/jobs.py",
        "digests.confirm_set_up(session, guessed_at, now)",
        "pass",
        "tests/scenarios/test_digest_schedule.py::test_a_machine_whose_clock_is_off_sets_channels_up_by_slacks",
    ),
    Bug(
        "a-late-record-is-taken",
        "bot/claims.py",
        ".where(Row.id == claim.id, Row.fence == claim.fence)",
        ".where(Row.id == claim.id)",
        "tests/faults/test_replicas.py::test_a_replica_frozen_beyond_its_lease_leaves_one_card[before_post-]",
    ),
    Bug(
        "a-late-post-stays",
        "bot/sending.py",
        "        if is_stray:\n            posts.remove",
        "        if False:\n            posts.remove",
        "tests/faults/test_replicas.py::test_a_replica_frozen_beyond_its_lease_leaves_one_card[before_post-]",
    ),
    Bug(
        "a-dead-link-is-not-noticed",
        "bot/socket_mode.py",
        "reason = self._line.trouble() if self._line else _FIRST",
        "reason = None if self._line else _FIRST",
        "tests/scenarios/test_socket_link.py::test_a_connection_that_dies_is_replaced",
    ),
    Bug(
        "a-deaf-link-is-trusted",
        "bot/socket_mode.py",
        'return "silence" if now - self.heard_at > self._patience.silence else None',
        "return None",
        "tests/scenarios/test_socket_link.py::test_a_deaf_connection_is_replaced",
    ),
    Bug(
        "a-storm-of-connections",
        "bot/socket_mode.py",
        "self._stop.wait(self._pause())",
        "pass",
        "tests/scenarios/test_socket_link.py::test_no_storm",
    ),
    Bug(
        "a-refused-token-is-green",
        "bot/heartbeat.py",
        "return self.state in REMEDIES",
        "return False",
        "tests/scenarios/test_token.py::test_a_refused_token_is_red",
    ),
    Bug(
        "an-outage-floods-the-log",
        "bot/notices.py",
        "is_news = not self._is_away and began > self._back_at",
        "is_news = True",
        "tests/faults/test_database_away.py",
    ),
    Bug(
        "a-digest-runs-by-local-wall-time",
        "bot/services/digests.py",
        "time.fromisoformat(self.hour_minute), self.zone).astimezone(UTC)",
        "time.fromisoformat(self.hour_minute), UTC)",
        "tests/properties/test_schedule.py",
    ),
    Bug(
        "a-digest-does-not-wait-for-lost-votes",
        "bot/jobs.py",
        "        self._freshen()\n        for request in requests:",
        "        for request in requests:",
        "tests/scenarios/test_digest_schedule.py::test_a_digest_waits_for_lost_votes",
    ),
    Bug(
        "forged-requests-pass",
        "bot/http.py",
        "if not is_signed(self._verifiers, environ, raw):",
        "if False:",
        "tests/scenarios/test_door.py::test_what_slack_did_not_sign",
    ),
    Bug(
        "a-garbled-time-stamp-reaches-bolt",
        "bot/http.py",
        "if not (timestamp.isascii() and timestamp.isdecimal() and len",
        "if False and (len",
        "tests/scenarios/test_door.py::test_what_slack_did_not_sign",
    ),
    Bug(
        "strangers-pass",
        "bot/app.py",
        'if deps.identity.get().is_from_us(team, enterprise, body.get("api_app_id")):',
        "if True:",
        "tests/scenarios/test_door.py::test_strangers",
    ),
    Bug(
        "fallback-texts-are-not-escaped",
        "bot/views/text.py",
        'return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")',
        "return text",
        "tests/scenarios/test_hostile_text.py",
    ),
    Bug(
        "bodies-in-the-log",
        "bot/logs.py",
        "return _redacted_dict(event)",
        "return event",
        "tests/unit/test_logs.py::test_people_s_words_are_removed_by_the_field_s_name",
    ),
    Bug(
        "anybody-edits-any-idea",
        "bot/services/ideas.py",
        "if idea.author_id != user_id:",
        "if False:",
        "tests/scenarios/test_refusals.py::test_only_the_author_changes_an_idea",
    ),
    Bug(
        "anybody-posts-digests",
        "bot/handlers/digests.py",
        '    if not may_see_digest(session, press.user_id):\n        return {"view": "only_leaders"}\n'
        "    week = _week(press.value.partition",
        "    week = _week(press.value.partition",
        "tests/scenarios/test_refusals.py::test_only_leaders_preview_and_post_digests",
    ),
    Bug(
        "a-deleted-card-loses-its-votes",
        "bot/services/waiting.py",
        "        _keep_votes(session, row.idea_id)\n",
        "",
        "tests/scenarios/test_outbox_command.py::test_a_deleted_card_is_posted_anew_with_its_votes",
    ),
    Bug(
        "a-notice-is-sent-twice",
        "bot/posts.py",
        "if channel_id.startswith(_PERSON):",
        "if False:",
        f"{_DELIVERY}::test_a_notice_whose_answer_is_lost_is_found_again",
    ),
    Bug(
        "a-missing-scope-stops-everything",
        "bot/sending.py",
        "self.lanes.stop((claim.call,), self.pace.blocked)",
        "self.lanes.stop(tuple(Call), 60)",
        f"{_DELIVERY}::test_a_missing_scope_stops_its_own_calls_only",
    ),
    Bug(
        "every-vote-updates-the-card",
        "bot/records.py",
        "return self.shown(claim, not_before=_in(self.pace.card))",
        "return self.shown(claim)",
        "tests/scenarios/test_votes.py::test_a_hot_card_is_updated_seldom",
    ),
    Bug(
        "small-groups-are-named",
        "bot/services/breadth.py",
        "if people >= SMALLEST_GROUP]",
        "if people]",
        "tests/scenarios/test_teams.py::test_four_of_a_team_are_not_told_of",
    ),
    Bug(
        "the-last-reader-is-told-again",
        "bot/services/readers.py",
        "DigestReader.user_id > str(run.told_through)",
        "DigestReader.user_id >= str(run.told_through)",
        "tests/scenarios/test_digest_readers.py::test_many_readers_are_told_in_parts_each_once",
    ),
    Bug(
        "a-copy-is-not-compared",
        "db/moving.py",
        "if table_name := _different(source, target):",
        "if table_name := None:",
        "tests/scenarios/test_move.py::test_a_copy_that_differs_is_undone",
    ),
)
