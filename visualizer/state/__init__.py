"""What the user has chosen and what is on show: observable models without Qt."""
