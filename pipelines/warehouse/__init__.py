"""The warehouse: the catalogue as tables, and the ladder of SQL models built upon them."""
