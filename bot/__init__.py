"""cxidea: a Slack bot with which every employee owns customer experience."""
