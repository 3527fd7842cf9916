"""What would change an answer: the fewest changes of facts after which it is another one."""
