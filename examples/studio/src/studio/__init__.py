"""A small web server that ships with its own Python."""
