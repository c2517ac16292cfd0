"""Who the user is, as the memories tell: preferences, people, topics, weak points."""
