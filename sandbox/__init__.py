"""A Slack workspace in a box, for demonstrations, development and tests."""
