"""Makes the pages of docs/reference from the code, so that none lacks what the code has."""
