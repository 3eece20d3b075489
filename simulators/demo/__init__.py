"""The demo: a newcomer's first two minutes, played by stand-ins against a real installation."""
