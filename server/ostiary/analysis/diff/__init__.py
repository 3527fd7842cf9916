"""What a change of rules or definitions does to people: who gains, who loses, and what differs."""
