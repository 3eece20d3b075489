"""Stories of secrets, tokens and throttling."""
