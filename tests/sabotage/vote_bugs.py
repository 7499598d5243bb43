"""Known bugs in what people send: commands and forms that come twice, votes, and votes that were missed."""

from tests.sabotage.bug import Bug

VOTE_BUGS = (
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
        "bot/services/reactions.py",
        "        where=ReactionRow.event_ts < statement.excluded.event_ts,\n",
        "",
        "tests/scenarios/test_votes.py::test_deliveries_repeated_late_and_out_of_order_change_nothing",
    ),
    Bug(
        "a-lone-vote-is-written-on-what-was-seen",
        "bot/services/lone_votes.py",
        "*is_given(Person.user_id, Person.standing)",
        "*is_given(Person.user_id)",
        "tests/db/test_lone_votes.py::test_what_changes_in_between_is_seen",
    ),
    Bug(
        "a-card-is-looked-for-once",
        "bot/services/reactions.py",
        "        cards |= _cards_at(session, unknown)\n",
        "",
        "tests/db/test_vote_concurrency.py::test_a_reaction_that_crosses_with_its_card",
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
        "bot/services/support.py",
        "return self.user_id != self.idea.author_id and self.standing.may_vote",
        "return self.standing.may_vote",
        "tests/scenarios/test_votes.py::test_who_has_no_vote",
    ),
    Bug(
        "a-group-is-acknowledged-before-its-commit",
        "bot/group_commit.py",
        "        try:\n            self._commit(group)\n",
        "        for caller in group:\n            caller.is_done = True\n            caller.woken.set()\n"
        "        try:\n            self._commit(group)\n",
        "tests/db/test_group_commit.py::test_nobody_hears_before_their_commit",
    ),
    Bug(
        "one-bad-reaction-fails-the-crowd",
        "bot/group_commit.py",
        "if error and len(group) > 1 and not isinstance(error, DATABASE_AWAY):",
        "if False:",
        "tests/db/test_group_commit.py::test_what_the_database_does_not_take_fails_alone",
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
)
