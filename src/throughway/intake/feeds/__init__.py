"""What is expected of a partner's files: the contract, how a file differs from it, where each feed stands, and the folder `feeds`."""
