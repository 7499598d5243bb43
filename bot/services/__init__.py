"""The rules. They take a session, never commit and never see Slack."""
