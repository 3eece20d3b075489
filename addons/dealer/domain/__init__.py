"""Pure rules and values of dealer."""
