"""Rules of card acquiring, without network and database."""
