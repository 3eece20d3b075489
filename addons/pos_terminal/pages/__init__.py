"""Console pages of card acquiring."""
