"""The agent beside the printers of an outlet: takes its print queue from the server and prints it."""
