"""Stories told to every kind of installation; the test modules beside this folder choose which."""
