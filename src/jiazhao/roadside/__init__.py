"""What the officer's terminal needs at the roadside: keys that open codes, and the time beacon."""
