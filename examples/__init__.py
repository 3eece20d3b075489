"""Programs that speak to Sauda from outside. They import nothing of the house and may be copied."""
