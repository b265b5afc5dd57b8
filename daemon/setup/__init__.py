"""Setting up: from an e-mail address to a config that works. The questions themselves are asked by
`fikad init`."""
