"""The sandbox workspace as a page in the browser."""
