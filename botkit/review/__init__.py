"""Reviews: what those who write a bot are told of it, by `botkit check`, `diff`, `evaluate` and `gaps`."""
