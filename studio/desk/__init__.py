"""What is done with wishes, whoever writes them: no page, no HTTP, no torch in here."""
