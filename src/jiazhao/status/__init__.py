"""Status lists: places for issued copies, and the signed lists that tell what became of them."""
