"""Words of welcome."""

__all__ = ["welcome"]


def welcome(name: str) -> str:
    """The line with which a program greets."""
    return f"Welcome to {name} – type Python, or press Ctrl-D to leave."
