"""Tests of card acquiring."""
