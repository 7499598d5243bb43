"""What a Slack request does: parse, guard, transaction, service, answer."""
