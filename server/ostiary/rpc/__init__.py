"""The server: the contract on one side, the decision core on the other."""
