"""A stand-in for NCALayer with authorities of its own. Nothing real is signed."""
