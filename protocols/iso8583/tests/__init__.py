"""Tests of the ISO 8583 wire."""
