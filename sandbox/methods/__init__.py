"""The Web API's methods, one module for each family; importing this package registers them all."""

from sandbox.methods import channels, chat, history, reactions, team, users, views
from sandbox.methods.registry import METHODS, Call, Method

__all__ = ["METHODS", "Call", "Method", "channels", "chat", "history", "reactions", "team", "users", "views"]
