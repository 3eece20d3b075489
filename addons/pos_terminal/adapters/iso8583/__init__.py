"""The driver `iso8583`: Sauda's own terminal application speaks to the acquirer's host."""
