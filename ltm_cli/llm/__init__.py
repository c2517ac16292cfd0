"""Language models: which there are (catalogue), how a prompt becomes tokens (chat), running one."""
