"""The shop's tables -> every customer's label, in the database."""
