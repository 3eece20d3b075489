"""What people see, looked at in a real browser."""
